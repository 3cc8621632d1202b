// npm run trial -- timing [--rounds N]
//
// Measures whether a server can tell by the time of an answer that another server's link exists. It names links of
// three kinds in turn, in reports and in withdrawals. It times the handler from Request to Response in process, where
// nothing blurs it, over 5,000 rounds unless told. Ends with 1 if a listener with two answers would guess right in more
// than 52 of 100 tries.
import { parseArgs } from "node:util";
import type { AccountId } from "unified-contributions";
import { openLinkAt } from "../../test/support/consents.ts";
import {
  createHostileWorld,
  deliver,
  encoded,
  type HostileWorld,
  postOf,
  reportOf,
} from "../../test/trials/hostile/world.ts";

const MAX_SHARE_RIGHT = 0.52;
const WARM_UP_ROUNDS = 300;

const rounds = readRounds();
const world = await createHostileWorld(1);
const deletedLinkId = await deletedLink(world);
const KINDS: Readonly<Record<string, () => string>> = {
  "another server's": () => world.victim.linkId,
  "another server's, deleted": () => deletedLinkId,
  "nobody's": () => world.random.id(),
};

for (const type of ["report", "withdraw"]) {
  const times = await measure(type);
  const nobodys = times.get("nobody's") ?? [];
  for (const [kind, ofKind] of times) {
    const right = probabilityToTell(ofKind, nobodys);
    const verdict = right <= MAX_SHARE_RIGHT ? "" : "  TOO MUCH";
    const median = `median ${(medianOf(ofKind) * 1000).toFixed(1)} µs`;
    console.log(
      `${type.padEnd(9)}${kind.padEnd(24)}${median}  told from nobody's: ${(right * 100).toFixed(1)} %${verdict}`,
    );
    if (verdict !== "") process.exitCode = 1;
  }
}

/** Returns the times of this many answers of each kind, in milliseconds. The kinds take turns at being first. */
async function measure(type: string): Promise<ReadonlyMap<string, number[]>> {
  const kinds = Object.entries(KINDS);
  const times = new Map(kinds.map(([kind]) => [kind, [] as number[]]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (let turn = 0; turn < kinds.length; turn++) {
      const [kind, linkId] = kinds[(turn + round + WARM_UP_ROUNDS) % kinds.length] ?? ["", () => ""];
      const took = await timeOf(type, linkId());
      if (round >= 0) times.get(kind)?.push(took);
    }
  }
  return times;
}

async function timeOf(type: string, linkId: string): Promise<number> {
  const record = type === "report" ? reportOf(linkId) : { type, linkId, choice: 1 };
  const body = encoded(deliver(world, record));
  const request = await world.signerOf("key-ed25519")(postOf(body), body);
  const startedMs = performance.now();
  const response = await world.handler(request);
  const tookMs = performance.now() - startedMs;
  if (response.status !== 200) throw new Error(`The handler answered with ${response.status}.`);
  world.hostile.last = world.lastRequest();
  return tookMs;
}

/**
 * Returns how many times the better of two guesses is right, for one time of each list; a half if they cannot be told
 * apart.
 */
function probabilityToTell(some: readonly number[], others: readonly number[]): number {
  const all = [
    ...some.map((time) => ({ time, isSome: true })),
    ...others.map((time) => ({ time, isSome: false })),
  ].sort((a, b) => a.time - b.time);
  let ranks = 0;
  for (const [rank, { isSome }] of all.entries()) if (isSome) ranks += rank + 1;
  const later = (ranks - (some.length * (some.length + 1)) / 2) / (some.length * others.length);
  return some === others ? 0.5 : Math.max(later, 1 - later);
}

function medianOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

/** Returns a link of another server that was live once. */
async function deletedLink({ receiver, victim }: HostileWorld): Promise<string> {
  const { linkId } = await openLinkAt(receiver, victim.installation, "account-of-another" as AccountId);
  (await receiver.revokeAuthorization(victim.installation, "account-of-another" as never))._unsafeUnwrap();
  return linkId;
}

function readRounds(): number {
  const { values } = parseArgs({ options: { rounds: { type: "string" } } });
  const rounds = Number(values.rounds ?? 5_000);
  if (Number.isSafeInteger(rounds) && rounds >= 1) return rounds;
  console.error("Say how many rounds: npm run trial -- timing --rounds 5000");
  return process.exit(1);
}
