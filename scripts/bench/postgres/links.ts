// Links written as they are stored, because a million consents through the receiver would take long.
import type pg from "pg";
import { type CalendarDate, type Instant, type LinkId, windowEndingOn } from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import type { Delivery } from "unified-contributions/storage";
import type { RequestId, SessionId } from "unified-contributions/wire";
import { below, dailyCounts, uuid } from "../activity.ts";
import { benchSchema, EPOCH, SERVER } from "./database.ts";

export const NOW = Date.parse("2026-03-01T12:00:00Z") as Instant;
export const TODAY = "2026-03-01" as CalendarDate;
const { first: FIRST } = windowEndingOn(TODAY);
const FIRST_DAY = Date.parse(FIRST) / 86_400_000;

/** The registration of a server that is in the middle of a round. */
export const REGISTRATION: Registration = {
  installation: SERVER,
  isConnected: true,
  connectionId: null,
  featureSwitch: { epoch: EPOCH, status: "on" },
  disabledAt: null,
  session: {
    id: uuid() as SessionId,
    ordinal: 3,
    attachedBy: uuid() as RequestId,
    lastRequestId: uuid() as RequestId,
    isCompleted: false,
  },
  readTo: null,
  recordedOff: EPOCH - 1,
};

/** The commit that writes {@link REGISTRATION} for the first time. */
export const FIRST_COMMIT = { expectedVersion: 0, hidesUnreported: false, ended: [], audit: [] };

/** Makes a schema of the receiver's tables with this many live links, with counts or before their first report. */
export async function schemaWithLinks(
  client: pg.Pool,
  links: number,
  { hasCounts = false, isAnalysed = true, installations = [SERVER as string] } = {},
): Promise<string> {
  const schema = await benchSchema(client, "receiver");
  const reported = hasCounts
    ? `1, 3, ${NOW}, ${FIRST_DAY}, ${FIRST_DAY + 89}, decode(repeat('0001', 90), 'hex')`
    : "NULL, NULL, NULL, NULL, NULL, NULL";
  for (const installation of installations) {
    await client.query(
      `INSERT INTO ${schema}.links (installation, link, attempt, account, epoch, opened_at, choice, report_session,
         received_at, first_day, last_day, counts)
       SELECT '${installation}', md5('${installation}' || n)::uuid::text, 'attempt-' || n, 'account-' || n, ${EPOCH}, ${NOW}, ${reported}
       FROM generate_series(1, ${links}) AS n`,
    );
  }
  await client.query(isAnalysed ? `VACUUM ANALYZE ${schema}.links` : "SELECT 1");
  return schema;
}

/** Returns the ids of the links of a schema, in no order. */
export async function linksOf(client: pg.Pool, schema: string): Promise<readonly LinkId[]> {
  const { rows } = await client.query<{ linkId: LinkId }>(
    `SELECT link AS "linkId" FROM ${schema}.links ORDER BY md5(link)`,
  );
  return rows.map(({ linkId }) => linkId);
}

/** Returns requests of one chain. Each reports 90 counts for this many further links. */
export function createDeliveries(linkIds: readonly LinkId[], size: number): () => Delivery {
  const windows = Array.from({ length: size }, () => ({ first: FIRST, counts: dailyCounts(FIRST) }));
  let last = REGISTRATION.session.lastRequestId as RequestId;
  let next = below(linkIds.length);
  return () => {
    const follows = [last];
    last = uuid() as RequestId;
    return {
      installation: SERVER,
      sessionId: REGISTRATION.session.id,
      requestId: last,
      follows,
      reports: windows.map((window) => ({
        linkId: linkIds[next++ % linkIds.length] as LinkId,
        choice: 1,
        window,
      })),
      withdrawals: [],
      at: NOW,
    };
  };
}

/** Returns the same reports as parameters of a statement, packed as well as possible. */
export function packed({ reports, at }: Delivery): unknown[] {
  const blob = Buffer.alloc(reports.length * 180);
  for (const [place, { window }] of reports.entries()) {
    for (const [day, count] of window?.counts.entries() ?? [])
      blob.writeUInt16BE(count, place * 180 + day * 2);
  }
  const numbers = (number: number): string => `{${reports.map(() => number).join(",")}}`;
  const links = `{${reports.map(({ linkId }) => linkId).join(",")}}`;
  return [SERVER, at, links, numbers(FIRST_DAY), numbers(FIRST_DAY + 89), blob];
}
