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
import { transitionUserLink, type UserLinkCommand, type UserLinkRefusal } from "./user-link.ts";

/** The settings after a command. */
export interface ChangedSettings {
  readonly settings: Settings;
  /** Whether a deletion waits for its receipt: sync the deletions now rather than at the next hour. */
  readonly isDeletionPending: boolean;
}

/** The GitHub Enterprise Server side. Every answer is a Result; nothing throws. */
export interface Sender {
  /** Carries out an owner's command. */
  changeSettings(
    command: SettingsCommand,
  ): ResultAsync<ChangedSettings, InvalidCommand | SettingsRefusal | StorageFault>;
  /**
   * A user wants to connect an account: stores an attempt and announces it to the cloud. The host then keeps the attempt in
   * a cookie and sends the browser to the cloud's page with it. docs/connecting.md has both pages.
   */
  connect(user: UserId): ResultAsync<StartedConnecting, InvalidIdentifier | ConnectFault>;
  /**
   * A browser has come back from the cloud: asks for the link, and the user is `connected`. Without an answer the user is
   * `redeeming`, and the next sync asks again; so does repeating the call. To be called for every browser that brings a
   * code, before anybody is asked to sign in.
   */
  redeem(redemption: Redemption): ResultAsync<ChangedLink, InvalidIdentifier | ConnectFault>;
  /** Carries out a user's command, or the host's word that a link has ended. */
  changeLink(
    user: UserId,
    command: UserLinkCommand,
  ): ResultAsync<ChangedLink, InvalidCommand | InvalidIdentifier | UserLinkRefusal | StorageFault>;
  /** To be told whenever contributions of these users were added, moved or removed; their links become due. */
  contributionsChanged(users: readonly UserId[]): ResultAsync<void, InvalidIdentifier | StorageFault>;
  /** Answers whether a user's counts may be sent, and if not, which gate says no. */
  sharing(user: UserId): ResultAsync<Sharing, InvalidIdentifier | StorageFault>;
  /** The state of the whole server. */
  status(): ResultAsync<ServerStatus, StorageFault>;
  /** Syncs once, now; to be called when {@link ServerStatus.nextSyncAt} has come, and for deletions at once. */
  sync(options?: SyncOptions): ResultAsync<SyncReport, InvalidOptions | StorageFault>;
  /**
   * What would be sent about a user now, with the counts that the source has now; for "what leaves this server" on a settings
   * page. The source is asked as in a sync. Fails as it does, or if its answer cannot be read.
   */
  preview(
    user: UserId,
  ): ResultAsync<Preview, InvalidIdentifier | PayloadRefusal | SourceFault | StorageFault>;
  /**
   * Removes all that names a user. Ends the link first, which asks for the deletion of the counts, and answers `waiting` until its receipt is
   * stored: sync the deletions and call again. A user of whom nothing is stored is forgotten.
   */
  forgetUser(user: UserId): ResultAsync<Forgetting, InvalidIdentifier | StorageFault>;
  /**
   * Removes entries of the audit log that were made before an instant, and answers how many that were.
   *
   * @param before the entries of this instant stay
   */
  pruneAudit(before: Instant): ResultAsync<number, InvalidOptions | StorageFault>;
  /** The operator's word that this copy of the server is the one to go on (S5). */
  takeOver(): ResultAsync<void, StorageFault>;
}

/** Makes a sender. A wrong option is a mistake in the program and throws a `TypeError`; nothing else ever throws. */
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
