// You will see our own ledger of deletions, kept in a file, go through the contract that every ledger has to keep, rule
// by rule. A contract is a list of checks and brings no test runner. In your test runner, each check is a test:
//
//   for (const { rule, title, run } of ledgerContract) test(`${rule} ${title}`, () => run(makeLedger));
//
// `senderStoreContract`, `receiverStoreContract` and `transportContract` are used the same way.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ledgerContract } from "unified-contributions/testing";
import { createFileLedger } from "./file-ledger.ts";

const folder = mkdtempSync(join(tmpdir(), "ledger-"));
let ledgers = 0;
/** Each check gets a ledger that remembers nothing of another. */
const makeLedger = () => createFileLedger(join(folder, `${++ledgers}.jsonl`));

const rules = new Set<string>();
for (const { rule, run } of ledgerContract) {
  // Where a rule is broken this rejects, with a sentence that names it.
  await run(makeLedger);
  rules.add(rule);
}
rmSync(folder, { recursive: true });
for (const rule of rules) console.log(`${rule} holds.`);

// L1 holds.
// L2 holds.
// L3 holds.
// L4 holds.
// L5 holds.
