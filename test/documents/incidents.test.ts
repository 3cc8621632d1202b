import { readFileSync } from "node:fs";
import { errAsync, okAsync, type StorageFault } from "unified-contributions";
import {
  createHttpHandler,
  createHttpTransport,
  type HttpFetch,
  type HttpHandlerOptions,
} from "unified-contributions/adapters/http";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { LibraryEvent } from "unified-contributions/adapters/opentelemetry";
import {
  createPostgresLedger,
  createPostgresReceiverStore,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { createReceiver } from "unified-contributions/ghec";
import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { createGhec } from "../support/ghec-cloud.ts";
import { conflict, failing, garbled, throws } from "../support/ghes-interventions.ts";
import { type createGhesWorld, createSendingWorld, createWorldOf } from "../support/ghes-world.ts";
import { everyoneIs } from "../support/http-host.ts";
import { createPost, createSignedWire, SERVER_1 } from "../support/signatures.ts";
import { HQ, OCTO, OCTO_ACCOUNT, requestId, sessionId } from "../support/values.ts";

const document = readFileSync("docs/problems.md", "utf8");

type Tell = (event: LibraryEvent) => void;

/** Something that goes wrong in production, and how an operator hears of it. */
interface Incident {
  readonly what: string;
  /** Lets it go wrong. */
  run(onEvent: Tell): Promise<unknown>;
  readonly event: LibraryEvent["type"];
  /** What the event says in words, or in a field where it has no words. */
  readonly says: string;
}

function boom(): never {
  throw new Error("secret");
}

function never<Value>(): Promise<Value> {
  return new Promise(() => undefined);
}

/** A sync of a sender in whose world something was prepared. */
function syncing(prepare: (world: ReturnType<typeof createGhesWorld>) => void): Incident["run"] {
  return async (onEvent) => {
    const world = await createWorldOf(OCTO);
    prepare(world);
    return await createSender({ ...world.options, onEvent }).sync();
  };
}

/** A request, signed with a key on record, to a handler before a receiver that answers. */
function requesting(
  change: (wire: Awaited<ReturnType<typeof createSignedWire>>) => Partial<HttpHandlerOptions> | undefined,
): Incident["run"] {
  return async (onEvent) => {
    const wire = await createSignedWire();
    const body = new TextEncoder().encode('{"hello":"world"}');
    const signed = await wire.sign(createPost(), body);
    const changed = change(wire) ?? {};
    const receiver = { handle: () => okAsync({}) as never };
    const options = { receiver, authenticate: wire.verify, onEvent, ...changed };
    return await createHttpHandler(options)(signed);
  };
}

const ENABLE = { version: 1, requestId: requestId(1), type: "enable", after: 3 } as const;

function exchanging(fetch: HttpFetch): Incident["run"] {
  return async (onEvent) =>
    await createHttpTransport({ url: "https://cloud.example/", fetch, onEvent }).send(
      ENABLE,
      new AbortController().signal,
    );
}

function rejecting(code: string): HttpFetch {
  return () => Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: { code } }));
}

/** A statement of the ledger or of the store over a client that does this. */
function querying(query: PostgresClient["query"]): Incident["run"] {
  return async (onEvent) =>
    await createPostgresLedger({ client: { query }, onEvent, slowStatementMs: 5 }).loadDigest();
}

function refusing(code: string | null): PostgresClient["query"] {
  const message = code === null ? "timeout exceeded when trying to connect" : "refused";
  return () => Promise.reject(Object.assign(new Error(message), code === null ? {} : { code }));
}

const LOST: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The ledger is lost." };

