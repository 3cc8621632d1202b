import { ok, type Result, type ResultAsync } from "neverthrow";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import {
  type Instant,
  type InvalidIdentifier,
  parseAttemptId,
  parseConsentCode,
  parseUserId,
  type UserId,
} from "../domain/identifiers.ts";
import { ask } from "./ask.ts";
import {
  type InvalidCommand,
  type InvalidOptions,
  parseBefore,
  parseSettingsCommand,
  parseSyncOptions,
  parseUserLinkCommand,
  parseUsers,
} from "./commands.ts";
import { type ChangedLink, changeLink, createServerCommits, NOTHING_ACKNOWLEDGED } from "./commit.ts";
import {
  type ConnectFault,
  type ConnectingParts,
  connect,
  type Redemption,
  redeem,
  type StartedConnecting,
} from "./connect.ts";
import { configure, type SenderOptions, type SyncOptions } from "./options.ts";
import type { PayloadRefusal } from "./payload.ts";
import type { SourceFault } from "./ports.ts";
import { type Forgetting, forgetUser, type Preview, previewOf, pruneAudit } from "./privacy.ts";
import { type ServerState, withSettings } from "./server-state.ts";
import { type Settings, type SettingsCommand, type SettingsRefusal, transitionSettings } from "./settings.ts";
import { type Sharing, sharingOf } from "./sharing.ts";
import { type ServerStatus, statusOf } from "./status.ts";
import { takeOver } from "./sync/answers.ts";
import { sync } from "./sync/sync.ts";
import type { SyncReport } from "./sync/sync-report.ts";
import { transitionUserLink, type UserLinkCommand } from "./user-link.ts";
import type { UserLinkRefusal } from "./user-link-refusal.ts";

/** The settings after a command. */
export interface ChangedSettings {
  readonly settings: Settings;
  /** Whether a deletion waits for its receipt. If so, sync the deletions now, not at the next hour. */
  readonly isDeletionPending: boolean;
}

/** The GitHub Enterprise Server side. Every method returns a Result, and none throws. */
export interface Sender {
  /** Carries out an owner's command. */
  changeSettings(
    command: SettingsCommand,
  ): ResultAsync<ChangedSettings, InvalidCommand | SettingsRefusal | StorageFault>;
  /**
   * Starts connecting a user's account: stores an attempt and announces it to GitHub Enterprise Cloud. The host then
   * keeps the attempt in a cookie and sends the browser to the cloud's page with it. docs/connecting.md has both
   * pages.
   */
  connect(user: UserId): ResultAsync<StartedConnecting, InvalidIdentifier | ConnectFault>;
  /**
   * Asks for the link of a browser that has come back from GitHub Enterprise Cloud. The user is then `connected`.
   * Without an answer the user is `redeeming`, and the next sync asks again. A repeated call asks again, too. The
   * host calls it for every browser that brings a code, before it asks any user to sign in.
   */
  redeem(redemption: Redemption): ResultAsync<ChangedLink, InvalidIdentifier | ConnectFault>;
  /** Carries out a user's command, or the host's word that a link has ended. */
  changeLink(
    user: UserId,
    command: UserLinkCommand,
  ): ResultAsync<ChangedLink, InvalidCommand | InvalidIdentifier | UserLinkRefusal | StorageFault>;
  /**
   * Makes the links of these users due. The host calls it whenever their contributions were added, moved or removed.
   */
  contributionsChanged(users: readonly UserId[]): ResultAsync<void, InvalidIdentifier | StorageFault>;
  /** Returns whether a user's counts may be sent, and if not, which gate says no. */
  sharing(user: UserId): ResultAsync<Sharing, InvalidIdentifier | StorageFault>;
  /** Returns the state of the whole server. */
  status(): ResultAsync<ServerStatus, StorageFault>;
  /** Syncs once, now. The host calls it when {@link ServerStatus.nextSyncAt} has come, and at once for deletions. */
  sync(options?: SyncOptions): ResultAsync<SyncReport, InvalidOptions | StorageFault>;
  /**
   * Returns the record that the sender would send about a user now, with the counts that the source has now. A
   * settings page can show it as "what leaves this server". The source is asked as in a sync. Fails if the source
   * does, or if its answer cannot be read.
   */
  preview(
    user: UserId,
  ): ResultAsync<Preview, InvalidIdentifier | PayloadRefusal | SourceFault | StorageFault>;
  /**
   * Removes everything that names a user. It ends the link first, which asks for the deletion of the counts. It
   * answers `waiting` until the receipt is stored: sync the deletions and call again. If nothing is stored about the
   * user, it answers `forgotten` at once.
   */
  forgetUser(user: UserId): ResultAsync<Forgetting, InvalidIdentifier | StorageFault>;
  /**
   * Removes entries of the audit log that were made before an instant. Returns how many it removed.
   *
   * @param before the entries of this instant stay
   */
  pruneAudit(before: Instant): ResultAsync<number, InvalidOptions | StorageFault>;
  /** Takes over the session of another copy: the operator says that this copy is the one to go on (S5). */
  takeOver(): ResultAsync<void, StorageFault>;
}

