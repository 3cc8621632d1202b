import { errAsync, ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import type { Answer } from "../domain/answer.ts";
import {
  type CalendarDate,
  dateOfInstant,
  type InvalidCalendarDate,
  parseCalendarDate,
} from "../domain/calendar-date.ts";
import { covers } from "../domain/choice.ts";
import { clipWindow, windowEndingOn } from "../domain/contribution-window.ts";
import { STORAGE_ABORTED, STORAGE_LATE, type StorageFault } from "../domain/fault.ts";
import {
  type AccountId,
  type ConnectionId,
  type InstallationId,
  type InvalidIdentifier,
  parseAccountId,
  parseAttemptId,
  parseBrowserId,
  parseConnectionId,
  parseInstallationId,
} from "../domain/identifiers.ts";
import { callInTime, inTime, inTimePort } from "../domain/in-time.ts";
import type { OpenAttempt } from "./attempt.ts";
import { connectInstallation, disconnectInstallation, type UnknownInstallation } from "./connections.ts";
import {
  type AccountConsent,
  type ConsentGiven,
  type ConsentRefusal,
  type ConsentRequest,
  giveConsent,
  offerConsent,
} from "./consent.ts";
import { deleteLinks } from "./deletions.ts";
import { NOTHING_UNREAD, type UnreadDeletions } from "./ledger.ts";
import type { DeletedLink } from "./link.ts";
import { type InvalidOptions, parseLongRun, untilAborted } from "./long-run.ts";
import { type AnsweringParts, answerMessage } from "./messages.ts";
import { configure, type ReceiverParts } from "./options.ts";
import type { LedgerCursor, ReceiverOptions, ShownLink, ShownWindow, SweepResult } from "./ports.ts";
import { type InvalidCursors, parseCursors, pruneBelow } from "./prune-ledger.ts";
import { createFreshLook, loadUnread, type Reconciliation, reconcile } from "./reconcile.ts";
import type { Registration } from "./registration.ts";
import { createSpareRead } from "./spare-read.ts";
import { sweep } from "./sweep.ts";
import { LEDGER_METHODS, tellMessage, tellReconciliation } from "./telling.ts";

/** The GitHub Enterprise Cloud side. Every answer is a Result, and no method throws. */
export interface Receiver {
  /**
   * Returns the answer to one message of an installation. The host's authentication names the installation, never the
   * message. The message may be any JSON value.
   *
   * @param connectionId the host's own id of the connection whose credentials authenticated the message, if it has one.
   * A registration takes it if the store had to make that anew, or has forgotten its connecting. Left out, such a
   * registration has no id, and the next {@link Receiver.connectInstallation} cannot recognize another connection
   */
  handle(
    installation: InstallationId,
    input: unknown,
    connectionId?: ConnectionId,
  ): ResultAsync<Answer, InvalidIdentifier | StorageFault>;
  /**
   * Registers an installation whose owner has connected it with GitHub Connect. It is harmless if it is registered
   * already. The first authenticated message of a server does the same.
   *
   * @param connectionId the host's own id of this connection, 1 to 255 characters. If it differs from the current one,
   * that connection has ended without the cloud's knowledge, and its feature and links end at once (R10)
   */
  connectInstallation(
    installation: InstallationId,
    connectionId?: ConnectionId,
  ): ResultAsync<Registration, InvalidIdentifier | StorageFault>;
  /**
   * Ends a connection after GitHub Connect was turned off or its credentials were revoked: all of it is off at once
   * (R10). A fault is as in `revokeAuthorization`. End the credentials first, with `revokeAll` of a key directory. A
   * server that can still be authenticated registers itself again, switched off.
   *
   * @param connectionId the id that {@link Receiver.connectInstallation} was given. A newer connection then stays as it
   * is, and the answer holds its registration. If left out, the current connection ends
   */
  disconnectInstallation(
    installation: InstallationId,
    connectionId?: ConnectionId,
  ): ResultAsync<Registration, InvalidIdentifier | UnknownInstallation | StorageFault>;
  /**
   * Returns the installation that asks in an attempt, and the attempt's end. From now on the attempt belongs to this
   * browser, so call it before the browser asks for a sign-in. docs/connecting.md has the whole page.
   */
  offerConsent(
    request: ConsentRequest,
  ): ResultAsync<OpenAttempt, InvalidIdentifier | ConsentRefusal | StorageFault>;
  /**
   * Returns a code for the server after the account's owner has consented, in the browser that has the attempt. It
   * neither opens nor ends a link.
   */
  giveConsent(
    consent: AccountConsent,
  ): ResultAsync<ConsentGiven, InvalidIdentifier | ConsentRefusal | StorageFault>;
  /**
   * Ends the links of one account on one installation, after its owner revoked the authorization (R10). A consent that
   * was not redeemed is among them, as a link that was opened and ended now. After a `storage-fault` the counts may
   * already be hidden, with the deletion not yet in the ledger. Call it again; {@link Receiver.reconcile} also finishes
   * it.
   */
  revokeAuthorization(
    installation: InstallationId,
    account: AccountId,
  ): ResultAsync<readonly DeletedLink[], InvalidIdentifier | StorageFault>;
  /**
   * Ends all links and consents of an account, after the account was deleted (R10). A fault is as in
   * `revokeAuthorization`.
   */
  deleteAccount(account: AccountId): ResultAsync<readonly DeletedLink[], InvalidIdentifier | StorageFault>;
  /**
   * Returns the counts of an account that may be shown, one window per installation, for the 90 days that end today.
   * "the past 90 days" (Profile contributions reference).
   *
   * @param today the last day shown; the receiver's date in UTC if left out
   */
  shownCounts(
    account: AccountId,
    today?: CalendarDate,
  ): ResultAsync<readonly ShownWindow[], InvalidIdentifier | InvalidCalendarDate | StorageFault>;
  /**
   * Removes data that is no longer shown, up to `limit` links. Repeat it until `isDone`, once per day.
   *
   * It has no deadline. Once `signal` speaks, it begins no further step, and fails as `aborted`: at once between two
   * steps, or 30 seconds later if a step hangs. Its finished steps stay, and the next sweep goes on there.
   *
   * @param options `limit` from 1 on, 1,000 if left out
   */
  sweep(options?: {
    readonly limit?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): ResultAsync<SweepResult, InvalidOptions | StorageFault>;
  /**
   * Makes the store and the ledger agree, whatever either has lost: the ledger's deletions are deleted here, too (R11).
   * Every other method does so by itself after a minute, and waits two seconds for it at most. A host that calls this
   * every minute only shortens their answers.
   *
   * It has no deadline. Once `signal` speaks, it ends like {@link Receiver.sweep}, and the next one goes on there.
   */
  reconcile(options?: {
    readonly signal?: AbortSignal | undefined;
  }): ResultAsync<Reconciliation, InvalidOptions | StorageFault>;
  /**
   * Forgets entries of the ledger that no store and no backup has left to read, except each installation's last one. A
   * store that is older shows nothing of the installations whose entries it misses, until their owners turn GitHub
   * Connect off and on. Each call of the ledger may take `callDeadlineMs`.
   *
   * @param oldestBackup the cursors of the oldest backup that may ever be restored (`loadCursors` of its store)
   */
  pruneLedger(oldestBackup: readonly LedgerCursor[]): ResultAsync<void, InvalidCursors | StorageFault>;
}

/** How many links one call of {@link Receiver.sweep} looks at if its limit is left out. */
const SWEEP_LIMIT = 1_000;

/**
 * Returns a receiver. A wrong option is a mistake in the program and throws a `TypeError`. No other failure ever
 * throws.
 */
export function createReceiver(given: ReceiverOptions): Receiver {
  const options = configure(given);
  const { store, clock, auditDays, callDeadlineMs } = options;
  /** The installations that were cut off since the last reconciliation that was answered. */
  const cutOff = new Set<InstallationId>();
  const onCutOff = (installation: InstallationId): void => {
    cutOff.add(installation);
    options.onEvent?.({ type: "installation-cut-off", installation });
  };
  const parts: ReceiverParts & AnsweringParts = { ...options, onCutOff, spare: createSpareRead(clock) };
  const reconcileAll = (signal?: AbortSignal): ResultAsync<Reconciliation, StorageFault> =>
    tellReconciliation(parts, () => reconcile(untilAborted(parts, signal)));
  const reconciling = createFreshLook<Reconciliation | null>(parts, null, () => reconcileAll());
  const limit = { clock, milliseconds: callDeadlineMs, fault: STORAGE_LATE };
  const pruning = { ...parts, ledger: inTimePort(parts.ledger, LEDGER_METHODS, limit) };
  const unread = createFreshLook(parts, NOTHING_UNREAD, () => loadUnread(parts));

  /** Parses first, then reads the deletions that the store may have lost, then acts. */
  const afterReconciling = <Input, Value, Fault>(
    input: Result<Input, InvalidIdentifier>,
    act: (input: Input) => ResultAsync<Value, Fault>,
  ): ResultAsync<Value, Fault | InvalidIdentifier> =>
    input.asyncAndThen((parsed) => reconciling.look().andThen(() => act(parsed)));

  /** Does the same for a call of the host's own, and gives it up at its deadline. */
  const forHost = <Input, Value, Fault>(
    input: Result<Input, InvalidIdentifier>,
    act: (input: Input) => ResultAsync<Value, Fault>,
  ): ResultAsync<Value, Fault | InvalidIdentifier | StorageFault> =>
    inTime(clock, callDeadlineMs, afterReconciling(input, act), STORAGE_LATE);

  return {
    handle: (installation, input, connectionId) =>
      tellMessage(parts, installation, () =>
        afterReconciling(parseConnection(installation, connectionId), (from) =>
          answerMessage(parts, from, input),
        ),
      ),

    connectInstallation: (installation, connectionId) =>
      forHost(parseConnection(installation, connectionId), (given) =>
        connectInstallation(parts, given.installation, given.connectionId),
      ),

    disconnectInstallation: (installation, connectionId) =>
      forHost(parseConnection(installation, connectionId), (given) =>
        disconnectInstallation(parts, given.installation, given.connectionId),
      ),

    offerConsent: (request) => forHost(parseRequest(request), (parsed) => offerConsent(parts, parsed)),

    giveConsent: (consent) =>
      forHost(
        parseRequest(consent).andThen((request) =>
          parseAccountId(consent.account).map((account) => ({ ...request, account })),
        ),
        (parsed) => giveConsent(parts, parsed),
      ),

    revokeAuthorization: (installation, account) =>
      forHost(parseParties(installation, account), (parties) => deleteLinks(parts, parties)),

    deleteAccount: (account) =>
      forHost(parseAccountId(account), (id) => deleteLinks(parts, { account: id, installation: null })),

    shownCounts: (account, today = dateOfInstant(clock.now())) =>
      parseAccountId(account).asyncAndThen((id) =>
        parseCalendarDate(today).asyncAndThen((last) =>
          unread.look().andThen((deletions) =>
            // Not `map`: neverthrow makes a generator function for each, and that took half of the time of a calendar.
            callInTime(clock, () => store.loadShown(id), callDeadlineMs).andThen((links) =>
              ok(shownOf(links, deletions, last)),
            ),
          ),
        ),
      ),

    sweep: (given = {}) =>
      parseLongRun(given).asyncAndThen(({ limit = SWEEP_LIMIT, signal }) =>
        signal?.aborted
          ? errAsync(STORAGE_ABORTED)
          : reconciling.look().andThen(() => sweep(parts, { limit, auditDays, signal })),
      ),

    reconcile: (given = {}) =>
      parseLongRun(given).asyncAndThen(({ signal }) =>
        reconcileAll(signal).andThen((reconciliation) => {
          const told = { ...reconciliation, cutOff: [...cutOff] };
          cutOff.clear();
          return ok(told);
        }),
      ),

    pruneLedger: (oldestBackup) =>
      parseCursors(oldestBackup).asyncAndThen((cursors) =>
        cursors.reduce<ResultAsync<void, StorageFault>>(
          (before, cursor) => before.andThen(() => pruneBelow(pruning, cursor)),
          okAsync(undefined),
        ),
      ),
  };
}

function shownOf(
  links: readonly ShownLink[],
  { epochsOff, ended }: UnreadDeletions,
  today: CalendarDate,
): readonly ShownWindow[] {
  const days = windowEndingOn(today);
  return links.flatMap(({ installation, linkId, choice, epoch, window: stored, receivedAt }) => {
    const ending = ended.get(linkId);
    if ((ending !== undefined && covers(ending, choice)) || epoch <= (epochsOff.get(installation) ?? 0))
      return [];
    const window = clipWindow(stored, days);
    return window ? [{ installation, window, receivedAt }] : [];
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

function parseRequest(request: ConsentRequest): Result<ConsentRequest, InvalidIdentifier> {
  return parseAttemptId(request?.attempt).andThen((attempt) =>
    parseBrowserId(request.browser).map((browser) => ({ attempt, browser })),
  );
}

/** Parses both ids. A connection has the form of any other id of the host, and is null if it is left out. */
function parseConnection(
  installation: unknown,
  connection: unknown,
): Result<{ installation: InstallationId; connectionId: ConnectionId | null }, InvalidIdentifier> {
  const connectionId = connection === undefined ? ok(null) : parseConnectionId(connection);
  return parseInstallationId(installation).andThen((id) =>
    connectionId.map((parsed) => ({ installation: id, connectionId: parsed })),
  );
}
