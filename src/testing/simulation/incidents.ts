import type { Dice } from "./dice.ts";

/** All faults and all acts of people in a simulated world. */
export const INCIDENT_KINDS = [
  // On the wire.
  "message-lost",
  "message-duplicated",
  "message-overtaken",
  "message-delayed-for-days",
  "message-slow",
  "answer-lost",
  "answer-slow",
  "receiver-busy",
  "server-offline",
  "forged-message",
  // In the processes and their storage, on either side.
  "process-died-at-a-read",
  "process-died-before-a-commit",
  "process-died-within-a-commit",
  "process-died-after-a-commit",
  "process-died-waiting-for-an-answer",
  "storage-fault",
  "storage-slow",
  "version-conflict",
  "source-fault",
  "user-unreadable",
  "sync-aborted",
  // In the receiver's two databases, without a word.
  "store-lost-seconds",
  "store-lost-hours",
  "installation-lost",
  "ledger-lost-seconds",
  "both-lost-seconds",
  "ledger-down",
  "ledger-hangs",
  // To whole machines.
  "server-restored",
  "server-restored-under-way",
  "server-copied",
  "staging-copy",
  "server-silent",
  "clock-wrong",
  "receiver-clock-wrong",
  "sweep-clock-ahead",
  // The acts of people.
  "contributions",
  "contributions-on-past-days",
  "contributions-removed",
  "connect-and-opt-in",
  "consent-again",
  "opt-out",
  "disconnect-account",
  "switch-account",
  "user-suspended",
  "authorization-revoked",
  "account-deleted",
  "owner-disables",
  "owner-enables",
  "connect-off",
  "connect-off-unheard",
  "credentials-revoked",
  "connect-on",
  "opt-in-again",
  "opt-out-and-in",
  "consent-revoked",
] as const;

/** One of the {@link INCIDENT_KINDS}. */
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** Decides where incidents happen, counts them, and leaves out the excluded ones. */
export interface Incidents {
  /** Whether an incident happens at a place. If so, it is recorded and counted. */
  happens(kind: IncidentKind, probability: number, ...place: readonly number[]): boolean;
  /** Counts an incident that followed from others. */
  follows(kind: IncidentKind): void;
  /** How many times each kind has happened. */
  readonly counts: ReadonlyMap<IncidentKind, number>;
  /** The names of the incidents so far, in order. */
  readonly names: readonly string[];
}

/** The options of incidents. */
export interface IncidentsOptions {
  readonly dice: Dice;
  /** The names of incidents that do not happen. */
  readonly without: ReadonlySet<string>;
  /** Called with the name of each incident that happens. */
  readonly onIncident: (name: string) => void;
}

/**
 * How much more often than usual a kind of incident happens in a world, if at all.
 *
 * Worlds with few kinds find faults that worlds with all of them hide, and some faults need the same kind twice.
 */
const FREQUENCIES = [0, 0, 0.5, 1, 1, 2, 6];

/** However often an incident happens, it fails to happen more often. */
const MAX_PROBABILITY = 0.5;

/** Returns the incidents of one world. */
export function createIncidents({ dice, without, onIncident }: IncidentsOptions): Incidents {
  const counts = new Map<IncidentKind, number>(INCIDENT_KINDS.map((kind) => [kind, 0]));
  const names: string[] = [];
  const numbers = new Map(INCIDENT_KINDS.map((kind, number) => [kind, number]));
  const count = (kind: IncidentKind): void => {
    counts.set(kind, (counts.get(kind) as number) + 1);
  };
  const frequencies = new Map(
    INCIDENT_KINDS.map((kind, number) => [kind, dice.pick(FREQUENCIES, 0, number)]),
  );
  return {
    counts,
    names,
    follows: count,
    happens: (kind, probability, ...place) => {
      const likely = Math.min(MAX_PROBABILITY, probability * (frequencies.get(kind) as number));
      if (dice.fraction(1, numbers.get(kind) as number, ...place) >= likely) return false;
      const name = `${kind}@${place.join(".")}`;
      if (without.has(name)) return false;
      count(kind);
      names.push(name);
      onIncident(name);
      return true;
    },
  };
}
