import pg from "pg";
import {
  type AccountId,
  type AttemptId,
  dateOfInstant,
  type InstallationId,
  type LinkId,
  okAsync,
  type Result,
  ResultAsync,
  type TransportFault,
  type UserId,
} from "unified-contributions";
import { createMemoryLedger, createMemoryTransport } from "unified-contributions/adapters/memory";
import {
  createPostgresReceiverStore,
  createPostgresSenderStore,
  prepareStatements,
} from "unified-contributions/adapters/postgres";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import {
  type ContributionSource,
  createSender,
  type Sender,
  type Transport,
  type UserLink,
} from "unified-contributions/ghes";
import type { SenderStore } from "unified-contributions/storage";
import type { Message } from "unified-contributions/wire";
import { FORGETFUL, startPostgres } from "../../support/postgres/server.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";

/** What became of a user who opted out in the middle of a sync. */
interface OptOut {
  /** Which report of the sync was on its way then, counted from 1. */
  readonly during: number;
  /** How many more reports left before the withdrawal did. */
  readonly reportsBefore: number;
  /** From the user's choice until its receipt was stored, in milliseconds. */
  readonly acknowledgedAfterMs: number;
  /** From the same choice until the sync ended, in milliseconds. */
  readonly syncEndedAfterMs: number;
}

/** A sync of so many links, and those who opted out meanwhile. */
export interface Tally {
  readonly reports: number;
  readonly syncMs: number;
  readonly optOuts: readonly OptOut[];
  /** One sentence each. */
  readonly violations: readonly string[];
}

const SERVER = "server-1" as InstallationId;

/** Which part of the reports was on its way when somebody opted out. */
const SHARES = [0.1, 0.5, 0.9];

/** Somebody who opts out while a report is on its way. */
interface Leaving {
  readonly user: UserId;
  readonly linkId: LinkId;
  readonly during: number;
  choseAtMs: number;
  reportsBefore: number;
  acknowledgedAtMs: number | null;
}

/**
 * Both sides over one PostgreSQL, and so many links that are all to be reported. While a sync reports them, users opt out
 * in another process, whose own sync of the deletions finds that one runs. The running one has to withdraw their links
 * before it reports any more.
 */
export async function withdrawInSync(links: number, batchSize = 1_000): Promise<Tally> {
  const server = await startPostgres(18, FORGETFUL);
  const pool = new pg.Pool({ ...server.connection, database: "postgres", max: 8 });
  try {
    return await withdrawOver(pool, links, batchSize);
  } finally {
    await pool.end();
    await server.stop();
  }
}

async function withdrawOver(pool: pg.Pool, links: number, batchSize: number): Promise<Tally> {
  const client = prepareStatements(pool);
  const database = { name: "trial", client: pool, close: async () => {} };
  const schema = await freshSchema(database, "sender", "receiver");
  const receiver = createReceiver({
    store: createPostgresReceiverStore({ client, schema }),
    ledger: createMemoryLedger(),
    clock: systemClock,
    random: systemRandom,
  });
  const wire = createMemoryTransport({ handle: (input) => receiver.handle(SERVER, input) });
  const store = createPostgresSenderStore({ client, schema });
  const parts = {
    installation: SERVER,
    store,
    source: everybodyOnce,
    clock: systemClock,
    random: systemRandom,
  };
  const another = createSender({ ...parts, transport: wire });
  const pages = Math.ceil(links / batchSize);
  const leaving = SHARES.map((share, at): Leaving => {
    const { user, linkId } = userNumbered(links - at);
    const during = Math.max(1, Math.ceil(share * pages));
    return { user, linkId, during, choseAtMs: 0, reportsBefore: 0, acknowledgedAtMs: null };
  });
  const violations: string[] = [];
  let reports = 0;

  /** The user opts out on the settings page, whose process can't send the withdrawal: a sync runs. */
  async function optOut(one: Leaving): Promise<void> {
    one.choseAtMs = performance.now();
    const { user } = one;
    await valueFrom(another.changeLink(user, { type: "opt-out", by: user, at: systemClock.now() }));
    const { outcome } = await valueFrom(another.sync({ scope: "deletions" }));
    if (outcome !== "busy")
      violations.push(`The sync of the deletions was ${outcome}, though another one ran.`);
  }

  async function exchange(message: Message, signal: AbortSignal): Promise<Result<unknown, TransportFault>> {
    const records = message.type === "deliver" ? message.records : [];
    const isReport = records.some(({ type }) => type === "report");
    if (isReport) {
      reports++;
      for (const one of leaving) if (one.choseAtMs > 0 && one.acknowledgedAtMs === null) one.reportsBefore++;
    }
    const goers = isReport ? leaving.filter(({ during }) => during === reports) : [];
    const [answer] = await Promise.all([wire.send(message, signal), ...goers.map(optOut)]);
    for (const { type, linkId } of records) {
      const one = leaving.find((each) => each.linkId === linkId);
      if (one && type === "withdraw") one.acknowledgedAtMs = performance.now();
    }
    return answer;
  }

  const transport: Transport = { send: (message, signal) => new ResultAsync(exchange(message, signal)) };
  const sender = createSender({ ...parts, transport, batchSize, pauseMs: 0 });
  await enable(sender, receiver);
  await fill(pool, schema, store, links);
  const startedMs = performance.now();
  const report = await valueFrom(sender.sync());
  const endedMs = performance.now();

  if (report.outcome !== "completed") violations.push(`The sync was ${report.outcome}.`);
  for (const { user, acknowledgedAtMs, reportsBefore } of leaving) {
    const { deletion } = await valueFrom(another.sharing(user));
    if (acknowledgedAtMs === null)
      violations.push(`${user} opted out, and the sync did not withdraw the link.`);
    if (reportsBefore > 0)
      violations.push(`${reportsBefore} reports left before the withdrawal of ${user} did.`);
    if (deletion.status !== "deleted") violations.push(`The deletion of ${user} is ${deletion.status}.`);
    const shown = await valueFrom(receiver.shownCounts(accountOf(user)));
    if (shown.length > 0) violations.push(`Counts of ${user} are shown.`);
  }
  const optOuts = leaving.map(
    ({ during, reportsBefore, choseAtMs, acknowledgedAtMs }): OptOut => ({
      ...{ during, reportsBefore },
      acknowledgedAfterMs: (acknowledgedAtMs ?? endedMs) - choseAtMs,
      syncEndedAfterMs: endedMs - choseAtMs,
    }),
  );
  return { reports, syncMs: endedMs - startedMs, optOuts, violations };
}

