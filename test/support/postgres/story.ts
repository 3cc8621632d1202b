// A whole story over one database: what a host's client, its session or its tables make of it is right, or a named fault.
import type { StorageFault } from "unified-contributions";
import { createPostgresSenderReader, type PostgresClient } from "unified-contributions/adapters/postgres";
import { OCTO, OCTO_CLOUD } from "../world.ts";
import { createSidesOver } from "./sides.ts";

/** What is seen at each turn of the story. */
export interface Told {
  readonly afterEnabling: string;
  readonly afterOptIn: readonly number[];
  readonly days: number;
  readonly afterOptOut: readonly number[];
  readonly deletion: string;
  readonly removed: unknown;
  readonly afterSelectingAgain: readonly number[];
  readonly afterDisabling: readonly number[];
  readonly sweep: unknown;
  readonly audited: readonly string[];
  readonly ledger: readonly string[];
  readonly reconciled: unknown;
  readonly killed: number;
}

/** How the story goes wherever everything is as it should be. */
export const RIGHT: Told = {
  afterEnabling: "enabled 1",
  afterOptIn: [3],
  days: 90,
  afterOptOut: [],
  deletion: "deleted",
  removed: { first: "2025-12-02", last: "2026-03-01" },
  afterSelectingAgain: [3],
  afterDisabling: [],
  sweep: { deleted: 1, trimmed: 0, forgotten: 0, isDone: true },
  audited: [
    "enterprise_installation.create",
    "unified_contributions.enable",
    "unified_contributions_connection.create",
    "unified_contributions_link.create",
    "unified_contributions_link.destroy",
    "unified_contributions_link.create",
    "unified_contributions.disable",
  ],
  ledger: ["links-ended 1", "epochs-off 1"],
  reconciled: { entries: 0, recorded: 0, cutOff: [] },
  killed: 0,
};

/** Tells the story; rejects with the first {@link StorageFault} that something answers. */
export async function tellStory(
  client: PostgresClient,
  schema: string,
  isDistributed = false,
): Promise<Told> {
  const options = { client, schema, isDistributed };
  const { cloud, server } = createSidesOver(options);
  try {
    server.source.add(OCTO, [
      { occurredAt: "2026-03-01T09:00:00Z" },
      { occurredAt: "2026-02-28T23:30:00-08:00" },
      { occurredAt: "2025-12-02T10:00:00Z" },
    ]);
    await server.enable();
    const { settings } = (await server.senderStore.loadServer())._unsafeUnwrap().value;
    await server.connect();
    await server.optIn();
    await server.sync();
    const afterOptIn = await cloud.shown();
    const [shown] = (await cloud.receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap();
    await server.contribute(OCTO);
    await server.sync();
    await server.optOut();
    await server.sync("deletions");
    const { deletion } = await server.sharing();
    const afterOptOut = await cloud.shown();
    (await server.select())._unsafeUnwrap();
    await server.sync();
    const afterSelectingAgain = await cloud.shown();
    await server.disable();
    await server.sync();
    const afterDisabling = await cloud.shown();
    const sweep = (await cloud.receiver.sweep({ limit: 10 }))._unsafeUnwrap();
    const killed = (await cloud.receiver.deleteAccount(OCTO_CLOUD))._unsafeUnwrap();
    const reconciled = (await cloud.receiver.reconcile())._unsafeUnwrap();
    const logged = (
      await createPostgresSenderReader(options).loadAudit({ user: null, after: 0, limit: 20 })
    )._unsafeUnwrap();
    const { installation } = server;
    const entries = (await cloud.ledger.read({ installation, from: 1, limit: 9 }))._unsafeUnwrap();
    return {
      afterEnabling: `${settings.status} ${settings.status === "enabled" ? settings.epoch : ""}`,
      afterOptIn,
      days: shown?.window.counts.length ?? 0,
      afterOptOut,
      deletion: deletion.status,
      removed: deletion.status === "deleted" ? deletion.receipt.removed : undefined,
      afterSelectingAgain,
      afterDisabling,
      sweep,
      audited: logged.map(({ entry }) => entry.action),
      ledger: entries.map(
        ({ entry }) => `${entry.type} ${entry.type === "links-ended" ? entry.links.length : entry.epoch}`,
      ),
      reconciled,
      killed: killed.length,
    };
  } catch (thrown) {
    throw faultIn(thrown) ?? thrown;
  }
}

/** The fault that `_unsafeUnwrap` met, if it was one. */
function faultIn(thrown: unknown): StorageFault | null {
  const { data } = thrown as { readonly data?: { readonly value?: unknown } };
  const value = data?.value as { readonly type?: unknown } | undefined;
  return value?.type === "storage-fault" ? (value as StorageFault) : null;
}
