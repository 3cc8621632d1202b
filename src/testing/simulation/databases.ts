import type { InstallationId } from "../../domain/identifiers.ts";
import type { LedgerCursor } from "../../ghec/ports.ts";
import type { LostSince } from "./judge.ts";
import type { MakeLedger, MakeReceiverStore, SimulatedLedger, SimulatedReceiverStore } from "./ports.ts";
import type { Outage } from "./troubled-store.ts";
import type { World } from "./world.ts";

/** What goes back to how it was: the whole store, what belongs to one installation in it, the ledger, or both at once. */
type Lost =
  | { readonly type: "store" | "ledger" | "both" }
  | { readonly type: "installation"; readonly installation: InstallationId };

/** The cloud's two databases: a store that can lose its last commits without a word, and a ledger that can as well. */
export interface Databases {
  store(): SimulatedReceiverStore;
  ledger(): SimulatedLedger;
  /** What keeps everybody from the ledger, or null. */
  outage(): Outage | null;
  /** Since when the ledger can be read, or null while it can't. */
  readableSince(): number | null;
  /** Whether the store may lack what it had. */
  mayLack(): boolean;
  /** Keeps what is stored now, and goes back to it after so many milliseconds, while everything goes on. */
  lose(lost: Lost, afterMs: number): Promise<void>;
  /** Keeps everybody from the ledger for so many milliseconds. */
  cutOff(how: Outage["how"], forMs: number): void;
  /** Finds out whether the store has read all of the ledger by now. */
  check(): Promise<void>;
  /** Ends what goes wrong. */
  heal(): void;
}

/** What databases are made of. */
export interface DatabasesOptions {
  readonly makeReceiverStore: MakeReceiverStore;
  readonly makeLedger: MakeLedger;
  /** Told when what is shown may have changed. */
  readonly onChange: () => void;
  /** Asked before something is lost: whoever remembers something remembers it as it is now. */
  readonly beforeLoss: () => Promise<void>;
}

/** What is kept, to go back to. */
interface Kept {
  readonly lost: Lost;
  readonly store: unknown;
  readonly ledger: unknown;
  /** {@link LostSince.since} of what it lacks. */
  readonly storeSince: number;
  readonly ledgerSince: number;
}

/** After so many milliseconds nobody may show any more what was lost. */
const BOUND_MS = 60_002;

/** Makes two empty databases. */
export async function createDatabases(world: World, options: DatabasesOptions): Promise<Databases> {
  const { judge } = world;
  let store = await options.makeReceiverStore();
  let ledger = await options.makeLedger();
  let outage: Outage | null = null;
  let readableSince = world.now() as number;
  // Since when each of them lacks something that the other has not given back yet, or null.
  let storeSince: number | null = null;
  let ledgerSince: number | null = null;

  /** Whether each has all that the other has. */
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
        // What it lacks now it lacks then, too.
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
