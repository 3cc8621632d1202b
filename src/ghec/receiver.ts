import { errAsync, ok, type Result, type ResultAsync } from "neverthrow";
import type { Answer } from "../domain/answer.ts";
import {
  type CalendarDate,
  dateOfInstant,
  type InvalidCalendarDate,
  parseCalendarDate,
} from "../domain/calendar-date.ts";
import type { Consent } from "../domain/consent.ts";
import { CONTRIBUTION_WINDOW_DAYS, clipWindow, windowEndingOn } from "../domain/contribution-window.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import {
  type AccountId,
  type ConnectionId,
  type InstallationId,
  type Instant,
  type InvalidIdentifier,
  parseAccountId,
  parseConnectionId,
  parseInstallationId,
  parseInstant,
} from "../domain/identifiers.ts";
import { requirePorts } from "../domain/require-ports.ts";
import { connectInstallation, disconnectInstallation, type UnknownInstallation } from "./connections.ts";
import {
  type ConsentOffer,
  type ConsentRefusal,
  type ConsentRequest,
  offerConsent,
  openLink,
} from "./consent.ts";
import { deleteLinks, recover } from "./deletions.ts";
import type { DeletedLink } from "./link.ts";
import { answerMessage } from "./messages.ts";
import type { ReceiverOptions, ReceiverStore, Recovery, ShownWindow, SweepResult } from "./ports.ts";
import type { Registration } from "./registration.ts";

/** A limit is no whole number from 1 on. */
export interface InvalidLimit {
  readonly type: "invalid-limit";
  /** What is wrong and what to do. */
  readonly message: string;
}

/** The GitHub Enterprise Cloud side. Every answer is a Result; nothing throws. */
export interface Receiver {
  /**
   * Answers one message of an installation. Which installation speaks is what the host's authentication says, never
   * what the message says; the message may be anything that JSON can say.
   */
  handle(installation: InstallationId, input: unknown): ResultAsync<Answer, InvalidIdentifier | StorageFault>;
  /**
   * Registers an installation whose owner has connected it with GitHub Connect; harmless where it is registered.
   *
   * @param connectionId the host's own id of this connection, 1 to 255 characters; where it differs from the one that
   * stands, that one has ended without the cloud's hearing of it, and what it carried is off at once (R10)
   */
  connectInstallation(
    installation: InstallationId,
    connectionId?: ConnectionId,
  ): ResultAsync<Registration, InvalidIdentifier | StorageFault>;
  /**
   * GitHub Connect was turned off, or its credentials were revoked: everything of it is off at once (R10).
   *
   * @param connectionId the id that {@link Receiver.connectInstallation} was given: then a connection that was made meanwhile
   * stays as it is, and the registration in the answer is its. If left out, whichever stands ends
   */
  disconnectInstallation(
    installation: InstallationId,
    connectionId?: ConnectionId,
  ): ResultAsync<Registration, InvalidIdentifier | UnknownInstallation | StorageFault>;
  /** Says under which epoch a consent begins that an account's owner is about to be asked for. */
  offerConsent(
    installation: InstallationId,
  ): ResultAsync<ConsentOffer, InvalidIdentifier | ConsentRefusal | StorageFault>;
  /** The account's owner has consented: mints a link, and ends every other link of this account and installation (R6). */
  openLink(request: ConsentRequest): ResultAsync<Consent, InvalidIdentifier | ConsentRefusal | StorageFault>;
  /** The account's owner revoked the authorization of one installation (R10). */
  revokeAuthorization(
    installation: InstallationId,
    account: AccountId,
  ): ResultAsync<readonly DeletedLink[], InvalidIdentifier | StorageFault>;
  /** The account was deleted (R10). */
  deleteAccount(account: AccountId): ResultAsync<readonly DeletedLink[], InvalidIdentifier | StorageFault>;
  /**
   * The counts that may be shown of an account, apart by installation: those of the 90 days that end today. "the past
   * 90 days" (Profile contributions reference).
   *
   * @param today the last day shown; the receiver's date in UTC if left out
   */
  shownCounts(
    account: AccountId,
    today?: CalendarDate,
  ): ResultAsync<readonly ShownWindow[], InvalidIdentifier | InvalidCalendarDate | StorageFault>;
  /** Removes what is not shown any more, up to so many links; to be repeated until `isDone`, once a day. */
  sweep(limit?: number): ResultAsync<SweepResult, InvalidLimit | StorageFault>;
  /**
   * The operator's word that the store was restored from a backup taken at this instant or later (R11): drops all
   * counts, voids all sessions, replays the deletions of the ledger, also those that had begun in the hour before: they may
   * have been committed after the backup was taken. To be called before anything is shown or accepted.
   */
  recover(backupTakenAt: Instant): ResultAsync<Recovery, InvalidIdentifier | StorageFault>;
}

