import { err, ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import type { Answer } from "../domain/answer.ts";
import {
  type CalendarDate,
  dateOfInstant,
  type InvalidCalendarDate,
  parseCalendarDate,
} from "../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS, clipWindow, windowEndingOn } from "../domain/contribution-window.ts";
import { callPlug, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import {
  type AccountId,
  type InstallationId,
  type Instant,
  type InvalidIdentifier,
  type LinkId,
  parseAccountId,
  parseInstallationId,
  parseInstant,
  type SessionId,
} from "../domain/identifiers.ts";
import { answerMessage } from "./answer-message.ts";
import type { KilledLink, LedgerEntry, RestoreResult, ShownWindow, SweepResult } from "./ports.ts";
import type { ReceiverOptions } from "./receiver-options.ts";
import { connect, disconnect, type Registration } from "./registration.ts";
import { updateRegistration } from "./update-registration.ts";

/** What a consent may be asked for now. */
export interface ConsentOffer {
  /** The epoch under which it begins; to be given back to {@link Receiver.openLink}. */
  readonly epoch: number;
}

/** A link was opened; both go back to GitHub Enterprise Server, with the user. */
export interface OpenedLink {
  readonly link: LinkId;
  readonly epoch: number;
}

/** Whose consent, and under which epoch it began. */
export interface ConsentRequest {
  readonly installation: InstallationId;
  readonly account: AccountId;
  readonly epoch: number;
}

/** Why no link was opened. */
export interface ConsentRefusal {
  readonly type: "unified-contributions-disabled" | "outdated-consent";
  /** What is wrong and what to do. */
  readonly message: string;
}

/** The installation is not known. */
export interface UnknownInstallation {
  readonly type: "unknown-installation";
  /** What is wrong and what to do. */
  readonly message: string;
}

/** The GitHub Enterprise Cloud side. Every answer is a Result; nothing throws. */
export interface Receiver {
  /**
   * Answers one message of an installation. Which installation speaks is what the host's authentication says, never
   * what the message says; the message may be anything.
   */
  handle(installation: InstallationId, input: unknown): ResultAsync<Answer, InvalidIdentifier | StorageFault>;
  /** Registers an installation whose owner has connected it with GitHub Connect; harmless where it is registered. */
  connectInstallation(
    installation: InstallationId,
  ): ResultAsync<Registration, InvalidIdentifier | StorageFault>;
  /** GitHub Connect was turned off, or its credentials were revoked: everything of it is off at once (R10). */
  disconnectInstallation(
    installation: InstallationId,
  ): ResultAsync<Registration, InvalidIdentifier | UnknownInstallation | StorageFault>;
  /** Says under which epoch a consent begins that an account's owner is about to be asked for. */
  offerConsent(
    installation: InstallationId,
  ): ResultAsync<ConsentOffer, InvalidIdentifier | ConsentRefusal | StorageFault>;
  /** The account's owner has consented: mints a link, and ends every other link of this account and installation (R6). */
  openLink(
    request: ConsentRequest,
  ): ResultAsync<OpenedLink, InvalidIdentifier | ConsentRefusal | StorageFault>;
  /** The account's owner revoked the authorization of one installation (R10). */
  revokeAuthorization(
    installation: InstallationId,
    account: AccountId,
  ): ResultAsync<readonly KilledLink[], InvalidIdentifier | StorageFault>;
  /** The account was deleted (R10). */
  deleteAccount(account: AccountId): ResultAsync<readonly KilledLink[], InvalidIdentifier | StorageFault>;
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
  sweep(limit?: number): ResultAsync<SweepResult, StorageFault>;
  /**
   * The operator's word that the store was restored from a backup taken at this instant or later (R11): drops all
   * counts, voids all sessions, replays the deletions of the ledger. To be called before anything is shown or accepted.
   */
  recover(backupTakenAt: Instant): ResultAsync<RestoreResult, InvalidIdentifier | StorageFault>;
}

const DAY_MS = 86_400_000;

/** How many links one call of {@link Receiver.sweep} looks at if it is not told. */
const SWEEP_LIMIT = 1_000;

/** Makes a receiver. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { store, ledger, clock, chance } = options;
  const newSession = (): SessionId => chance.id() as SessionId;
  const load = (installation: InstallationId): ResultAsync<Registration | null, StorageFault> =>
    callPlug(() => store.loadRegistration(installation), STORAGE_THREW).map(
      (stored) => stored?.registration ?? null,
    );
  const note = (entry: LedgerEntry): ResultAsync<void, StorageFault> =>
    callPlug(() => ledger.append(entry), STORAGE_THREW);

  /** Off at once; the ledger first, so that a restore finds every deletion. */
  const cutOff = (
    installation: InstallationId,
    at: Instant,
  ): ResultAsync<Registration | null, StorageFault> =>
    updateRegistration(store, installation, at, (before) => {
      const registration = before && disconnect(before, at);
      return { registration, said: registration };
    });

  const kill = (
    entry: Exclude<LedgerEntry, { type: "installation-disconnected" }>,
  ): ResultAsync<readonly KilledLink[], StorageFault> =>
    callPlug(
      () =>
        store.killLinks(
          entry.type === "account-deleted"
            ? { type: "account", account: entry.account }
            : { type: "account-on-installation", account: entry.account, installation: entry.installation },
          entry.at,
        ),
      STORAGE_THREW,
    );

  const replay = (entries: readonly LedgerEntry[]): ResultAsync<null, StorageFault> =>
    entries.reduce<ResultAsync<null, StorageFault>>(
      (before, entry) =>
        before.andThen(() =>
          entry.type === "installation-disconnected"
            ? cutOff(entry.installation, entry.at).map(() => null)
            : kill(entry).map(() => null),
        ),
      okAsync(null),
    );

  return {
    handle: (installation, input) =>
      parseInstallationId(installation).asyncAndThen((id) => answerMessage(options, id, input)),

    connectInstallation: (installation) =>
      parseInstallationId(installation).asyncAndThen((id) =>
        updateRegistration(store, id, clock.now(), (before) => {
          const registration = connect(before, id, newSession());
          return { registration, said: registration };
        }),
      ),

    disconnectInstallation: (installation) =>
      parseInstallationId(installation).asyncAndThen((id) => {
        const at = clock.now();
        return load(id)
          .andThen((registration) => (registration ? ok(registration) : err(unknownInstallation())))
          .andThen(() => note({ type: "installation-disconnected", installation: id, at }))
          .andThen(() => cutOff(id, at))
          .andThen((registration) => (registration ? ok(registration) : err(unknownInstallation())));
      }),

    offerConsent: (installation) =>
      parseInstallationId(installation).asyncAndThen((id) =>
        load(id).andThen((registration) =>
          registration?.isConnected && registration.switch.status === "on"
            ? ok({ epoch: registration.switch.epoch })
            : err(consentRefusal("unified-contributions-disabled")),
        ),
      ),

    openLink: (request) =>
      parseParties(request?.installation, request?.account).asyncAndThen(({ installation, account }) => {
        const link = chance.id() as LinkId;
        const { epoch } = request;
        const opening = { link, installation, account, epoch, at: clock.now() };
        return callPlug(() => store.openLink(opening), STORAGE_THREW).andThen((result) => {
          if (result.type === "opened") return ok({ link, epoch });
          return err(
            consentRefusal(result.type === "disabled" ? "unified-contributions-disabled" : result.type),
          );
        });
      }),

    revokeAuthorization: (installation, account) =>
      parseParties(installation, account).asyncAndThen((parties) => {
        const entry = { type: "authorization-revoked" as const, ...parties, at: clock.now() };
        return note(entry).andThen(() => kill(entry));
      }),

    deleteAccount: (account) =>
      parseAccountId(account).asyncAndThen((id) => {
        const entry = { type: "account-deleted" as const, account: id, at: clock.now() };
        return note(entry).andThen(() => kill(entry));
      }),

    shownCounts: (account, today = dateOfInstant(clock.now())) =>
      parseAccountId(account).asyncAndThen((id) =>
        parseCalendarDate(today).asyncAndThen((last) =>
          callPlug(() => store.loadShown(id), STORAGE_THREW).map((windows) => clipAll(windows, last)),
        ),
      ),

    sweep: (limit = SWEEP_LIMIT) => {
      const at = clock.now();
      const keepFrom = windowEndingOn(dateOfInstant(at)).first;
      const keepReceiptsFrom = (at - CONTRIBUTION_WINDOW_DAYS * DAY_MS) as Instant;
      return callPlug(() => store.sweep({ keepFrom, keepReceiptsFrom, limit, at }), STORAGE_THREW);
    },

    recover: (backupTakenAt) =>
      parseInstant(backupTakenAt).asyncAndThen((since) =>
        callPlug(() => store.restore(newSession()), STORAGE_THREW).andThen((result) =>
          callPlug(() => ledger.entriesSince(since), STORAGE_THREW)
            .andThen(replay)
            .map(() => result),
        ),
      ),
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

function unknownInstallation(): UnknownInstallation {
  return { type: "unknown-installation", message: "This installation was never registered: check its id." };
}

function consentRefusal(type: ConsentRefusal["type"]): ConsentRefusal {
  const message =
    type === "outdated-consent"
      ? "The feature was disabled and enabled since the consent began: ask for the consent again."
      : "Unified contributions is off for this installation: its enterprise owner has to enable it.";
  return { type, message };
}
