import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import {
  type AccountId,
  CONTRIBUTION_SOURCE,
  type InstallationId,
  type LinkId,
  okAsync,
} from "unified-contributions";
import { createHttpHandler, type HttpHandler } from "unified-contributions/adapters/http";
import {
  createRequestSigner,
  createRequestVerifier,
  type KeyDirectory,
} from "unified-contributions/adapters/http-signatures";
import {
  createPostgresLedger,
  createPostgresNonceStore,
  createPostgresReceiverStore,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver } from "unified-contributions/ghec";
import { openLinkAt } from "../../support/consents.ts";
import { createKey } from "../../support/signatures.ts";

/** How the database of a cloud is stuck for some of its servers. */
type Stuck =
  /** Another session has locked the rows of their registrations. */
  | "rows are locked"
  /** The store never sends their statements. */
  | "the store hangs before a statement"
  /** The store carries their statements out, and never says so. */
  | "the store hangs after a statement";

const STUCK: readonly Stuck[] = [
  "rows are locked",
  "the store hangs before a statement",
  "the store hangs after a statement",
];

/** The size of a run. */
export interface StuckOptions {
  readonly connection: pg.ClientConfig;
  /** A schema that has every part. */
  readonly schema: string;
  /** The servers that are answered all the time, and those that meet what is stuck. */
  readonly others: number;
  readonly victims: number;
  /** How often it is stuck in each way. */
  readonly rounds: number;
  readonly callTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
}

/** What it came to. */
export interface StuckFigures {
  /** How often the other servers got each answer while it was stuck. */
  readonly others: ReadonlyMap<string, number>;
  /** How often the victims got each answer while it was stuck, and afterwards. */
  readonly victims: ReadonlyMap<string, number>;
  readonly healed: ReadonlyMap<string, number>;
  /** Acknowledgements that were looked for in the database by another session. */
  readonly acknowledged: number;
  readonly slowestOtherMs: number;
  readonly shutdownMs: number;
  /** What the last request got, after the shutdown had begun. */
  readonly afterwards: string;
  readonly violations: readonly string[];
}

const ADDRESS = "https://cloud.example/unified-contributions";

/** The statements that hang: none, or those that name one of these servers, or all. */
interface Hanging {
  readonly names: (value: unknown) => boolean;
  readonly when: "before" | "after";
  /** Resolves when nothing is stuck any more. */
  readonly until: Promise<void>;
}

