import pg from "pg";
import type { AccountId, InstallationId, LinkId } from "unified-contributions";
import { createPostgresLedger, createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import type { Answer } from "unified-contributions/wire";
import { openLinkAt } from "../../support/consents.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres/server.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";

/** What was lost and what was found. */
export interface Tally {
  readonly failovers: number;
  /** How many links' deletions were acknowledged. */
  readonly acknowledged: number;
  /** How many ends of a choice were acknowledged whose link lived on. */
  readonly optedOut: number;
  /** How many of both had not ended in the database right after a failover. */
  readonly lost: number;
  /** How many accounts were shown although all was acknowledged as deleted, once a look was due. */
  readonly shown: number;
  /** From the return of the database until it agreed with the ledger, in milliseconds, at the longest. */
  readonly slowestMs: number;
  /** How many consents were looked for that were stored before a copy was taken and that nobody had ended. */
  readonly kept: number;
  /** One sentence each. */
  readonly violations: readonly string[];
}

/** A link, and what its user chose under it. */
interface Choosing {
  readonly linkId: LinkId;
  /** The present choice to send, or the next one if the user has opted out. */
  readonly choice: number;
  readonly isSending: boolean;
}

/** One server at the receiver, as it remembers itself. */
interface Remote {
  readonly installation: InstallationId;
  sessionId: string | null;
  follows: readonly string[];
  epoch: number;
  /** Who is connected, and under which link. */
  readonly links: Map<AccountId, Choosing>;
  /** Those whose consents were stored and reported when the copy was taken. */
  safe: ReadonlySet<AccountId>;
}

const INSTALLATIONS = ["hq", "lab", "shop"] as InstallationId[];
/** How many deeds each server does before the copy is taken, and between it and the failover. */
const DEEDS = 25;
const TODAY = "2026-03-01";
/** The end of a link ends every choice. */
const LINK_ITSELF = 2_147_483_647;

/**
 * Does deeds, keeps a copy of the database, does more, kills the database and goes back to the copy. The receiver and the
 * ledger, which has a server of its own, go on, and nobody is told.
 */
export async function failOverAgainAndAgain(
  failovers: number,
  seed: number,
  { isLedgerLostToo = false } = {},
): Promise<Tally> {
  const random = createTestRandom(seed);
  const servers = await Promise.all([startPostgres(18), startPostgres(18)]);
  const [stored, written] = servers;
  const pools = servers.map(({ connection }) => {
    const pool = new pg.Pool({ ...connection, database: "postgres", max: 5 });
    pool.on("error", () => {});
    return pool;
  });
  const [storePool, ledgerPool] = pools as [pg.Pool, pg.Pool];
  const tally = { failovers: 0, acknowledged: 0, optedOut: 0, lost: 0, shown: 0, slowestMs: 0, kept: 0 };
  const violations: string[] = [];
  /** Of each account and each link the last choice that was acknowledged as ended. An account has one link in its life. */
  const ended = new Map<AccountId, number>();
  const dead = new Map<LinkId, number>();
  try {
    const schema = await freshSchema(databaseOver(storePool), "receiver");
    const ledgerSchema = await freshSchema(databaseOver(ledgerPool), "ledger");
    const clock = createTestClock(`${TODAY}T12:00:00Z`);
    const receiver = createReceiver({
      store: createPostgresReceiverStore({ client: storePool, schema }),
      ledger: createPostgresLedger({ client: ledgerPool, schema: ledgerSchema }),
      clock,
      random,
    });
    const remotes = INSTALLATIONS.map(
      (installation): Remote => ({
        ...{ installation, sessionId: null, follows: [], epoch: 0 },
        ...{ links: new Map(), safe: new Set() },
      }),
    );

    for (; tally.failovers < failovers && violations.length === 0; tally.failovers++) {
      await Promise.all(remotes.map((remote) => live(receiver, remote)));
      for (const remote of remotes) remote.safe = new Set(remote.links.keys());
      await restart(stored, () => stored.keepData());
      if (isLedgerLostToo) await restart(written, () => written.keepData());
      await Promise.all(remotes.map((remote) => live(receiver, remote)));
      await restart(stored, () => stored.loseData());
      if (isLedgerLostToo) await restart(written, () => written.loseData());

      tally.lost += await countLiving(schema);
      clock.advance(60_001);
      for (const [account, choice] of ended) {
        if ((await choicesShownOf(receiver, account)).every((shown) => shown > choice)) continue;
        tally.shown++;
        violations.push(`Something is shown of ${account}, which was acknowledged as deleted.`);
      }
      const returned = performance.now();
      (await receiver.reconcile())._unsafeUnwrap();
      tally.slowestMs = Math.max(tally.slowestMs, Math.ceil(performance.now() - returned));
      const left = await countLiving(schema);
      if (left > 0) violations.push(`${left} links or choices live that were acknowledged as deleted.`);
      for (const remote of remotes) await lookForConsents(receiver, remote);
    }
    return { ...tally, violations };
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
    await Promise.all(servers.map((server) => server.stop()));
  }

  async function live(receiver: Receiver, remote: Remote): Promise<void> {
    for (let deed = 0; deed < DEEDS; deed++) {
      const accounts = [...remote.links.keys()];
      const account = accounts[Math.floor(random.fraction() * accounts.length)];
      const dice = random.fraction();
      await attached(receiver, remote);
      if (!account || dice < 0.4) await open(receiver, remote);
      else if (dice < 0.5) await withdraw(receiver, remote, account);
      else if (dice < 0.65) await choose(receiver, remote, account);
      else if (dice < 0.75) {
        (await receiver.revokeAuthorization(remote.installation, account))._unsafeUnwrap();
        forget(remote, account);
      } else if (dice < 0.85) {
        (await receiver.deleteAccount(account))._unsafeUnwrap();
        forget(remote, account);
      } else if (dice < 0.855) await renew(receiver, remote);
      else if (dice < 0.86) {
        (await receiver.disconnectInstallation(remote.installation))._unsafeUnwrap();
        remote.epoch++;
        forgetAll(remote);
      } else await report(receiver, remote);
    }
    await attached(receiver, remote);
    await report(receiver, remote);
  }

  /** Gets a session, and the feature on, whatever the receiver has forgotten. */
  async function attached(receiver: Receiver, remote: Remote): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      if (remote.sessionId !== null) {
        const answer = await say(receiver, remote, { type: "complete", ...session(remote), heardTo: null });
        if (answer.type === "completed") {
          remote.follows = [answer.requestId];
          if (answer.featureSwitch.status === "on" && answer.featureSwitch.epoch === remote.epoch) return;
          remote.epoch = Math.max(remote.epoch, answer.featureSwitch.epoch);
          if (answer.featureSwitch.status === "off") {
            const enabled = await say(receiver, remote, {
              type: "enable",
              after: answer.featureSwitch.epoch,
            });
            if ("featureSwitch" in enabled) remote.epoch = enabled.featureSwitch.epoch;
            forgetAll(remote);
            continue;
          }
        }
      }
      // Whatever stands is its own: there is no other copy.
      const refused = await attach(receiver, remote, null);
      if (refused.type === "attach-refused") await attach(receiver, remote, refused.current.id);
    }
    throw new Error(`${remote.installation} could not attach.`);
  }

  async function attach(receiver: Receiver, remote: Remote, replaces: string | null): Promise<Answer> {
    const status = remote.epoch > 0 && remote.links.size > 0 ? "on" : "off";
    const featureSwitch = { epoch: remote.epoch, status };
    const answer = await say(receiver, remote, { type: "attach", replaces, featureSwitch });
    if (answer.type === "attached") {
      remote.sessionId = answer.sessionId;
      remote.follows = [answer.requestId];
    }
    if ("featureSwitch" in answer && answer.featureSwitch.epoch > remote.epoch) {
      remote.epoch = answer.featureSwitch.epoch;
    }
    return answer;
  }

  async function open(receiver: Receiver, remote: Remote): Promise<void> {
    const account = `account-${random.id()}` as AccountId;
    const opened = await openLinkAt(receiver, remote.installation, account).catch(() => null);
    if (!opened) return;
    remote.links.set(account, { linkId: opened.linkId, choice: 1, isSending: true });
    await report(receiver, remote);
  }

  async function report(receiver: Receiver, remote: Remote): Promise<void> {
    const sending = [...remote.links].filter(([, { isSending }]) => isSending);
    // What is shown tells the choice that it was reported under.
    const records = sending.map(([, { linkId, choice }]) => ({
      ...{ type: "report", linkId, choice, source: "GitHub Enterprise Server" },
      ...{ first: TODAY, counts: [choice] },
    }));
    const answer = await say(receiver, remote, { type: "deliver", ...session(remote), records });
    if (answer.type !== "delivered") return;
    remote.follows = [answer.requestId];
    for (const [index, [account]] of sending.entries()) {
      // A consent that the receiver has lost, or one of an account that another server's page has ended.
      if (answer.outcomes[index]?.type !== "kept") remote.links.delete(account);
    }
  }

  async function withdraw(receiver: Receiver, remote: Remote, account: AccountId): Promise<void> {
    if (await endChoice(receiver, remote, account, null)) forget(remote, account);
    else remote.links.delete(account);
  }

  /** The user opts out, or in again. */
  async function choose(receiver: Receiver, remote: Remote, account: AccountId): Promise<void> {
    const link = remote.links.get(account) as Choosing;
    const { linkId, choice, isSending } = link;
    if (!isSending) {
      remote.links.set(account, { ...link, isSending: true });
      await report(receiver, remote);
    } else if (await endChoice(receiver, remote, account, choice)) {
      remote.links.set(account, { linkId, choice: choice + 1, isSending: false });
      tally.optedOut++;
      ended.set(account, choice);
      dead.set(linkId, choice);
    } else remote.links.delete(account);
  }

  /** Whether the end was acknowledged. A receiver that has lost the consent does not know its link. */
  async function endChoice(
    receiver: Receiver,
    remote: Remote,
    account: AccountId,
    choice: number | null,
  ): Promise<boolean> {
    const records = [{ type: "withdraw", linkId: remote.links.get(account)?.linkId, choice }];
    const answer = await say(receiver, remote, { type: "deliver", ...session(remote), records });
    if (answer.type === "delivered") remote.follows = [answer.requestId];
    if (!("outcomes" in answer)) throw new Error(`A withdrawal was answered ${answer.type}.`);
    return answer.outcomes[0]?.type === "withdrawn";
  }

  async function renew(receiver: Receiver, remote: Remote): Promise<void> {
    const answer = await say(receiver, remote, { type: "disable", epoch: remote.epoch });
    if (answer.type !== "disabled") throw new Error(`A disabling was answered ${answer.type}.`);
    forgetAll(remote);
  }

  /** A deletion was acknowledged. */
  function forget(remote: Remote, account: AccountId): void {
    const link = remote.links.get(account);
    remote.links.delete(account);
    if (!link) return;
    tally.acknowledged++;
    ended.set(account, LINK_ITSELF);
    dead.set(link.linkId, LINK_ITSELF);
  }

  function forgetAll(remote: Remote): void {
    for (const account of [...remote.links.keys()]) forget(remote, account);
  }

  /** How many of the links live in the database that were acknowledged as deleted, or whose choice was. */
  async function countLiving(schema: string): Promise<number> {
    const { rows } = await storePool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${schema}.links AS l JOIN ${schema}.registrations AS r USING (installation)
        JOIN unnest($1::text[], $2::int4[]) AS acknowledged (link, ended_to) USING (link)
        WHERE l.ended_to < acknowledged.ended_to AND l.epoch = r.epoch AND r.is_on AND r.is_connected`,
      [[...dead.keys()], [...dead.values()]],
    );
    return rows[0]?.n ?? 0;
  }

  async function lookForConsents(receiver: Receiver, remote: Remote): Promise<void> {
    const stays = [...remote.links].filter(
      ([account, { isSending }]) => isSending && remote.safe.has(account),
    );
    if (stays.length === 0) return;
    await attached(receiver, remote);
    await report(receiver, remote);
    for (const [account] of stays) {
      tally.kept++;
      if ((await choicesShownOf(receiver, account)).length === 0) {
        violations.push(`The consent of ${account} was lost.`);
      }
    }
  }
}

/** The choices under which what is shown was reported. */
async function choicesShownOf(receiver: Receiver, account: AccountId): Promise<readonly number[]> {
  const windows = (await receiver.shownCounts(account))._unsafeUnwrap();
  return windows.flatMap(({ window }) => window.counts);
}

function session({ sessionId, follows }: Remote) {
  return { sessionId, follows };
}

let requests = 0;

async function say(receiver: Receiver, remote: Remote, message: object): Promise<Answer> {
  const requestId = `request-${String(++requests).padStart(12, "0")}`;
  return (await receiver.handle(remote.installation, { version: 1, requestId, ...message }))._unsafeUnwrap();
}

async function restart(server: PostgresServer, meanwhile: () => void): Promise<void> {
  await server.kill();
  meanwhile();
  await server.start();
}

function databaseOver(pool: pg.Pool) {
  return { name: "PostgreSQL 18", client: pool, close: async () => {} };
}