const INCIDENTS: readonly Incident[] = [
  {
    what: "a store throws",
    run: syncing(({ store }) => store.on("dueLinks", throws)),
    event: "port-failed",
    says: "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.",
  },
  {
    what: "a store hangs",
    run: async (onEvent) => {
      const world = await createWorldOf(OCTO);
      const isAsked = new Promise<void>((resolve) =>
        world.store.on("dueLinks", () => {
          resolve();
          return okAsync(0).map(() => never()) as never;
        }),
      );
      const hanging = createSender({ ...world.options, onEvent }).sync();
      await isAsked;
      world.clock.advance(1_000);
      return await Promise.race([hanging, new Promise((resolve) => setImmediate(resolve))]);
    },
    event: "port-slow",
    says: "`isOver` is false; [calls.md](calls.md#when-a-part-hangs) says when the call is given up",
  },
  {
    what: "other processes keep writing first",
    run: syncing(({ store }) => store.on("commitServer", conflict)),
    event: "version-conflict",
    says: "one for each commit; after 20 in a row the fault says that others kept writing in between",
  },
  {
    what: "the source throws for one user",
    run: syncing(({ contributions }) =>
      contributions.set(OCTO, { type: "contributions", contributions: { [Symbol.iterator]: boom } }),
    ),
    event: "port-failed",
    says: "The contributions could not be read: give an iterable, or an async iterable of chunks, that does not throw.",
  },
  {
    what: "the source is away for one user",
    run: syncing(({ contributions }) =>
      contributions.set(OCTO, { type: "source-fault", message: "The index of this user is being rebuilt." }),
    ),
    event: "user-not-sent",
    says: "The index of this user is being rebuilt.",
  },
  {
    what: "the source throws for all users",
    run: syncing(({ source }) => source.on("read", throws)),
    event: "port-failed",
    says: "The source of contributions threw, or answered with something that is not a Result. Let it answer with a ResultAsync, and with a fault where it cannot read.",
  },
  {
    what: "the server's clock is ahead by days",
    run: syncing(({ wire }) =>
      wire.on(
        "deliver",
        garbled((answer) => ({ ...answer, outcomes: [{ type: "refused", reason: "clock-ahead" }] })),
      ),
    ),
    event: "user-not-sent",
    says: "clock-ahead",
  },
  {
    what: "another copy of the server runs",
    run: syncing(({ wire }) =>
      wire.on(
        "deliver",
        garbled((answer) => ({
          ...{ ...answer, type: "detached", outcomes: [{ type: "not-applied" }] },
          current: { id: sessionId("of-another-copy"), isVacant: false },
        })),
      ),
    ),
    event: "session-contested",
    says: "`current` is the session of the other copy; `takeOver` decides",
  },
  {
    what: "the receiver asks to come later",
    run: syncing(({ wire }) =>
      wire.on("deliver", failing({ reason: "busy", message: "Too many requests." })),
    ),
    event: "request-failed",
    says: "Too many requests.",
  },
  {
    what: "the epoch is too far ahead",
    run: async (onEvent) => {
      const world = await createSendingWorld();
      const supported = { first: 1, last: 1 };
      world.wire.on(
        "complete",
        garbled((answer) => {
          const { requestId: id } = answer as { readonly requestId: string };
          return { version: 1, type: "rejected", requestId: id, reason: "epoch-too-far", supported };
        }),
      );
      return await createSender({ ...world.options, onEvent }).sync();
    },
    event: "request-answered",
    says: "epoch-too-far",
  },
  {
    what: "the cloud cannot be reached",
    run: exchanging(rejecting("ECONNREFUSED")),
    event: "http-exchange-failed",
    says: "No connection, or it was cut before an answer came: check the network, the firewall and the proxy.",
  },
  {
    what: "TLS fails",
    run: exchanging(rejecting("CERT_HAS_EXPIRED")),
    event: "http-exchange-failed",
    says: "TLS failed: the certificate is not trusted here, has expired or is for another name. If a proxy inspects TLS or the authority is private, give its certificate to the server.",
  },
  {
    what: "a proxy answers with a page",
    run: exchanging(async () => new Response("", { status: 502, headers: { "content-type": "text/html" } })),
    event: "http-exchange-failed",
    says: "A web page answered (status 502): GitHub Enterprise Cloud, or a proxy before it, asks to come later.",
  },
  {
    what: "the key is not registered",
    run: requesting(({ keys }) => void keys.clear()),
    event: "http-request-refused",
    says: "The key is not registered, or was revoked: register the server's public key, or sign with a registered key.",
  },
  {
    what: "the signature has expired",
    run: requesting(({ clock }) => void clock.advance(3_600_000)),
    event: "http-request-refused",
    says: "The signature is too old: set the server's clock, and sign each attempt anew.",
  },
  {
    what: "the receiver's clock is behind",
    run: requesting(({ clock }) => void clock.advance(-3_600_000)),
    event: "http-request-refused",
    says: "The signature is from the future: set the server's clock, then send again.",
  },
  {
    what: "the receiver hangs",
    run: requesting(() => ({
      receiver: { handle: () => never() as never },
      // A time limit that a signature's verification might not meet on a busy machine.
      ...{ authenticate: everyoneIs(SERVER_1), callTimeoutMs: 20 },
    })),
    event: "http-request-refused",
    says: "The receiver did not answer within `callTimeoutMs`: look for locks in its storage, and give it shorter time limits.",
  },
  {
    what: "an installation sends too fast",
    run: async (onEvent) => {
      const receiver = { handle: () => okAsync({}) as never };
      const handler = createHttpHandler({
        ...{ receiver, authenticate: everyoneIs(SERVER_1), requestBurst: 1, requestsPerSecond: 1, onEvent },
      });
      return [await handler(createPost()), await handler(createPost())];
    },
    event: "http-request-refused",
    says: "The installation has no place or no token left (`maxConcurrent`, `maxConcurrentEach`, `requestsPerSecond`, `requestBurst`).",
  },
  {
    what: "the ledger cannot be read",
    run: async (onEvent) => {
      const { options } = createGhec({ brokenLedger: { loadDigest: () => errAsync(LOST) } });
      return await createReceiver({ ...options, onEvent }).reconcile();
    },
    event: "reconciliation-failed",
    says: "The ledger is lost.",
  },
  {
    what: "the store has lost its last commits",
    run: async (onEvent) => {
      const cloud = createGhec();
      await cloud.startSending();
      await cloud.open();
      const store = createMemoryReceiverStore(cloud.store.snapshot());
      (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
      return await createReceiver({ ...cloud.options, store, onEvent }).reconcile();
    },
    event: "ledger-reconciled",
    says: "`entries` says how many were lost, and are applied again",
  },
  {
    what: "the store is older than what the ledger kept",
    run: async (onEvent) => {
      const cloud = createGhec();
      await cloud.startSending();
      await cloud.open();
      const store = createMemoryReceiverStore(cloud.store.snapshot());
      for (let deletion = 0; deletion < 2; deletion++) {
        (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
        await cloud.open();
      }
      (await cloud.ledger.prune(HQ, 2))._unsafeUnwrap();
      return await createReceiver({ ...cloud.options, store, onEvent }).reconcile();
    },
    event: "installation-cut-off",
    says: "`installation` is switched off, until its owner turns GitHub Connect off and on",
  },
  {
    what: "the clock of a sweep jumps",
    run: async (onEvent) => {
      const { options, clock } = createGhec();
      const receiver = createReceiver({ ...options, onEvent });
      (await receiver.sweep())._unsafeUnwrap();
      clock.advance(9 * 86_400_000);
      return await receiver.sweep();
    },
    event: "sweep-doubted",
    says: "`lastAt` and `at` are far apart; one that runs an hour later has to agree",
  },
  {
    what: "row-level security hides rows",
    run: async (onEvent) =>
      await createPostgresReceiverStore({ client: { query: refusing("22012") }, onEvent }).loadShown(
        OCTO_ACCOUNT,
      ),
    event: "statement-failed",
    says: "Row-level security, a trigger or a rule would hide rows or leave them as they are, so nothing was done: run unified-contributions migrate check. The option isDistributed needs Citus, with standard_conforming_strings on.",
  },
  {
    what: "PostgreSQL has no connection left",
    run: querying(refusing("53300")),
    event: "statement-failed",
    says: "The server has no connection left: make the pool smaller or allow more connections.",
  },
  {
    what: "the pool is exhausted",
    run: querying(refusing(null)),
    event: "statement-failed",
    says: "The server cannot be reached or its answer was lost, on the way or in the driver. Whether the last write was applied is unknown, so load before trying again.",
  },
  {
    what: "a statement is slow",
    run: querying(async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { rows: [{ entries: "7" }], rowCount: 1 };
    }),
    event: "statement-slow",
    says: "`statement` and `durationMs` say which and how long; look for locks",
  },
];

/** Every text that an event has to say. */
function sentencesOf(event: LibraryEvent): readonly unknown[] {
  const { fault, why, message, detail, reason } = event as unknown as Readonly<Record<string, unknown>>;
  return [(fault as { readonly message?: unknown } | undefined)?.message, why, message, detail, reason];
}

describe("what goes wrong in production is told", () => {
  it.each(INCIDENTS)("$what: $event", async ({ what, run, event, says }) => {
    const told: LibraryEvent[] = [];

    await run((each) => told.push(each));

    const found = told.filter(({ type }) => type === event);
    expect(found.length).toBeGreaterThan(0);
    const sentences = found.flatMap(sentencesOf).filter((sentence) => typeof sentence === "string");
    // Where an event has no words, the table explains a field.
    if (says.includes("`is") || sentences.length === 0)
      expect(Object.keys(found[0] ?? {})).toContain(/`(\w+)`/.exec(says)?.[1] ?? "port");
    else expect(sentences).toContain(says);
    expect(document).toContain(`\n| ${what} | \`${event}\` | ${says} |\n`);
  });

  it("and the document has no other rows", () => {
    const [, table = ""] = document.split("# What goes wrong, and how it shows");

    expect(table.match(/^\| .* \| `[a-z-]+` \|/gm)).toHaveLength(INCIDENTS.length);
  });
});
