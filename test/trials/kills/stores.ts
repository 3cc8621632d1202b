import { err, ok } from "neverthrow";
import type pg from "pg";
import type { Instant, LinkId, UserId } from "unified-contributions";
import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import { createReceiver } from "unified-contributions/ghec";
import type { UserLink } from "unified-contributions/ghes";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import type { RequestId, SessionId } from "unified-contributions/wire";
import { attemptOf, openLinkIn } from "../../support/consents.ts";
import { SENDING } from "../../support/ghec-states.ts";
import {
  accountOf,
  deliveryOf,
  FIRST_DAY,
  markedWindow,
  markOf,
  NOW,
  valueFrom,
} from "../../support/postgres/marked-reports.ts";
import { linkId, requestId } from "../../support/values.ts";
import type { Deed, Doer, State } from "./deed.ts";

export const USERS: readonly number[] = Array.from({ length: 20 }, (_, at) => at + 1);

const SENDER_SESSION = "session_of_the_sender" as SessionId;
const ALL = { connectionOrdinal: 1, now: NOW, after: null, limit: 1_000_000 };

/** Does deeds in a database, and reads what is stored in it. */
export interface Stores {
  /** Registers the servers, once. */
  begin(doers: readonly Doer[]): Promise<void>;
  /** Resolves when it has been acknowledged; rejects with the fault where it was not. */
  perform(doer: Doer, deed: Deed): Promise<void>;
  /** All that is stored of a doer. */
  read(doer: Doer): Promise<State>;
  /** The links that have ended, as the ledger has them. */
  ended(doers: readonly Doer[]): Promise<readonly number[]>;
}