/** One contribution of today, whoever is asked for. */
const everybodyOnce: ContributionSource = {
  read: ({ users }) => {
    const date = dateOfInstant(systemClock.now());
    const once = { type: "daily-counts", dailyCounts: [{ date, contributionCount: 1 }] } as const;
    return okAsync(new Map(users.map((user) => [user, once])));
  },
};

async function enable(sender: Sender, receiver: Receiver): Promise<void> {
  const by = { userId: "owner" as UserId, isEnterpriseOwner: true };
  const at = systemClock.now();
  await valueFrom(receiver.connectInstallation(SERVER));
  const platform = { type: "github.com" } as const;
  await valueFrom(sender.changeSettings({ type: "connect", by, at, platform, isCloudOwner: true }));
  await valueFrom(sender.changeSettings({ type: "enable", by, at, terms: { isAccepted: true } }));
  await valueFrom(sender.sync());
}

function userNumbered(number: number): { readonly user: UserId; readonly linkId: LinkId } {
  return { user: `user-${number}` as UserId, linkId: `link_of_user_${number}_______` as LinkId };
}

function accountOf(user: UserId): AccountId {
  return `account-of-${user}` as AccountId;
}

/** Writes users who send down as they are stored, on both sides: 200,000 consents would take long. None was reported yet. */
async function fill(pool: pg.Pool, schema: string, store: SenderStore, links: number): Promise<void> {
  const { settings } = (await valueFrom(store.loadServer())).value;
  if (settings.status !== "enabled") throw new Error("The feature is not enabled.");
  const { connectionOrdinal, epoch } = settings;
  const at = systemClock.now();
  const link: UserLink = {
    status: "sending",
    connectionOrdinal,
    attempt: "LINK" as AttemptId,
    connectedAt: at,
    consent: { linkId: "LINK" as LinkId, epoch: epoch ?? 0 },
    choice: 1,
    sendingAt: at,
  };
  const { user, linkId } = userNumbered(0);
  const [userId, id] = [user, linkId].map((text) => `replace('${text}', '0', n::text)`);
  await pool.query(
    `INSERT INTO ${schema}.user_links (user_id, version, changes, link, link_id, choice, connection, epoch, attempt,
       reported_session, due_rank)
     SELECT ${userId}, n, 0, replace($1, 'LINK', ${id})::json, ${id}, 1, $2, $3, ${id}, '', 0
     FROM generate_series(1, ${links}) AS n`,
    [JSON.stringify(link), connectionOrdinal, epoch],
  );
  await pool.query(
    `INSERT INTO ${schema}.links (installation, link, attempt, account, epoch, opened_at)
     SELECT $1, ${id}, ${id}, 'account-of-' || ${userId}, $2, $3 FROM generate_series(1, ${links}) AS n`,
    [SERVER, epoch, at],
  );
  await pool.query(`VACUUM ANALYZE ${schema}.user_links`);
  await pool.query(`VACUUM ANALYZE ${schema}.links`);
}

async function valueFrom<Value>(
  operation: ResultAsync<Value, { readonly type: string; readonly message?: string }>,
): Promise<Value> {
  const result = await operation;
  if (result.isOk()) return result.value;
  throw new Error(`${result.error.type}: ${result.error.message}`);
}
