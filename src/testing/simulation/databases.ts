import type { InstallationId } from "../../domain/identifiers.ts";
import type { LedgerCursor } from "../../ghec/ports.ts";
import type { LostSince } from "./judge.ts";
import type { MakeLedger, MakeReceiverStore, SimulatedLedger, SimulatedReceiverStore } from "./ports.ts";
import type { Outage } from "./troubled-store.ts";
import type { World } from "./world.ts";

/**
 * The data that goes back to an earlier state: the store, one installation's part of it, the ledger, or store and
 * ledger.
 */
type Lost =
  | { readonly type: "store" | "ledger" | "both" }
  | { readonly type: "installation"; readonly installation: InstallationId };

/** The cloud's two databases. The store and the ledger can both lose their last commits without a word. */
export interface Databases {
  store(): SimulatedReceiverStore;
  ledger(): SimulatedLedger;
  /** The outage that keeps every process from the ledger, or null. */
  outage(): Outage | null;
  /** The instant since which the ledger can be read, or null while it cannot. */
  readableSince(): number | null;
  /** Whether the store may lack data that it had. */
  mayLack(): boolean;
  /** Keeps the present contents and goes back to them after this many milliseconds, while everything goes on. */
  lose(lost: Lost, afterMs: number): Promise<void>;
  /** Keeps every process from the ledger for this many milliseconds. */
  cutOff(how: Outage["how"], forMs: number): void;
  /** Finds out whether the store has read all of the ledger by now. */
  check(): Promise<void>;
  /** Ends all trouble. */
  heal(): void;
}

/** The options of the databases. */
export interface DatabasesOptions {
  readonly makeReceiverStore: MakeReceiverStore;
  readonly makeLedger: MakeLedger;
  /** Called when the shown counts may have changed. */
  readonly onChange: () => void;
  /** Called before a loss, so that processes with a memory take in the state as it is now. */
  readonly beforeLoss: () => Promise<void>;
}

/** The contents to go back to. */
interface Kept {
  readonly lost: Lost;
  readonly store: unknown;
  readonly ledger: unknown;
  /** {@link LostSince.since} of the data that the contents lack. */
  readonly storeSince: number;
  readonly ledgerSince: number;
}

/** The time after which no process may show lost data any more. */
const BOUND_MS = 60_002;

/** Returns two empty databases. */
export async function createDatabases(world: World, options: DatabasesOptions): Promise<Databases> {
  const { judge } = world;
  let store = await options.makeReceiverStore();
  let ledger = await options.makeLedger();
  let outage: Outage | null = null;
  let readableSince = world.now() as number;
  // Since when each of them lacks data that the other has not given back yet, or null.
  let storeSince: number | null = null;
  let ledgerSince: number | null = null;

  /** Whether each has everything that the other has. */
  async function areWhole(): Promise<boolean> {
    const query = { after: null, limit: 1_000 };
    const { hasUnrecorded } = (await store.loadLedgerStanding())._unsafeUnwrap();
    if (ledgerSince !== null && hasUnrecorded) return false;
    const cursors = (await store.loadCursors(query))._unsafeUnwrap();
    const heads = (await ledger.loadHeads(query))._unsafeUnwrap();
    return String(placesOf(cursors)) === String(placesOf(heads));
  }

  async function check(): Promise<void> {
    if (storeSince === null && ledgerSince === null) return;
    if (!(await areWhole())) return;
    storeSince = null;
    ledgerSince = null;
    judge.storeIsWhole();
  }

  async function storeGoesBack(lost: Lost, kept: Omit<Kept, "lost">): Promise<void> {
    const installation = lost.type === "installation" ? lost.installation : null;
    const back = installation === null ? kept.store : await store.snapshotWith?.(installation, kept.store);
    store = await options.makeReceiverStore(back);
    storeSince = earlier(storeSince, kept.storeSince);
    judge.storeForgot({ since: storeSince, installation });
  }

  async function goBack({ lost, ...kept }: Kept): Promise<void> {
    if (world.isHealing) return;
    await options.beforeLoss();
    await check();
    world.history.add(`what is lost: ${lost.type}`);
    if (lost.type !== "ledger") await storeGoesBack(lost, kept);
    if (lost.type === "ledger" || lost.type === "both") {
      ledger = await options.makeLedger(kept.ledger);
      ledgerSince = earlier(ledgerSince, kept.ledgerSince);
    }
    if (storeSince !== null && ledgerSince !== null) {
      const both: LostSince = { since: Math.max(storeSince, ledgerSince), installation: null };
      judge.bothForgot(both);
    }
    options.onChange();
    world.later(BOUND_MS, options.onChange);
  }

  function endOutage(): void {
    const { waiting = [] } = outage ?? {};
    outage = null;
    readableSince = world.now();
    for (const goOn of waiting) goOn();
    options.onChange();
    world.later(BOUND_MS, options.onChange);
  }

  return {
    store: () => store,
    ledger: () => ledger,
    outage: () => outage,
    readableSince: () => (outage ? null : readableSince),
    mayLack: () => storeSince !== null,
    check,

    lose: async (lost, afterMs) => {
      if (!store.snapshot || !ledger.snapshot) return;
      if (lost.type === "installation" && !store.snapshotWith) return;
      await check();
      const moment = judge.moment();
      const kept: Kept = {
        lost,
        store: lost.type === "ledger" ? null : await store.snapshot(),
        ledger: lost.type === "ledger" || lost.type === "both" ? await ledger.snapshot() : null,
        // Data that it lacks now is then missing, too.
        storeSince: earlier(storeSince, moment + 1),
        ledgerSince: earlier(ledgerSince, moment + 1),
      };
      world.later(afterMs, () => goBack(kept));
    },

    cutOff: (how, forMs) => {
      if (outage || world.isHealing) return;
      const begun: Outage = { how, waiting: [] };
      outage = begun;
      world.later(forMs, () => {
        if (outage === begun) endOutage();
      });
    },

    heal: () => {
      if (outage) endOutage();
    },
  };
}

function placesOf(cursors: readonly LedgerCursor[]): readonly string[] {
  return cursors.flatMap(({ installation, readTo }) =>
    readTo ? [`${installation} ${readTo.position} ${readTo.entryId}`] : [],
  );
}

function earlier(since: number | null, moment: number): number {
  return since === null ? moment : Math.min(since, moment);
}