/** Opens the stores of both sides in one schema. */
export function openStores(pool: pg.Pool, schema: string): Stores {
  const store = createPostgresReceiverStore({ client: pool, schema });
  const ledger = createPostgresLedger({ client: pool, schema });
  const sender = createPostgresSenderStore({ client: pool, schema });
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const receiver = createReceiver({ store, ledger, clock, random: createTestRandom(1) });

  async function registrationOf(doer: Doer) {
    const stored = await valueFrom(store.loadRegistration(doer as never));
    if (!stored) throw new Error(`${doer} is not registered.`);
    return stored;
  }

  async function deliver(doer: Doer, deed: Deed & { readonly type: "deliver" }): Promise<void> {
    const { value: registration } = await registrationOf(doer);
    const { lastRequestId } = registration.session;
    const follows = lastRequestId ? [lastRequestId] : [];
    const delivery = deliveryOf(
      deed.mark,
      deed.reports.map(linkId),
      { installation: registration.installation, withdrawals: deed.withdrawals.map(linkId) },
      follows,
    );
    const result = await valueFrom(store.applyDelivery(delivery));
    const outcomes = new Set(result?.reports.map(({ type }) => type));
    const withdrawn = new Set(result?.withdrawals.map(({ type }) => type));
    if ([...outcomes, ...withdrawn].some((type) => type !== "kept" && type !== "withdrawn"))
      throw new Error(`It was not kept but ${[...outcomes, ...withdrawn].join(", ")}.`);
  }

  /** Again where another doer, which reads the ledger for all servers, has moved this one's cursor in the meantime. */
  async function renew(doer: Doer): Promise<void> {
    for (;;) {
      const { value: registration, version } = await registrationOf(doer);
      const { epoch } = registration.featureSwitch;
      const renewed = { ...registration, featureSwitch: { epoch: epoch + 1, status: "on" } } as const;
      const commit = {
        expectedVersion: version,
        registration: renewed,
        hidesUnreported: false,
        ended: [],
        audit: [],
      };
      const committed = store.commitRegistration(commit).map(() => true);
      if (await valueFrom(committed.orElse((fault) => (isConflict(fault) ? ok(false) : err(fault))))) return;
    }
  }

  async function choose({ user, link, isOptIn }: Deed & { readonly type: "choose" }): Promise<void> {
    const { version } = await valueFrom(sender.loadLink(userId(user)));
    const consent = { linkId: linkId(link), epoch: 1 };
    const choice: UserLink = isOptIn
      ? {
          status: "sending",
          connectionOrdinal: 1,
          attempt: attemptOf(consent.linkId),
          connectedAt: NOW,
          consent,
          choice: 1,
          sendingAt: NOW,
        }
      : { status: "opted-out", optedOutAt: NOW };
    const withdrawal = { linkId: linkId(link), choice: null, connectionOrdinal: 1, requestedAt: NOW };
    const withdraw = isOptIn ? null : withdrawal;
    const commit = { expectedVersion: version, user: userId(user), link: choice, withdraw, audit: null };
    await valueFrom(sender.commitLink(commit));
  }

  async function prove({ users, mark, withdrawn }: Deed & { readonly type: "prove" }): Promise<void> {
    const { value, version } = await valueFrom(sender.loadServer());
    const reported = await Promise.all(
      users.map(async (user) => {
        const { link } = (await valueFrom(sender.loadLink(userId(user)))).value;
        if (link.status !== "sending") throw new Error("Only who sends is reported.");
        const window = markedWindow(mark);
        const times = { reportedAt: NOW, refreshAt: (NOW + 3_600_000) as Instant };
        return {
          user: userId(user),
          reported: {
            ...{ type: "kept" as const, linkId: link.consent.linkId, sessionId: SENDER_SESSION },
            ...{ choice: link.choice, changes: 0, window, ...times },
          },
        };
      }),
    );
    const receipt = { deletedAt: NOW, removed: null };
    await valueFrom(
      sender.commitServer({
        expectedVersion: version,
        server: { ...value, failures: value.failures + 1 },
        audit: null,
        reported,
        withdrawn: withdrawn.map((link) => ({
          ...{ linkId: linkId(link), choice: null, receipt, answeredAt: NOW, nextAskAt: null },
        })),
      }),
    );
  }

  async function readSender(): Promise<State> {
    const { value } = await valueFrom(sender.loadServer());
    const marks: Record<number, number> = {};
    const links: Record<number, number> = {};
    for (const user of USERS) {
      const { link, reported } = (await valueFrom(sender.loadLink(userId(user)))).value;
      if (link.status === "sending") links[user] = numberOf(link.consent.linkId);
      if (reported?.type === "kept") marks[user] = markOf(reported.window);
    }
    const waiting = (await valueFrom(sender.pendingWithdrawals(ALL))).map(({ linkId }) => numberOf(linkId));
    return { version: value.failures, marks, links, waiting };
  }

  return {
    begin: async (doers) => {
      for (const doer of doers) {
        const session = { ...SENDING.session, lastRequestId: requestId(1) as RequestId };
        const registration = { ...SENDING, installation: doer as never, session, readTo: null };
        const commit = { expectedVersion: 0, registration, hidesUnreported: false, ended: [], audit: [] };
        await valueFrom(store.commitRegistration(commit));
      }
    },

    perform: async (doer, deed) => {
      switch (deed.type) {
        case "open": {
          const { value: registration } = await registrationOf(doer);
          const { installation } = registration;
          const opening = { linkId: linkId(deed.link), installation, account: accountOf(deed.link), at: NOW };
          await valueFrom(openLinkIn(store, opening));
          return;
        }
        case "deliver":
          return await deliver(doer, deed);
        case "revoke":
          await valueFrom(receiver.revokeAuthorization(doer as never, accountOf(deed.link)));
          return;
        case "renew":
          return await renew(doer);
        case "sweep":
          await valueFrom(
            store.sweep({
              keep: { counts: FIRST_DAY, receipts: 0 as Instant, audit: 0 as Instant },
              limit: 20,
              at: NOW,
            }),
          );
          return;
        case "choose":
          return await choose(deed);
        case "prove":
          return await prove(deed);
      }
    },

    read: async (doer) => {
      if (doer === "sender") return await readSender();
      const { value: registration } = await registrationOf(doer);
      // Everything that is stored, and not only what is shown: so what should be gone is seen wherever it is.
      const { rows: both } = await pool.query<{ linkId: LinkId }>(
        `SELECT link AS "linkId" FROM ${schema}.links WHERE ended_to = 2147483647 AND counts IS NOT NULL`,
      );
      if (both[0]) throw new Error(`The link ${both[0].linkId} is deleted and has counts.`);
      const { rows } = await pool.query<{ linkId: LinkId; epoch: number }>(
        `SELECT link AS "linkId", epoch FROM ${schema}.links WHERE installation = $1 AND ended_to < 2147483647`,
        [doer],
      );
      const marks: Record<number, number> = {};
      for (const { linkId, epoch } of rows) {
        if (epoch !== registration.featureSwitch.epoch) continue;
        const number = numberOf(linkId);
        const shown = await valueFrom(store.loadShown(accountOf(number)));
        marks[number] = shown[0] ? markOf(shown[0].window) : 0;
      }
      return {
        version: registration.featureSwitch.epoch - SENDING.featureSwitch.epoch,
        marks,
        links: {},
        waiting: [],
      };
    },

    ended: async (doers) => {
      const ended: number[] = [];
      for (const doer of doers) {
        const installation = doer as never;
        for (let from = 1; ; ) {
          const page = await valueFrom(ledger.read({ installation, from, limit: 1_000 }));
          for (const { entry } of page) {
            if (entry.type === "links-ended") ended.push(...entry.links.map((link) => numberOf(link.linkId)));
          }
          const last = page.at(-1);
          if (!last) break;
          from = last.place.position + 1;
        }
      }
      return ended;
    },
  };
}

function isConflict({ type }: { readonly type: string }): boolean {
  return type === "version-conflict";
}

function userId(user: number): UserId {
  return `user-${user}` as UserId;
}

function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf("-") + 1));
}
