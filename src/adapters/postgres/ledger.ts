import type { EndedLink } from "../../domain/receipt.ts";
import { digestOf } from "../../ghec/ledger.ts";
import type { DeletionLedger, LedgerCursor, LedgerEntry, RecordedEntry } from "../../ghec/ports.ts";
import type { Row } from "./client.ts";
import { endedArrays, endedLinkIn } from "./ended-links.ts";
import { guardOf } from "./guard.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { qualify } from "./qualify.ts";
import { asText, numberIn, numberOrNullIn, textIn } from "./read-row.ts";
import { statementsOf } from "./run-statement.ts";
import { watchClient } from "./watch-client.ts";

/**
 * Returns a ledger of deletions in PostgreSQL. It has to survive every restore and failover of the receiver's store.
 * Keep it on a server of its own, with its own backups, and never inside a transaction of the host.
 *
 * @throws TypeError if an option is wrong, which is a mistake in the program
 */
export function createPostgresLedger(options: PostgresOptions): DeletionLedger {
  const { schema, isDistributed } = checkOptions("createPostgresLedger", options);
  const statements = ledgerStatements(schema, isDistributed);
  const run = statementsOf(watchClient("createPostgresLedger", options, "ledger", { ...statements }));
  return {
    append: (entry, entryId) =>
      run(statements.append, valuesOf(entry, entryId), ([row = {}]) => ({
        position: numberIn(row, "position"),
        entryId,
      })),

    read: ({ installation, from, limit }) =>
      run(statements.read, [installation, from, limit], (rows) =>
        rows.map(
          (row): RecordedEntry => ({
            place: { position: numberIn(row, "position"), entryId: textIn(row, "entry_id") },
            entry: entryIn(row, installation),
          }),
        ),
      ),

    loadHeads: ({ after, limit }) =>
      run(statements.loadHeads, [after ?? "", limit], (rows) =>
        rows.map(
          (row): LedgerCursor => ({
            installation: textIn(row, "installation"),
            readTo: { position: numberIn(row, "position"), entryId: textIn(row, "entry_id") },
          }),
        ),
      ),

    loadDigest: () => run(statements.loadDigest, [], ([row = {}]) => textIn(row, "digest")),

    prune: (installation, below) =>
      run(statements.prune, [installation, below], ([row = {}]) => numberIn(row, "pruned")).map(
        () => undefined,
      ),
  };
}

/** The statements of the ledger in one schema. */
export interface LedgerStatements {
  readonly append: string;
  readonly read: string;
  readonly loadHeads: string;
  readonly loadDigest: string;
  readonly prune: string;
}

/** Returns the statements for a schema, which is quoted already. `$1` is the installation if there is one. */
export function ledgerStatements(schema: string, isDistributed: boolean): LedgerStatements {
  const { obeys, seeingAllRows } = guardOf(isDistributed);
  const heads = `${schema}.ledger_heads`;
  const entries = `${schema}.ledger_entries`;
  const obeyed = obeys(heads, entries);
  const read = (query: string): string => qualify(seeingAllRows(query, heads, entries));
  return {
    // Another append for the same installation waits for the head until this entry is committed.
    append: qualify(`
WITH head AS (
  INSERT INTO ${heads} AS h (installation, position, entry_id, digest) SELECT $1, 1, $2, $11
  ON CONFLICT (installation) DO UPDATE SET
    position = h.position + 1, entry_id = EXCLUDED.entry_id, digest = EXCLUDED.digest
  RETURNING h.position
), written AS (
  INSERT INTO ${entries} (installation, position, entry_id, type, epoch, disabled_at, links, ended_to, ended_at,
    removed_first, removed_last)
  SELECT $1, head.position, $2, $3, $4::int4, $5::int8, $6::text[], $7::int4[], $8::int8[], $9::int4[], $10::int4[] FROM head
  RETURNING position
)
SELECT ${asText("position")} FROM written WHERE ${obeyed}`),

    read: read(`
SELECT entry_id, type, ${asText("position", "epoch", "disabled_at")}, ${asLists("links", "ended_to", "ended_at", "removed_first", "removed_last")}
FROM ${entries} AS e WHERE e.installation = $1 AND e.position >= $2 ORDER BY e.position LIMIT $3`),

    loadHeads: read(`
SELECT installation, ${asText("position")}, entry_id FROM ${heads} AS h
WHERE h.installation > $1 ORDER BY h.installation LIMIT $2`),

    loadDigest: read(`SELECT COALESCE(bit_xor(digest), 0)::text AS digest FROM ${heads}`),

    prune: qualify(`
WITH pruned AS (
  DELETE FROM ${entries} AS e USING ${heads} AS h
  WHERE e.installation = $1 AND h.installation = $1 AND e.position < $2 AND e.position < h.position
  RETURNING 1
)
SELECT count(*)::text AS pruned FROM pruned WHERE ${obeyed}`),
  };
}

/** Returns arrays as lists with commas. No element has a comma, and a null is an empty element. */
function asLists(...columns: readonly string[]): string {
  return columns.map((column) => `array_to_string(${column}, ',', '') AS ${column}`).join(", ");
}

function valuesOf(entry: LedgerEntry, entryId: string): readonly unknown[] {
  const values =
    entry.type === "links-ended"
      ? [null, null, ...endedArrays(entry.links)]
      : [entry.epoch, entry.disabledAt, null, null, null, null, null];
  const place = { position: 1, entryId };
  return [entry.installation, entryId, entry.type, ...values, digestOf([place])];
}

function entryIn(row: Row, installation: LedgerEntry["installation"]): LedgerEntry {
  const type = textIn<LedgerEntry["type"]>(row, "type");
  switch (type) {
    case "epochs-off":
      return {
        type,
        installation,
        epoch: numberIn(row, "epoch"),
        disabledAt: numberOrNullIn(row, "disabled_at"),
      };
    case "links-ended":
      return { type, installation, links: linksIn(row) };
  }
  throw new TypeError("no type of an entry");
}

function linksIn(row: Row): readonly EndedLink[] {
  const listOf = (column: string): readonly string[] => textIn(row, column).split(",");
  const [endedTo, endedAt] = [listOf("ended_to"), listOf("ended_at")];
  const [firstDays, lastDays] = [listOf("removed_first"), listOf("removed_last")];
  return listOf("links").map((linkId, index) =>
    endedLinkIn({
      link: linkId,
      ended_to: endedTo[index],
      ended_at: endedAt[index],
      removed_first: firstDays[index] || null,
      removed_last: lastDays[index] || null,
    }),
  );
}