/**
 * Returns a sender. A wrong option is a mistake in the program and throws a `TypeError`. Nothing else ever throws.
 */
export function createSender(options: SenderOptions): Sender {
  const configuration = configure(options);
  const { store, clock, onEvent } = configuration;
  const loadServer = (): ResultAsync<ServerState, StorageFault> =>
    callPort(() => store.loadServer(), STORAGE_THREW).map(({ value }) => value);

  const connecting: ConnectingParts = {
    ...configuration,
    ask: (message) => ask({ ...configuration, id: null, signal: new AbortController().signal }, message),
  };

  return {
    changeSettings: (input) =>
      parseSettingsCommand(input).asyncAndThen((command) => {
        let isDeletionAsked = false;
        return createServerCommits(store)
          .change<ChangedSettings, SettingsRefusal>((before) =>
            transitionSettings(before.settings, command).map(({ settings, audit }) => {
              isDeletionAsked = false;
              if (settings === before.settings) return { write: null, value: changedSettings(before) };
              const server = withSettings(before, settings, command.at);
              const write = { server, audit, acknowledged: NOTHING_ACKNOWLEDGED };
              isDeletionAsked = server.disabling !== null && server.disabling !== before.disabling;
              return { write, value: changedSettings(server) };
            }),
          )
          .andThen((changed) => {
            if (isDeletionAsked) onEvent?.({ type: "deletion-asked", of: "server" });
            return ok(changed);
          });
      }),

    connect: (user) => parseUserId(user).asyncAndThen((id) => connect(connecting, id)),

    redeem: (redemption) => parseRedemption(redemption).asyncAndThen((parsed) => redeem(connecting, parsed)),

    changeLink: (user, input) =>
      parseUserId(user).asyncAndThen((id) =>
        parseUserLinkCommand(input).asyncAndThen((command) =>
          loadServer().andThen((server) =>
            changeLink(store, server, id, command.at, ({ link }, context) =>
              transitionUserLink(link, command, context),
            ).andThen((changed) => {
              if (changed.isDeletionPending) onEvent?.({ type: "deletion-asked", of: "link" });
              return ok(changed);
            }),
          ),
        ),
      ),

    contributionsChanged: (users) =>
      parseUsers(users).asyncAndThen((ids) => callPort(() => store.markChanged(ids), STORAGE_THREW)),

    sharing: (user) =>
      parseUserId(user).asyncAndThen((id) =>
        loadServer().andThen((server) =>
          callPort(() => store.loadLink(id), STORAGE_THREW).map(({ value }) =>
            sharingOf(server, value, clock.now()),
          ),
        ),
      ),

    status: () => loadServer().map((server) => statusOf(server, clock.now())),

    sync: (syncOptions = {}) =>
      parseSyncOptions(syncOptions).asyncAndThen((parsed) => sync(configuration, parsed)),

    preview: (user) =>
      parseUserId(user).asyncAndThen((id) =>
        loadServer().andThen((server) =>
          callPort(() => store.loadLink(id), STORAGE_THREW).andThen(({ value }) =>
            previewOf(configuration, server, value),
          ),
        ),
      ),

    forgetUser: (user) =>
      parseUserId(user).asyncAndThen((id) =>
        loadServer().andThen((server) => forgetUser(configuration, server, id)),
      ),

    pruneAudit: (before) => parseBefore(before).asyncAndThen((instant) => pruneAudit(store, instant)),

    takeOver: () =>
      createServerCommits(store).change<void, never>((before) => {
        const server = takeOver(before);
        const write = { server, audit: null, acknowledged: NOTHING_ACKNOWLEDGED };
        return ok({ write: server === before ? null : write, value: undefined });
      }),
  };
}

function changedSettings({ settings, disabling }: ServerState): ChangedSettings {
  return { settings, isDeletionPending: disabling !== null && disabling.receipt === null };
}

function parseRedemption(input: Redemption): Result<Redemption, InvalidIdentifier> {
  const user: Result<UserId | null, InvalidIdentifier> =
    input?.user === null ? ok(null) : parseUserId(input?.user);
  return user.andThen((id) =>
    parseAttemptId(input.attempt).andThen((attempt) =>
      parseConsentCode(input.code).map((code) => ({ user: id, attempt, code })),
    ),
  );
}
