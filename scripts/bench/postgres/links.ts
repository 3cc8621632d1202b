// Links written as they are stored, because a million consents through the receiver would take long.
import { createHash } from "node:crypto";
import type pg from "pg";
import {
  type CalendarDate,
  CONTRIBUTION_SOURCE,
  type ContributionWindow,
  type InstallationId,
  type Instant,
  type LinkId,
  windowEndingOn,
} from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import type { Delivery, ReceiverStore } from "unified-contributions/storage";
import { PROTOCOL_VERSION, type RequestId, type SessionId } from "unified-contributions/wire";
import { below, dailyCounts, uuid } from "../activity.ts";
import { demand } from "../measure.ts";
import { benchSchema, EPOCH, SERVER, valueFrom } from "./database.ts";

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
  {
    hasCounts = false,
    isAnalysed = true,
    installations = [SERVER] as readonly string[],
    partitions = 0,
    // Or the same account has a link of each installation.
    hasOwnAccounts = false,
  } = {},
): Promise<string> {
  const schema = await benchSchema(client, "receiver", partitions);
  const reported = hasCounts
    ? `1, 3, ${NOW}, ${FIRST_DAY}, ${FIRST_DAY + 89}, decode(repeat('0001', 90), 'hex')`
    : "NULL, NULL, NULL, NULL, NULL, NULL";
  for (const installation of installations) {
    await client.query(
      `INSERT INTO ${schema}.links (installation, link, attempt, account, epoch, opened_at, choice, report_session,
         received_at, first_day, last_day, counts)
       SELECT '${installation}', md5('${installation}' || n)::uuid::text, 'attempt-' || n,
         '${hasOwnAccounts ? `${installation}-` : ""}account-' || n, ${EPOCH}, ${NOW}, ${reported}
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

/** Returns the ids of an installation's links in {@link schemaWithLinks}, in an order that has nothing to do with their rows. */
export function linkIdsOf(installation: InstallationId, links: number): readonly LinkId[] {
  const ids = Array.from({ length: links }, (_, n) => {
    const hex = createHash("md5")
      .update(`${installation}${n + 1}`)
      .digest("hex");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-") as LinkId;
  });
  // They are hashes, and the rows stand in the order of what was hashed.
  return ids.sort();
}

/** Returns requests of one chain. Each reports 90 counts for this many further links, or for fewer. */
export function createDeliveries(
  linkIds: readonly LinkId[],
  size: number,
  installation: InstallationId = SERVER,
): (records?: number) => Delivery {
  const windows = windowsOf(size);
  let last = REGISTRATION.session.lastRequestId as RequestId;
  let next = below(linkIds.length);
  return (records = size) => {
    const follows = [last];
    last = uuid() as RequestId;
    return {
      installation,
      sessionId: REGISTRATION.session.id,
      requestId: last,
      follows,
      reports: windows.slice(0, records).map((window) => ({
        linkId: linkIds[next++ % linkIds.length] as LinkId,
        choice: 1,
        window,
      })),
      withdrawals: [],
      at: NOW,
    };
  };
}

const windowsBySize = new Map<number, readonly ContributionWindow[]>();

/** Returns so many windows, the same ones for every chain, since making them takes long. */
function windowsOf(size: number): readonly ContributionWindow[] {
  const known = windowsBySize.get(size);
  if (known) return known;
  const windows = Array.from({ length: size }, () => ({ first: FIRST, counts: dailyCounts(FIRST) }));
  windowsBySize.set(size, windows);
  return windows;
}

/** Stores a delivery, each report of which has to be taken. */
export async function storeDelivery(store: ReceiverStore, delivery: Delivery): Promise<void> {
  const result = await valueFrom(store.applyDelivery(delivery));
  const kept = result?.reports.filter(({ type }) => type === "kept").length;
  demand(kept === delivery.reports.length, `every report is kept, and not ${kept}`);
}

/** Returns the message of a delivery, as it crosses the wire. */
export function bodyOf({ sessionId, requestId, follows, reports }: Delivery): Uint8Array<ArrayBuffer> {
  const records = reports.map(({ linkId, choice, window }) => ({
    type: "report",
    linkId,
    choice,
    source: CONTRIBUTION_SOURCE,
    ...window,
  }));
  const message = { version: PROTOCOL_VERSION, requestId, type: "deliver", sessionId, follows, records };
  return new TextEncoder().encode(JSON.stringify(message));
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
