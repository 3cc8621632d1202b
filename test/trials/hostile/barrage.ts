import { createDice, type Dice, type Shot } from "./shot.ts";
import { mistime, SECRET, spoil } from "./spoiling.ts";
import { replay, tamper } from "./tampering.ts";
import {
  createHostileWorld,
  encoded,
  envelope,
  type HostileWorld,
  outcomeOf,
  postOf,
  report,
} from "./world.ts";

/** What a barrage of hostile requests came to. */
export interface Barrage {
  /** How often what was done, and how it was answered. */
  readonly tally: ReadonlyMap<string, number>;
  /** The worst time from request to answer, in milliseconds, by what was done. */
  readonly slowestMs: ReadonlyMap<string, number>;
  /** The longest answer, in characters, its headers included. */
  readonly longestAnswer: number;
  /** Where something was not as it has to be; empty if all is well. */
  readonly breaches: readonly string[];
}

const MOST_BREACHES = 20;

/**
 * Sends so many hostile requests at the handler, one after the other. The seed repeats what is done to them; keys and the
 * signatures of ECDSA and RSA are new each time.
 */
export async function runBarrage(requests: number, seed: number): Promise<Barrage> {
  const world = await createHostileWorld(seed);
  const dice = createDice(world);
  const taken = await takeSome(world);
  const secrets = [SECRET, world.victim.linkId, world.victim.sessionId, world.victim.installation];
  const tally = new Map<string, number>();
  const slowestMs = new Map<string, number>();
  const breaches: string[] = [];
  let longestAnswer = 0;
  const onRejection = (): void => {
    breaches.push("a rejection that nobody handled");
  };
  process.on("unhandledRejection", onRejection);
  try {
    for (let sent = 0; sent < requests && breaches.length < MOST_BREACHES; sent++) {
      const shot = await nextShot(world, dice, taken);
      const before = world.stored({ chain: !shot.isChained });
      const startedMs = performance.now();
      const response = await world.handler(shot.request);
      const tookMs = performance.now() - startedMs;
      const text = JSON.stringify([...response.headers]) + (await response.clone().text());
      longestAnswer = Math.max(longestAnswer, text.length);
      if (secrets.some((secret) => text.includes(secret)))
        breaches.push(`request ${sent}: ${shot.what} was repeated in its answer`);
      const outcome = await outcomeOf(response);
      const line = `${shot.what} → ${outcome}`;
      tally.set(line, (tally.get(line) ?? 0) + 1);
      slowestMs.set(shot.what, Math.max(slowestMs.get(shot.what) ?? 0, tookMs));
      if (!shot.answers.includes(outcome))
        breaches.push(`request ${sent}: ${line}, expected ${shot.answers.join(", ")}`);
      if (world.stored({ chain: !shot.isChained }) !== before)
        breaches.push(`request ${sent}: ${line} changed something`);
      world.hostile.last = world.lastRequest();
    }
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  const honest = await world.say("key-ed25519", report(world));
  if (JSON.stringify(honest["outcomes"]) !== '[{"type":"kept"}]')
    breaches.push("an honest report is not kept any more");
  return { tally, slowestMs, longestAnswer, breaches };
}

/** Of ten requests five are tampered with, four come from a hostile server, one is from another time. */
function nextShot(world: HostileWorld, dice: Dice, taken: readonly Request[]): Promise<Shot> | Shot {
  const kind = dice.below(20);
  if (kind < 9) return tamper(world, dice);
  if (kind < 17) return spoil(world, dice);
  return kind < 18 ? mistime(world, dice) : replay(taken, dice);
}

/** Honest requests that change nothing and were taken. */
async function takeSome(world: HostileWorld): Promise<readonly Request[]> {
  const taken: Request[] = [];
  for (const keyId of ["key-ed25519", "key-ecdsa", "key-rsa", "key-victim"]) {
    const body = encoded(envelope("enable", world.random.id(), { after: 0 }));
    const request = await world.signerOf(keyId)(postOf(body), body);
    taken.push(request.clone());
    await world.handler(request);
  }
  return taken;
}
