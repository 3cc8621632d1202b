import type {
  AccountId,
  AttemptId,
  BrowserId,
  ConsentCode,
  InstallationId,
  ResultAsync,
} from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import { systemRandom } from "unified-contributions/adapters/system";
import { type ConsentRefusal, createReceiver } from "unified-contributions/ghec";
import type { Transport } from "unified-contributions/ghes";
import { createTestClock, type TestClock } from "unified-contributions/testing";

/** What the example's server talks to: the package's own receiver in this process. Yours is reached over HTTPS. */
export interface StandInCloud {
  /** Shows 1 March 2026, so that the example says the same every day. */
  readonly clock: TestClock;
  readonly transport: Transport;
  /** The account's owner consents, as they would on the cloud's own page; the code is for their browser to bring back. */
  consent(attempt: AttemptId): ResultAsync<ConsentCode, ConsentRefusal | { readonly type: string }>;
}

/** Makes a cloud that knows the installation. */
export async function createStandInCloud(installation: InstallationId): Promise<StandInCloud> {
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const store = createMemoryReceiverStore();
  const receiver = createReceiver({ store, ledger: createMemoryLedger(), clock, random: systemRandom });
  (await receiver.connectInstallation(installation))._unsafeUnwrap();
  const account = "octocat-in-the-cloud" as AccountId;
  return {
    clock,
    transport: createMemoryTransport({ handle: (message) => receiver.handle(installation, message) }),
    consent: (attempt) => {
      const request = { attempt, browser: systemRandom.id() as BrowserId };
      return receiver
        .offerConsent(request)
        .andThen(() => receiver.giveConsent({ ...request, account }))
        .map(({ code }) => code);
    },
  };
}
