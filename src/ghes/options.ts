import { safeListener } from "../domain/call-listener.ts";
import type { Clock, Random } from "../domain/environment.ts";
import { STORAGE_LATE, STORAGE_THREW } from "../domain/fault.ts";
import { type InstallationId, isHostId } from "../domain/identifiers.ts";
import { CALL_DEADLINE_MS, inTimePort } from "../domain/in-time.ts";
import { MAX_RECORDS } from "../domain/message.ts";
import { refuseUnknownOptions, requirePorts } from "../domain/require-ports.ts";
import { isTimeZone } from "../domain/time-zone.ts";
import { watchPort } from "../domain/watch-port.ts";
import type { SenderEvent } from "./events.ts";
import { type ContributionSource, type SenderStore, SOURCE_THREW, type Transport } from "./ports.ts";
import type { SyncProgress, SyncScope } from "./sync/sync-report.ts";

/** The options of a sender. */
export interface SenderOptions {
  /** The host's own id of this server. Only the phase of its hourly sync depends on it. */
  readonly installation: InstallationId;
  readonly store: SenderStore;
  readonly transport: Transport;
  readonly source: ContributionSource;
  readonly clock: Clock;
  readonly random: Random;
  /** How many records one request carries, from 1 to 1,000; 1,000 if left out. */
  readonly batchSize?: number;
  /**
   * The pause between two requests, in milliseconds, so that one server does not crowd out the others; 1,000 if left
   * out.
   */
  readonly pauseMs?: number;
  /**
   * How long a sync may go without an answer before another process takes over, in milliseconds; 60,000 if left out.
   */
  readonly leaseMs?: number;
  /**
   * How long one call of the store or of the transport may take, in milliseconds, from 1,000 to 86,400,000; 120,000 if
   * left out. A call that takes longer is given up: `outcome-unknown` of the store, `timed-out` of the transport. It
   * has to be longer than the time limits of the store's client and of the transport, which name the reason.
   */
  readonly callDeadlineMs?: number;
  /**
   * How long the source may take to answer, in milliseconds, from 1,000 to 86,400,000; 300,000 if left out. It then
   * may take as long again for each user whose contributions it still has to fetch. A user whose contributions take
   * longer stays due.
   */
  readonly sourceDeadlineMs?: number;
  /**
   * This server's zone by its IANA name, such as `Europe/Berlin`; `UTC` if left out. It says when the server's day
   * begins.
   */
  readonly timeZone?: string;
  /**
   * Receives every event, for logs and metrics; docs/events.md lists all of them. The sender calls it in the middle
   * of its work, so it has to be quick. If it throws or rejects, nothing changes.
   */
  readonly onEvent?: (event: SenderEvent) => void;
}

/** The options of one sync. */
export interface SyncOptions {
  /** The deletions that wait for their receipts, or everything; everything if left out. */
  readonly scope?: SyncScope;
  /** Ends the sync between two requests. It also ends at once any wait for the transport and for the source. */
  readonly signal?: AbortSignal;
  /** Receives the progress after every answer. */
  readonly onProgress?: (progress: SyncProgress) => void;
}

/** The options with all omitted ones filled in, except a listener. If there is one, the parts are watched. */
export type SenderConfiguration = Required<Omit<SenderOptions, "onEvent">> & Pick<SenderOptions, "onEvent">;

const OPTIONS: Readonly<Record<keyof SenderOptions, true>> = {
  installation: true,
  store: true,
  transport: true,
  source: true,
  clock: true,
  random: true,
  batchSize: true,
  pauseMs: true,
  leaseMs: true,
  callDeadlineMs: true,
  sourceDeadlineMs: true,
  timeZone: true,
  onEvent: true,
};

/** The longest lease, and the longest deadline, that an option can ask for, in milliseconds. */
const MAX_LEASE_MS = 86_400_000;

/**
 * Checks the options and fills in those that are left out. A wrong option is a mistake in the host's program, so it
 * throws a `TypeError`.
 */
export function configure(options: SenderOptions): SenderConfiguration {
  requirePorts("createSender", options, {
    store: SENDER_STORE_METHODS,
    transport: ["send"],
    source: ["read"],
    clock: ["now", "wait"],
    random: ["id", "fraction"],
  });
  refuseUnknownOptions("createSender", options, OPTIONS);
  const configuration = {
    batchSize: MAX_RECORDS,
    pauseMs: 1_000,
    leaseMs: 60_000,
    callDeadlineMs: CALL_DEADLINE_MS,
    sourceDeadlineMs: 300_000,
    timeZone: "UTC",
    ...options,
  };
  const { installation, batchSize, pauseMs, leaseMs, callDeadlineMs, sourceDeadlineMs, timeZone } =
    configuration;
  if (!isHostId(installation)) throw wrong("installation", "1 to 255 characters without control characters");
  check("batchSize", batchSize, 1, MAX_RECORDS);
  check("pauseMs", pauseMs, 0, 3_600_000);
  check("leaseMs", leaseMs, 1_000, MAX_LEASE_MS);
  check("callDeadlineMs", callDeadlineMs, 1_000, MAX_LEASE_MS);
  check("sourceDeadlineMs", sourceDeadlineMs, 1_000, MAX_LEASE_MS);
  if (!isTimeZone(timeZone)) throw wrong("timeZone", "the IANA name of a time zone, such as Europe/Berlin");
  return watched(configuration);
}

/**
 * The duration from which a call is slow, in milliseconds. Reading the contributions of many users may take a while.
 */
const SLOW_STORE_MS = 1_000;
const SLOW_SOURCE_MS = 30_000;

/** Returns the same parts with a deadline around the store, watched if there is a listener. */
function watched(given: SenderConfiguration): SenderConfiguration {
  const { clock, callDeadlineMs: milliseconds } = given;
  const store = inTimePort(given.store, SENDER_STORE_METHODS, { clock, milliseconds, fault: STORAGE_LATE });
  const configuration = { ...given, store };
  const onEvent = safeListener("createSender", given.onEvent);
  if (!onEvent) return configuration;
  const { source } = configuration;
  const watch = { clock, onEvent };
  return {
    ...configuration,
    onEvent,
    store: watchPort(store, SENDER_STORE_METHODS, {
      ...watch,
      port: "store",
      threw: STORAGE_THREW,
      slowMs: SLOW_STORE_MS,
    }),
    source: watchPort(source, ["read"], {
      ...watch,
      port: "source",
      threw: SOURCE_THREW,
      slowMs: SLOW_SOURCE_MS,
    }),
  };
}

const SENDER_STORE_METHODS: readonly (keyof SenderStore)[] = [
  "loadServer",
  "commitServer",
  "loadLink",
  "commitLink",
  "markChanged",
  "dueLinks",
  "pendingWithdrawals",
  "pendingRedemptions",
  "userOf",
  "forgetUser",
  "pruneAudit",
  "usersOfLinks",
];

function check(option: string, value: number, lowest: number, highest: number): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  throw wrong(option, `a whole number from ${lowest} to ${highest}`);
}

function wrong(option: string, rule: string): TypeError {
  return new TypeError(`createSender: \`${option}\` has to be ${rule}.`);
}
