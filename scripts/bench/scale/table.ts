// A table of the links of many servers, and calls of its store.
import type { AccountId, InstallationId } from "unified-contributions";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import type { Registration } from "unified-contributions/ghec";
import type { Delivery, ReceiverStore } from "unified-contributions/storage";
import type { FeatureSwitch } from "../../../src/domain/feature-switch.ts";
import { below } from "../activity.ts";
import { type BenchDatabase, EPOCH, valueFrom } from "../postgres/database.ts";
import {
  createDeliveries,
  FIRST_COMMIT,
  linkIdsOf,
  NOW,
  REGISTRATION,
  schemaWithLinks,
} from "../postgres/links.ts";

/** How many links a server has: a hundred million, divided by twenty thousand. */
export const LINKS_EACH = 5_000;

/** How many links a request reports at most. */
export const RECORDS = 1_000;

/** The share of the links that an hour reports: three in a hundred that changed, and the daily refreshes of an hour. */
export const REPORTED_SHARE = 0.03 + 1 / 24;

/** How many links of a server an hour reports. */
export const REPORTED_EACH = Math.ceil(REPORTED_SHARE * LINKS_EACH);

const PARTITIONS = 16;

/** How many servers are kept for what ends links. */
const SPARE = 5;

/** The tables of a receiver in which every link has counts, in hash partitions. No two links have one account. */
export interface Table {
  readonly schema: string;
  /** How many links there were at the beginning. */
  readonly links: number;
  readonly store: ReceiverStore;
  /** Servers that report nothing here, and to whose accounts nothing is shown. */
  readonly spare: readonly InstallationId[];
  /** The other servers. */
  readonly reporting: readonly InstallationId[];
  /** Returns the next delivery of so many links of some reporting server, or of this one. */
  nextDelivery(records: number, installation?: InstallationId): Delivery;
  /** Returns the account of some link of those servers. */
  someAccount(): AccountId;
  /** Switches a spare server on or off. */
  setSwitch(installation: InstallationId, status: FeatureSwitch["status"]): Promise<void>;
}

/** Makes the tables of so many servers, which are all switched on. */
export async function createTable({ pool, client }: BenchDatabase, servers: number): Promise<Table> {
  const all = Array.from({ length: servers }, (_, n) => `server-${n + 1}` as InstallationId);
  const schema = await schemaWithLinks(pool, LINKS_EACH, {
    hasCounts: true,
    installations: all,
    partitions: PARTITIONS,
    hasOwnAccounts: true,
  });
  const store = createPostgresReceiverStore({ client, schema });
  const versions = new Map<InstallationId, number>();
  const setSwitch: Table["setSwitch"] = async (installation, status) => {
    const registration: Registration = {
      ...REGISTRATION,
      installation,
      featureSwitch: { epoch: EPOCH, status },
      disabledAt: status === "off" ? NOW : null,
    };
    const expectedVersion = versions.get(installation) ?? 0;
    const commit = { ...FIRST_COMMIT, expectedVersion, registration };
    versions.set(installation, await valueFrom(store.commitRegistration(commit)));
  };
  for (const installation of all) await setSwitch(installation, "on");
  // cspell:ignore hashtext
  // An hour's reports were there before, so that the pages have the room that they have after every vacuum.
  await pool.query(
    `UPDATE ${schema}.links SET received_at = received_at WHERE abs(hashtext(link)) % 1000 < ${1_000 * REPORTED_SHARE}`,
  );
  await pool.query(`VACUUM ANALYZE ${schema}.registrations, ${schema}.links`);

  const reporting = all.slice(SPARE);
  const some = (): InstallationId => reporting[below(reporting.length)] as InstallationId;
  const chains = new Map<string, (records: number) => Delivery>();
  const chainOf = (installation: InstallationId): ((records: number) => Delivery) => {
    const known = chains.get(installation);
    if (known) return known;
    const next = createDeliveries(linkIdsOf(installation, LINKS_EACH), RECORDS, installation);
    chains.set(installation, next);
    return next;
  };
  return {
    schema,
    links: servers * LINKS_EACH,
    store,
    spare: all.slice(0, SPARE),
    reporting,
    nextDelivery: (records, installation = some()) => chainOf(installation)(records),
    someAccount: () => accountOf(some(), 1 + below(LINKS_EACH)),
    setSwitch,
  };
}

/** Returns the account of a server's link, by the place at which it was made, from 1 on. */
export function accountOf(installation: InstallationId, place: number): AccountId {
  return `${installation}-account-${place}` as AccountId;
}