/** Lets a cloud over PostgreSQL get stuck in each way, again and again, while other servers report and withdraw. */
export async function runStuckDatabase(options: StuckOptions): Promise<StuckFigures> {
  const { connection, schema, callTimeoutMs, shutdownTimeoutMs } = options;
  // The numbers of docs/deploying.md, but for the time limits, which would end what is stuck.
  const pool = new pg.Pool({ ...connection, max: 20 });
  const observing = new pg.Pool({ ...connection, max: 4 });
  for (const each of [pool, observing]) each.on("error", () => undefined);
  let hanging: Hanging | null = null;
  /** How many statements hang. */
  let waiting = 0;
  const waitFor = async ({ until }: Hanging): Promise<void> => {
    waiting++;
    await until;
    waiting--;
  };
  const client: PostgresClient = {
    query: async (text, values) => {
      const stuck = hanging && values.some(hanging.names) ? hanging : null;
      if (stuck?.when === "before") await waitFor(stuck);
      const answer = await pool.query(text, values as unknown[]);
      if (stuck?.when === "after") await waitFor(stuck);
      return answer;
    },
  };
  const parts = { clock: systemClock, random: systemRandom };
  const receiver = createReceiver({
    store: createPostgresReceiverStore({ client, schema }),
    ledger: createPostgresLedger({ client, schema }),
    ...parts,
  });
  const keys = new Map<string, Awaited<ReturnType<typeof createKey>>>();
  const directory: KeyDirectory = { find: (keyId) => okAsync(keys.get(keyId)?.verification ?? null) };
  const nonces = createPostgresNonceStore({ client: pool, schema });
  const authenticate = createRequestVerifier({
    directory,
    nonces,
    clock: systemClock,
    publicUrl: "https://cloud.example",
  });
  const handler = createHttpHandler({ receiver, authenticate, callTimeoutMs, shutdownTimeoutMs });

  const seen = {
    store: createPostgresReceiverStore({ client: observing, schema }),
    ledger: createPostgresLedger({ client: observing, schema }),
  };
  const violations: string[] = [];
  let acknowledged = 0;

  /** Looks, from another session, for what an answer says. */
  async function look({ installation, record, marker, account, linkId }: Said): Promise<void> {
    acknowledged++;
    const shown = (await seen.store.loadShown(account))._unsafeUnwrap();
    if (record === "report") {
      const count = shown[0]?.window.counts.at(-1) ?? 0;
      if (count < marker) violations.push(`${installation} was told that ${marker} is kept, and ${count} is`);
      return;
    }
    const entries = (await seen.ledger.read({ installation, from: 1, limit: 10_000 }))._unsafeUnwrap();
    const isRecorded = entries.some(
      ({ entry }) => entry.type === "links-ended" && entry.links.some((link) => link.linkId === linkId),
    );
    if (shown.length > 0) violations.push(`${installation} was told of a deletion, and the counts are there`);
    if (!isRecorded) violations.push(`${installation} was told of a deletion that the ledger does not have`);
  }

  const links = 1 + STUCK.length * options.rounds;
  const settle = async (name: string) => {
    const installation = name as InstallationId;
    keys.set(name, await createKey("ed25519", name, installation));
    const session = await openSession(receiver, installation, links);
    const key = keys.get(name)?.signing;
    if (!key) throw new Error("The key is missing.");
    return createSpeaker(handler, { ...session, installation, key }, look);
  };
  const names = (kind: string, many: number) => Array.from({ length: many }, (_, n) => `${kind}-${n + 1}`);
  const others = await Promise.all(names("other", options.others).map(settle));
  const victims = await Promise.all(names("victim", options.victims).map(settle));
  const isVictim = (value: unknown): boolean => typeof value === "string" && value.startsWith("victim-");

  const tallies = {
    others: new Map<string, number>(),
    victims: new Map<string, number>(),
    healed: new Map<string, number>(),
  };
  let slowestOtherMs = 0;
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const stuck of STUCK) {
        const release = await getStuck(stuck, { observing, schema, isVictim }, (next) => {
          hanging = next;
        });
        let isOver = false;
        const reporting = others.map(async (speaker) => {
          for (let turn = 0; !isOver; turn++) {
            const { answer, tookMs } = await (turn === 1 ? speaker.withdraw() : speaker.report());
            count(tallies.others, answer);
            slowestOtherMs = Math.max(slowestOtherMs, tookMs);
            await sleep(100);
          }
        });
        await Promise.all(
          victims.map(async (victim) => {
            // As many as the handler gives up for one server, and one that is refused at once.
            const calls = [victim.report(), victim.withdraw(), victim.report(), victim.report()];
            for (const { answer } of await Promise.all(calls)) count(tallies.victims, answer);
            count(tallies.victims, (await victim.report()).answer);
          }),
        );
        isOver = true;
        await Promise.all(reporting);
        await release();
        // What was given up ends now, and some of it may have been carried out.
        for (const victim of victims)
          for (const repeat of [victim.report, victim.withdrawAgain])
            count(tallies.healed, await heal(repeat));
      }
    }
    // Now everything hangs for everybody, and the process is told to end.
    let letGo = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    hanging = { names: () => true, when: "before", until };
    const stuckCalls = [...others, ...victims].map((speaker) => speaker.report());
    while (waiting < stuckCalls.length) await sleep(10);
    const began = performance.now();
    await handler.shutdown();
    const shutdownMs = performance.now() - began;
    const afterwards = (await (others[0] ?? victims[0])?.report())?.answer ?? "";
    letGo();
    await Promise.all(stuckCalls);
    return { ...tallies, acknowledged, slowestOtherMs, shutdownMs, afterwards, violations };
  } finally {
    await Promise.all([pool.end(), observing.end()]);
  }
}

/** Repeats a request until the calls that were given up have ended. */
async function heal(request: () => Promise<{ readonly answer: string }>): Promise<string> {
  for (let tries = 0; ; tries++) {
    const { answer } = await request();
    if (answer.startsWith("delivered") || tries === 100) return answer;
    await sleep(50);
  }
}

function count(tally: Map<string, number>, answer: string): void {
  tally.set(answer, (tally.get(answer) ?? 0) + 1);
}

/** Gets the database stuck for the victims; answers how that ends. */
async function getStuck(
  stuck: Stuck,
  {
    observing,
    schema,
    isVictim,
  }: { readonly observing: pg.Pool; readonly schema: string; readonly isVictim: Hanging["names"] },
  hang: (hanging: Hanging | null) => void,
): Promise<() => Promise<void>> {
  if (stuck === "rows are locked") {
    const session = await observing.connect();
    await session.query("BEGIN");
    await session.query(`SELECT FROM ${schema}.registrations WHERE installation LIKE 'victim-%' FOR UPDATE`);
    return async () => {
      await session.query("ROLLBACK");
      session.release();
    };
  }
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  hang({ names: isVictim, when: stuck === "the store hangs before a statement" ? "before" : "after", until });
  return async () => {
    hang(null);
    letGo();
  };
}

