// The process that is deleted: several doers at once, each saying on standard output what it is about to do, and that it
// was acknowledged. It goes on until it is killed or its database is. Started by kill-again-and-again.ts.
import { writeSync } from "node:fs";
import pg from "pg";
import { createTestRandom } from "unified-contributions/testing";
import { after, type Deed, type Doer, type State } from "./deed.ts";
import { openStores, USERS } from "./stores.ts";

/** What a life of the load begins with. */
export interface Beginning {
  readonly connection: { readonly host: string; readonly user: string };
  readonly schema: string;
  readonly seed: number;
  /** No link and no mark from here on was ever used. */
  readonly next: number;
  readonly states: Readonly<Record<Doer, State>>;
}

/** A line of the load's output: a deed that begins, or the end of the last one of a doer. */
export type Line =
  | { readonly doer: Doer; readonly begun: Deed }
  | { readonly doer: Doer; readonly ended: "acknowledged" | string };

const MOST_LINKS = 60;

const beginning: Beginning = JSON.parse(process.argv[2] ?? "{}");
const random = createTestRandom(beginning.seed);
const pool = new pg.Pool({ ...beginning.connection, database: "postgres", max: 8 });
// A connection that ends while nobody uses it; who uses one is told.
pool.on("error", () => {});
const stores = openStores(pool, beginning.schema);
let { next } = beginning;

await Promise.all((Object.keys(beginning.states) as Doer[]).map(live));
await pool.end();

async function live(doer: Doer): Promise<void> {
  let state = beginning.states[doer];
  for (;;) {
    const deed = doer === "sender" ? senderDeed(state) : serverDeed(state);
    say({ doer, begun: deed });
    try {
      await stores.perform(doer, deed);
    } catch (error) {
      say({ doer, ended: error instanceof Error ? error.message : String(error) });
      return;
    }
    say({ doer, ended: "acknowledged" });
    state = after(state, deed);
  }
}

function serverDeed({ marks }: State): Deed {
  const links = shuffled(Object.keys(marks).map(Number));
  const dice = random.fraction();
  if (links.length < 5 || (links.length < MOST_LINKS && dice < 0.3)) return { type: "open", link: next++ };
  const [first = 0] = links;
  if (dice < 0.34) return { type: "revoke", link: first };
  if (dice < 0.35) return { type: "renew" };
  if (dice < 0.37) return { type: "sweep" };
  const withdrawals = dice < 0.5 ? links.slice(0, 3) : [];
  return { type: "deliver", mark: next++, reports: links.slice(3, 33), withdrawals };
}

function senderDeed({ links, waiting }: State): Deed {
  const users = shuffled(USERS);
  const sending = users.filter((user) => links[user] !== undefined);
  const dice = random.fraction();
  const [user = 1] = users;
  if (sending.length === 0 || dice < 0.5) {
    const link = links[user];
    return { type: "choose", user, link: link ?? next++, isOptIn: link === undefined };
  }
  return { type: "prove", mark: next++, users: sending.slice(0, 10), withdrawn: waiting.slice(0, 3) };
}

function shuffled(numbers: readonly number[]): readonly number[] {
  return numbers
    .map((number) => ({ number, at: random.fraction() }))
    .sort((one, other) => one.at - other.at)
    .map(({ number }) => number);
}

/** Before anything else happens: a line that was said has left this process. */
function say(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
