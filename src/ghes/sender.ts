import { err, ok, type Result, type ResultAsync } from "neverthrow";
import { callPlug, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import { type Instant, type InvalidIdentifier, parseUserId, type UserId } from "../domain/identifiers.ts";
import { takeOver } from "./apply-answer.ts";
import { type InvalidCommand, parseSettingsCommand, parseUserLinkCommand } from "./parse-command.ts";
import {
  configure,
  type InvalidOptions,
  parseSyncOptions,
  type SenderOptions,
  type SyncOptions,
} from "./sender-options.ts";
import { nextRoundAt, type ServerState, withSettings } from "./server-state.ts";
import { type Settings, type SettingsCommand, type SettingsRefusal, transitionSettings } from "./settings.ts";
import { type Sharing, sharingOf } from "./sharing.ts";
import { sync } from "./sync.ts";
import type { SyncReport } from "./sync-report.ts";
import { transitionUserLink } from "./transition-user-link.ts";
import { type ChangedLink, updateLink } from "./update-link.ts";
import { NOTHING_PROVED, updateServer } from "./update-server.ts";
import type { UserLinkCommand, UserLinkRefusal } from "./user-link.ts";

/** The state of the whole server, for an administrator's page. */
export interface ServerStatus
  extends Pick<ServerState, "settings" | "switch" | "disabling" | "failures" | "lastFault" | "lastSyncAt"> {
  /** Whether another copy of this server holds the session: reports wait until {@link Sender.takeOver} (S5). */
  readonly isContested: boolean;
  /** When the next round is due, or null while GitHub Connect is off. */
  readonly nextSyncAt: Instant | null;
}

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
  /** Runs one round now; to be called when {@link ServerStatus.nextSyncAt} has come, and for deletions at once. */
  sync(options?: SyncOptions): ResultAsync<SyncReport, InvalidOptions | StorageFault>;
  /** The operator's word that this copy of the server is the one to go on (S5). */
  takeOver(): ResultAsync<void, StorageFault>;
}

/** Makes a sender. A wrong option is a mistake in the program and throws a `TypeError`; nothing else ever throws. */
export function createSender(options: SenderOptions): Sender {
  const configuration = configure(options);
  const { store, clock } = configuration;
  const loadServer = (): ResultAsync<ServerState, StorageFault> =>
    callPlug(() => store.loadServer(), STORAGE_THREW).map(({ value }) => value);

  return {
    changeSettings: (input) =>
      parseSettingsCommand(input).asyncAndThen((command) =>
        updateServer<SettingsRefusal>(store, (server) =>
          transitionSettings(server.settings, command).map(({ settings, audit }) =>
            settings === server.settings
              ? null
              : { server: withSettings(server, settings, command.at), audit, proof: NOTHING_PROVED },
          ),
        ).map(changedSettings),
      ),

    changeLink: (user, input) =>
      parseUserId(user).asyncAndThen((id) =>
        parseUserLinkCommand(input).asyncAndThen((command) =>
          loadServer().andThen((server) =>
            updateLink(store, server, id, command.at, ({ link }, context) =>
              transitionUserLink(link, command, context),
            ),
          ),
        ),
      ),

    contributionsChanged: (users) =>
      parseUsers(users).asyncAndThen((ids) => callPlug(() => store.markChanged(ids), STORAGE_THREW)),

    sharing: (user) =>
      parseUserId(user).asyncAndThen((id) =>
        loadServer().andThen((server) =>
          callPlug(() => store.loadLink(id), STORAGE_THREW).map(({ value }) =>
            sharingOf(server, value, clock.now()),
          ),
        ),
      ),

    status: () =>
      loadServer().map((server) => {
        const { settings, switch: heard, disabling, failures, lastFault, lastSyncAt, session } = server;
        const nextSyncAt = nextRoundAt(server, clock.now());
        const isContested = session.status === "contested";
        return {
          settings,
          switch: heard,
          disabling,
          failures,
          lastFault,
          lastSyncAt,
          nextSyncAt,
          isContested,
        };
      }),

    sync: (syncOptions = {}) =>
      parseSyncOptions(syncOptions).asyncAndThen((parsed) => sync(configuration, parsed)),

    takeOver: () =>
      updateServer<never>(store, (server) => {
        const next = takeOver(server);
        return ok(next === server ? null : { server: next, audit: null, proof: NOTHING_PROVED });
      }).map(() => undefined),
  };
}

function changedSettings({ settings, disabling }: ServerState): ChangedSettings {
  return { settings, isDeletionPending: disabling !== null && disabling.receipt === null };
}

function parseUsers(users: readonly UserId[]): Result<readonly UserId[], InvalidIdentifier> {
  // What is no list is a list of one that is no user.
  for (const user of Array.isArray(users) ? users : [null]) {
    const parsed = parseUserId(user);
    if (parsed.isErr()) return err(parsed.error);
  }
  return ok(users);
}