const DAY_MS = 86_400_000;

/** How many links one call of {@link Receiver.sweep} looks at if it is not told. */
const SWEEP_LIMIT = 1_000;

const RECEIVER_STORE_METHODS: readonly (keyof ReceiverStore)[] = [
  "loadRegistration",
  "commitRegistration",
  "applyDelivery",
  "openLink",
  "deleteLinks",
  "loadShown",
  "sweep",
  "recover",
];

const INVALID_LIMIT: InvalidLimit = {
  type: "invalid-limit",
  message: "The limit has to be a whole number from 1 on.",
};

/** Makes a receiver. A missing plug is a mistake in the program and throws a `TypeError`; nothing else ever throws. */
export function createReceiver(options: ReceiverOptions): Receiver {
  requirePorts("createReceiver", options, {
    store: RECEIVER_STORE_METHODS,
    ledger: ["append", "entriesSince"],
    clock: ["now"],
    random: ["id"],
  });
  const { store, clock } = options;
  return {
    handle: (installation, input) =>
      parseInstallationId(installation).asyncAndThen((id) => answerMessage(options, id, input)),

    connectInstallation: (installation, connectionId) =>
      parseInstallationId(installation).asyncAndThen((id) =>
        parseConnection(connectionId).asyncAndThen((given) => connectInstallation(options, id, given)),
      ),

    disconnectInstallation: (installation, connectionId) =>
      parseInstallationId(installation).asyncAndThen((id) =>
        parseConnection(connectionId).asyncAndThen((given) => disconnectInstallation(options, id, given)),
      ),

    offerConsent: (installation) =>
      parseInstallationId(installation).asyncAndThen((id) => offerConsent(options, id)),

    openLink: (request) =>
      parseParties(request?.installation, request?.account).asyncAndThen((parties) =>
        openLink(options, { ...parties, epoch: request.epoch }),
      ),

    revokeAuthorization: (installation, account) =>
      parseParties(installation, account).asyncAndThen((parties) =>
        deleteLinks(options, { type: "authorization-revoked", ...parties, at: clock.now() }),
      ),

    deleteAccount: (account) =>
      parseAccountId(account).asyncAndThen((id) =>
        deleteLinks(options, { type: "account-deleted", account: id, at: clock.now() }),
      ),

    shownCounts: (account, today = dateOfInstant(clock.now())) =>
      parseAccountId(account).asyncAndThen((id) =>
        parseCalendarDate(today).asyncAndThen((last) =>
          // Not `map`: neverthrow makes a generator function for each, and that took half of the time of a calendar.
          callPort(() => store.loadShown(id), STORAGE_THREW).andThen((windows) => ok(clipAll(windows, last))),
        ),
      ),

    sweep: (limit = SWEEP_LIMIT) => {
      if (!Number.isSafeInteger(limit) || limit < 1) return errAsync(INVALID_LIMIT);
      const at = clock.now();
      const keepFrom = windowEndingOn(dateOfInstant(at)).first;
      const keepReceiptsFrom = (at - CONTRIBUTION_WINDOW_DAYS * DAY_MS) as Instant;
      return callPort(() => store.sweep({ keepFrom, keepReceiptsFrom, limit, at }), STORAGE_THREW);
    },

    recover: (backupTakenAt) => parseInstant(backupTakenAt).asyncAndThen((since) => recover(options, since)),
  };
}

function clipAll(windows: readonly ShownWindow[], today: CalendarDate): readonly ShownWindow[] {
  const days = windowEndingOn(today);
  return windows.flatMap((shown) => {
    const window = clipWindow(shown.window, days);
    return window ? [{ ...shown, window }] : [];
  });
}

function parseParties(
  installation: unknown,
  account: unknown,
): Result<{ installation: InstallationId; account: AccountId }, InvalidIdentifier> {
  return parseInstallationId(installation).andThen((parsed) =>
    parseAccountId(account).map((id) => ({ installation: parsed, account: id })),
  );
}

/** A connection has the form of any other id of the host's. */
function parseConnection(connection: unknown): Result<ConnectionId | null, InvalidIdentifier> {
  return connection === undefined ? ok(null) : parseConnectionId(connection);
}
