import { err, ok, type Result } from "neverthrow";
import type { Instant, UserId } from "../domain/identifiers.ts";
import type { AuditAction, AuditEntry } from "./audit.ts";

/** The destination of the counts: GitHub.com, or an enterprise with data residency at `SUBDOMAIN.ghe.com`. */
export type Platform =
  | { readonly type: "github.com" }
  | {
      readonly type: "ghe.com";
      /** The part before `.ghe.com`: 1 to 63 of `a–z 0–9 -`, with no hyphen at either end. */
      readonly subdomain: string;
    };

/** The user who gives a command about the enterprise, as the host has authenticated them. */
export interface Actor {
  readonly userId: UserId;
  /** Whether they own the enterprise on GitHub Enterprise Server. */
  readonly isEnterpriseOwner: boolean;
}

/** GitHub Connect is off, so the counts have no destination. */
export interface Disconnected {
  readonly status: "disconnected";
  /** How many connections there have been, 0 before the first. */
  readonly connectionOrdinal: number;
}

/** GitHub Connect is on, and unified contributions is off. */
export interface Disabled {
  readonly status: "disabled";
  /** The number of this connection, 1 for the first. A link of another connection is never used again. */
  readonly connectionOrdinal: number;
  readonly platform: Platform;
  /**
   * The last disabling, with the owner who did it, or null if the feature was never enabled. A null owner stands for
   * GitHub Enterprise Cloud.
   */
  readonly disabled: { readonly at: Instant; readonly by: UserId | null } | null;
}

/** Unified contributions is on, as far as the owner is concerned. */
export interface Enabled {
  readonly status: "enabled";
  readonly connectionOrdinal: number;
  readonly platform: Platform;
  readonly enabledAt: Instant;
  readonly enabledBy: UserId;
  /** The epoch after which the sender asked for a new one, stored before the request left; null until then. */
  readonly askedAfter: number | null;
  /** The epoch that the receiver has minted for it, or null until the sender has heard of it. */
  readonly epoch: number | null;
}

/** The enterprise's settings. */
export type Settings = Disconnected | Disabled | Enabled;

/** The settings of a server that never had GitHub Connect. */
export const NEVER_CONNECTED: Settings = { status: "disconnected", connectionOrdinal: 0 };

/** Turns GitHub Connect on. */
interface ConnectCommand {
  readonly type: "connect";
  readonly by: Actor;
  readonly at: Instant;
  readonly platform: Platform;
  /** Whether they own the enterprise on GitHub Enterprise Cloud too, as GitHub Connect demands. */
  readonly isCloudOwner: boolean;
}

/** Turns GitHub Connect off, and with it everything that it carried. */
interface DisconnectCommand {
  readonly type: "disconnect";
  readonly by: Actor;
  readonly at: Instant;
}

/**
 * Whether the enterprise accepted the current terms, as the host knows it: "we may redirect you … to check your current
 * terms of service" (Enabling unified contributions for your enterprise).
 */
export type Terms =
  | { readonly isAccepted: true }
  | {
      readonly isAccepted: false;
      /**
       * The address at which an owner can accept them: `http://` or `https://`, at most 2,048 printable characters.
       */
      readonly url: string;
    };

/** Turns unified contributions on. */
interface EnableCommand {
  readonly type: "enable";
  readonly by: Actor;
  readonly at: Instant;
  readonly terms: Terms;
}

/** Turns unified contributions off, which deletes every user's counts on GitHub Enterprise Cloud. */
interface DisableCommand {
  readonly type: "disable";
  readonly by: Actor;
  readonly at: Instant;
}

/** A command that an enterprise owner can give. */
export type SettingsCommand = ConnectCommand | DisconnectCommand | EnableCommand | DisableCommand;

/** The reasons why a command was refused. The settings are unchanged. */
export type SettingsRefusal =
  /** "enterprise owners can enable or disable"; other users cannot. */
  | { readonly type: "not-enterprise-owner"; readonly message: string }
  /** Connecting needs ownership on both sides. */
  | { readonly type: "not-cloud-owner"; readonly message: string }
  /** GitHub Connect is off. */
  | { readonly type: "github-connect-disabled"; readonly message: string }
  /** GitHub Connect is on, with another platform. */
  | { readonly type: "connected-elsewhere"; readonly message: string }
  /** The current terms have not been accepted. The host sends the owner to the address. */
  | { readonly type: "terms-not-accepted"; readonly url: string; readonly message: string };

/** The settings after a command, and the entry for the audit log, or null if nothing changed. */
export interface SettingsTransition {
  readonly settings: Settings;
  readonly audit: AuditEntry | null;
}

