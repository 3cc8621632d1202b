import {
  type AccountId,
  type InstallationId,
  type Instant,
  okAsync,
  type ResultAsync,
  type StorageFault,
} from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { DeletedLink, Registration } from "unified-contributions/ghec";
import type { Delivery, DeliveryResult, ReceiverStore, Versioned } from "unified-contributions/storage";
import type { Broken } from "../break-adapter.ts";

export type BrokenStore = Broken<() => ReceiverStore>;

export function broken(
  rule: string,
  mistake: string,
  breakIt: (sound: ReceiverStore) => Partial<ReceiverStore>,
): BrokenStore {
  const make = (): ReceiverStore => {
    const sound = createMemoryReceiverStore();
    return { ...sound, ...breakIt(sound) };
  };
  return { rule, mistake, make };
}

export const CORRUPT: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "It does not fit.",
};

/** The first account's links on every installation. */
export const OCTO = { account: "octo-cloud" as AccountId, installation: null } as const;
export const SERVER = "server-1" as InstallationId;

export function at(milliseconds: number): Instant {
  return milliseconds as Instant;
}

/** Changes a registration behind everybody's back. */
export function alter(
  sound: ReceiverStore,
  installation: InstallationId,
  change: (before: Registration) => Registration,
): ResultAsync<unknown, never> {
  return sound
    .loadRegistration(installation)
    .andThen((stored) =>
      stored
        ? sound.commitRegistration({
            expectedVersion: stored.version,
            registration: change(stored.value),
            hidesUnreported: false,
            ended: [],
            audit: [],
          })
        : okAsync(0),
    )
    .orElse(() => okAsync(0));
}

/** A request is not applied as it came. */
export function delivering(
  sound: ReceiverStore,
  change: (delivery: Delivery, stored: Versioned<Registration> | null) => Partial<Delivery>,
): Partial<ReceiverStore> {
  return {
    applyDelivery: (delivery) =>
      sound
        .loadRegistration(delivery.installation)
        .andThen((stored) => sound.applyDelivery({ ...delivery, ...change(delivery, stored) })),
  };
}

/** What became of a request is not answered as it is. */
export function answering(
  sound: ReceiverStore,
  change: (result: DeliveryResult, delivery: Delivery) => Partial<DeliveryResult>,
): Partial<ReceiverStore> {
  return {
    applyDelivery: (delivery) =>
      sound.applyDelivery(delivery).map((result) => result && { ...result, ...change(result, delivery) }),
  };
}

export type Outcomes = DeliveryResult["withdrawals"];

/** The outcomes with other receipts. */
export function withReceipts(
  outcomes: Outcomes,
  change: (receipt: DeletedLink["receipt"]) => DeletedLink["receipt"],
): Outcomes {
  return outcomes.map((outcome) =>
    outcome.type === "withdrawn" ? { ...outcome, receipt: change(outcome.receipt) } : outcome,
  );
}

/** Does one write, after which others see the version that stood before. */
type HideVersion = <Value, Fault>(
  installation: InstallationId,
  write: () => ResultAsync<Value, Fault>,
) => ResultAsync<Value, Fault | StorageFault>;

/** Versions that some writes do not change, as others see them. */
export function hidingVersions(
  sound: ReceiverStore,
  hide: (hidden: HideVersion) => Partial<ReceiverStore>,
): Partial<ReceiverStore> {
  /** The version that others see in place of one, the last that was hidden last. */
  const seen = new Map<number, number>();
  const load: ReceiverStore["loadRegistration"] = (installation) =>
    sound
      .loadRegistration(installation)
      .map((stored) => stored && { ...stored, version: seen.get(stored.version) ?? stored.version });
  const hidden: HideVersion = (installation, write) =>
    load(installation).andThen((before) =>
      write().andThen((value) =>
        sound.loadRegistration(installation).map((after) => {
          if (before && after) seen.set(after.version, before.version);
          return value;
        }),
      ),
    );
  return {
    loadRegistration: load,
    commitRegistration: (commit) => {
      const [actual] = [...seen].findLast(([, version]) => version === commit.expectedVersion) ?? [];
      return sound.commitRegistration({ ...commit, expectedVersion: actual ?? commit.expectedVersion });
    },
    ...hide(hidden),
  };
}
