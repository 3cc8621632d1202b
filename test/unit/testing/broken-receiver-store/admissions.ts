import { okAsync, ResultAsync } from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import type { Delivery, ReceiverStore } from "unified-contributions/storage";
import type { RequestId } from "unified-contributions/wire";

import {
  alter,
  answering,
  type BrokenStore,
  broken,
  delivering,
  hidingVersions,
  OCTO,
} from "./break-receiver-store.ts";

/** The last request that was admitted, as a list of those a request may follow. */
function lastOf(registration: Registration | undefined): readonly RequestId[] {
  const last = registration?.session.lastRequestId ?? null;
  return last === null ? [] : [last];
}

/** Applies a request of the session that stands, whatever was admitted before it. */
function deliverInAnyOrder(
  sound: ReceiverStore,
  delivery: Delivery,
): ReturnType<ReceiverStore["applyDelivery"]> {
  return sound.applyDelivery(delivery).andThen((result) => {
    const follows = lastOf(result?.registration);
    const isOvertaken = result?.isDetached && result.registration.session.id === delivery.sessionId;
    return isOvertaken && follows.length > 0
      ? deliverInAnyOrder(sound, { ...delivery, follows })
      : okAsync(result);
  });
}

/** Comes back after so many moments in which others can run. */
async function moments(count: number): Promise<void> {
  for (let moment = 0; moment < count; moment++) await Promise.resolve();
}

export const ADMISSIONS: readonly BrokenStore[] = [
  broken("RS4", "answers the registration without the request", (sound) =>
    answering(sound, ({ registration }) => ({
      registration: { ...registration, session: { ...registration.session, lastRequestId: null } },
    })),
  ),
  broken("RS4", "does not change the version", (sound) =>
    hidingVersions(sound, (hidden) => ({
      applyDelivery: (delivery) => hidden(delivery.installation, () => sound.applyDelivery(delivery)),
    })),
  ),
  broken("RS4", "admits a request that follows any other", (sound) =>
    delivering(sound, ({ requestId, follows }, stored) =>
      follows.includes(requestId) ? {} : { follows: lastOf(stored?.value) },
    ),
  ),
  broken("RS4", "looks at the first alone of the requests that one may follow", (sound) =>
    delivering(sound, ({ follows }) => ({ follows: follows.slice(0, 1) })),
  ),
  broken("RS4", "admits any session", (sound) =>
    delivering(sound, ({ sessionId }, stored) => ({ sessionId: stored?.value.session.id ?? sessionId })),
  ),
  broken("RS4", "admits every request that names a vacant session", (sound) => ({
    applyDelivery: (delivery) =>
      sound.loadRegistration(delivery.installation).andThen((stored) => {
        const session = stored?.value.session;
        if (session?.attachedBy !== null || session.id !== delivery.sessionId)
          return sound.applyDelivery(delivery);
        return alter(sound, delivery.installation, (before) => ({
          ...before,
          session: { ...before.session, lastRequestId: delivery.follows[0] ?? null },
        })).andThen(() => sound.applyDelivery(delivery));
      }),
  })),
  broken("RS4", "does not know the last request when it comes again", (sound) =>
    delivering(sound, ({ requestId }, stored) =>
      stored?.value.session.lastRequestId === requestId
        ? { requestId: `${requestId}-again` as RequestId }
        : {},
    ),
  ),
  broken("RS4", "answers `detached` if it is not connected", (sound) => ({
    applyDelivery: (delivery) =>
      sound.applyDelivery(delivery).map(
        (result) =>
          result ?? {
            isDetached: true,
            registration: {} as Registration,
            reports: [],
            withdrawals: [],
            unrecorded: [],
          },
      ),
  })),
  broken("RS4", "applies withdrawals if it is not connected", (sound) => ({
    applyDelivery: (delivery) =>
      sound.applyDelivery(delivery).andThen((result) => {
        if (result) return okAsync(result);
        return sound.deleteLinks(OCTO, delivery.at).map(() => null);
      }),
  })),
  broken("RS4", "looks what a request follows some time before it writes", (sound) => ({
    applyDelivery: (delivery) =>
      sound.loadRegistration(delivery.installation).andThen((stored) => {
        const [last] = lastOf(stored?.value);
        return last !== undefined && delivery.follows.includes(last)
          ? deliverInAnyOrder(sound, delivery)
          : sound.applyDelivery(delivery);
      }),
  })),
  broken("RS4", "writes the reports some time after it has admitted them", (sound) => {
    let wait = 40;
    return {
      applyDelivery: (delivery) =>
        sound.applyDelivery(delivery).andThen((result) => {
          if (!result || result.isDetached || delivery.reports.length !== 1) return okAsync(result);
          wait -= 2;
          return ResultAsync.fromSafePromise(moments(Math.max(0, wait))).andThen(() =>
            sound.loadRegistration(delivery.installation).andThen((stored) => {
              const requestId = stored?.value.session.lastRequestId ?? delivery.requestId;
              return sound.applyDelivery({ ...delivery, requestId, withdrawals: [] }).map(() => result);
            }),
          );
        }),
    };
  }),
];