const MESSAGES = {
  "not-enterprise-owner": "Only an enterprise owner may change this: ask one of them to.",
  "not-cloud-owner":
    "Connecting needs an owner on both sides: sign in as an owner on GitHub Enterprise Cloud.",
  "github-connect-disabled": "GitHub Connect is off: an enterprise owner has to enable it first.",
  "connected-elsewhere": "GitHub Connect is on with another platform: disconnect first, then connect.",
} as const;

/**
 * Returns the settings after a command. It is pure.
 *
 * | settings     | `connect`                                        | `disconnect` | `enable`                  | `disable` |
 * |--------------|--------------------------------------------------|--------------|---------------------------|-----------|
 * | disconnected | → disabled                                       | unchanged    | `github-connect-disabled` | unchanged |
 * | disabled     | unchanged, or `connected-elsewhere`              | → disconnected | → enabled, or `terms-not-accepted` | unchanged |
 * | enabled      | unchanged, or `connected-elsewhere`              | → disconnected | unchanged                 | → disabled |
 *
 * In every cell an actor who does not own the enterprise gets `not-enterprise-owner`. An actor who connects without
 * owning the cloud side gets `not-cloud-owner`. Enabling after disabling makes a new epoch, and users send again
 * after they reconnect.
 */
export function transitionSettings(
  settings: Settings,
  command: SettingsCommand,
): Result<SettingsTransition, SettingsRefusal> {
  if (!command.by.isEnterpriseOwner) return refuse("not-enterprise-owner");
  switch (command.type) {
    case "connect":
      return connect(settings, command);
    case "disconnect":
      if (settings.status === "disconnected") return unchanged(settings);
      return changed(
        { status: "disconnected", connectionOrdinal: settings.connectionOrdinal },
        "enterprise_installation.destroy",
        command,
      );
    case "enable":
      return enable(settings, command);
    case "disable":
      if (settings.status !== "enabled") return unchanged(settings);
      return changed(
        disabledSettings(settings, command.at, command.by.userId),
        "unified_contributions.disable",
        command,
      );
  }
}

/**
 * Returns the settings after an enabled feature was turned off, by an owner here or, if null, on the cloud's side.
 */
export function disabledSettings(settings: Enabled, at: Instant, by: UserId | null): Disabled {
  return {
    status: "disabled",
    connectionOrdinal: settings.connectionOrdinal,
    platform: settings.platform,
    disabled: { at, by },
  };
}

function connect(settings: Settings, command: ConnectCommand): Result<SettingsTransition, SettingsRefusal> {
  if (!command.isCloudOwner) return refuse("not-cloud-owner");
  if (settings.status !== "disconnected") {
    return isSamePlatform(settings.platform, command.platform)
      ? unchanged(settings)
      : refuse("connected-elsewhere");
  }
  return changed(
    {
      status: "disabled",
      connectionOrdinal: settings.connectionOrdinal + 1,
      platform: command.platform,
      disabled: null,
    },
    "enterprise_installation.create",
    command,
  );
}

function enable(settings: Settings, command: EnableCommand): Result<SettingsTransition, SettingsRefusal> {
  if (settings.status === "disconnected") return refuse("github-connect-disabled");
  if (settings.status === "enabled") return unchanged(settings);
  if (!command.terms.isAccepted) {
    const { url } = command.terms;
    const message =
      "The current terms have not been accepted: send the owner to the address, then ask again.";
    return err({ type: "terms-not-accepted", url, message });
  }
  return changed(
    {
      status: "enabled",
      connectionOrdinal: settings.connectionOrdinal,
      platform: settings.platform,
      enabledAt: command.at,
      enabledBy: command.by.userId,
      askedAfter: null,
      epoch: null,
    },
    "unified_contributions.enable",
    command,
  );
}

function isSamePlatform(a: Platform, b: Platform): boolean {
  if (a.type === "github.com") return b.type === "github.com";
  return b.type === "ghe.com" && a.subdomain === b.subdomain;
}

function unchanged(settings: Settings): Result<SettingsTransition, SettingsRefusal> {
  return ok({ settings, audit: null });
}

function changed(
  settings: Settings,
  action: AuditAction,
  command: SettingsCommand,
): Result<SettingsTransition, SettingsRefusal> {
  return ok({ settings, audit: { action, actor: command.by.userId, user: null, createdAt: command.at } });
}

function refuse(type: keyof typeof MESSAGES): Result<never, SettingsRefusal> {
  return err({ type, message: MESSAGES[type] });
}