/** What a server was told of one record. */
interface Said {
  readonly installation: InstallationId;
  readonly record: "report" | "withdraw";
  readonly marker: number;
  readonly account: AccountId;
  readonly linkId: LinkId;
}

interface Link {
  readonly account: AccountId;
  readonly linkId: LinkId;
}

type Answered = Promise<{ readonly answer: string; readonly tookMs: number }>;

/** A server that speaks: reports of its first link, each with a higher count, and withdrawals of the others. */
interface Speaker {
  report(): Answered;
  withdraw(): Answered;
  /** Withdraws the last link once more. */
  withdrawAgain(): Answered;
}

interface Session {
  readonly installation: InstallationId;
  readonly key: Awaited<ReturnType<typeof createKey>>["signing"];
  readonly sessionId: string;
  readonly last: string;
  readonly links: readonly Link[];
}

function createSpeaker(
  handler: HttpHandler,
  { installation, key, sessionId, last, links: [reported, ...links] }: Session,
  look: (said: Said) => Promise<void>,
): Speaker {
  const sign = createRequestSigner({ key: () => key, clock: systemClock, random: systemRandom });
  if (!reported) throw new Error("There is no link.");
  let follows = [last];
  let marker = 1;
  let withdrawn: Link = reported;

  async function deliver(record: Said["record"], { account, linkId }: Link): Answered {
    const requestId = randomUUID();
    const mine = ++marker;
    const body = new TextEncoder().encode(
      JSON.stringify({
        ...{ version: 1, requestId, type: "deliver", sessionId, follows: follows.slice(-32) },
        records: [record === "report" ? reportOf(linkId, mine) : { type: "withdraw", linkId, choice: null }],
      }),
    );
    follows.push(requestId);
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    const request = await sign(new Request(ADDRESS, init), body);
    const began = performance.now();
    const response = await handler(request);
    const tookMs = performance.now() - began;
    const answer = wordOf(response.status, await response.json());
    if (response.status === 200) {
      // A request that was sent later may be the last one by now.
      if (answer.startsWith("delivered")) follows = follows.slice(Math.max(0, follows.indexOf(requestId)));
      if (answer === "delivered kept" || answer.endsWith(" withdrawn"))
        await look({ installation, record, marker: mine, account, linkId });
    }
    return { answer, tookMs };
  }

  return {
    report: () => deliver("report", reported),
    withdraw: () => {
      withdrawn = links.pop() ?? withdrawn;
      return deliver("withdraw", withdrawn);
    },
    withdrawAgain: () => deliver("withdraw", withdrawn),
  };
}

/** A report of today alone. */
function reportOf(linkId: LinkId, count: number): object {
  const first = new Date(systemClock.now()).toISOString().slice(0, 10);
  return { type: "report", linkId, choice: 1, source: CONTRIBUTION_SOURCE, first, counts: [count] };
}

/** What an answer says in short: its type and its outcome, or the code of the problem. */
function wordOf(status: number, said: unknown): string {
  const { type, outcomes } = said as {
    readonly type: string;
    readonly outcomes?: readonly { readonly type: string }[];
  };
  if (status !== 200) return type.split(":").at(-1) ?? "";
  return [type, ...(outcomes ?? []).map((outcome) => outcome.type)].join(" ");
}

/** Connects a server, and opens its session and its links. */
async function openSession(
  receiver: Parameters<typeof openLinkAt>[0],
  installation: InstallationId,
  many: number,
): Promise<Pick<Session, "sessionId" | "last" | "links">> {
  const { session: vacant } = (await receiver.connectInstallation(installation))._unsafeUnwrap();
  const last = randomUUID();
  const off = { epoch: 0, status: "off" };
  const attach = { version: 1, requestId: last, type: "attach", replaces: vacant.id, featureSwitch: off };
  const attached = (await receiver.handle(installation, attach))._unsafeUnwrap();
  if (attached.type !== "attached") throw new Error("The session was not opened.");
  const enable = { version: 1, requestId: randomUUID(), type: "enable", after: 0 };
  (await receiver.handle(installation, enable))._unsafeUnwrap();
  const links: Link[] = [];
  for (let number = 0; number < many; number++) {
    const account = `${installation}-${number}` as AccountId;
    const { linkId } = await openLinkAt(receiver, installation, account);
    links.push({ account, linkId });
  }
  const { sessionId } = attached;
  const requestId = randomUUID();
  const records = links.map(({ linkId }) => reportOf(linkId, 1));
  const reported = { version: 1, requestId, type: "deliver", sessionId, follows: [last], records };
  (await receiver.handle(installation, reported))._unsafeUnwrap();
  return { sessionId, last: requestId, links };
}
