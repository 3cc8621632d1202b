// The enterprise's settings as a robot3 machine: states, guards and reducers as its documentation has them; what has to
// be done outside (the audit entry, the refusal) stands in its context, as it has no effects as data. It has no pure
// transition either, so a service takes the commands.
import { createMachine, guard, interpret, reduce, state, transition } from "robot3";
import type {
  AuditAction,
  AuditEntry,
  Platform,
  SettingsCommand,
  SettingsRefusal,
} from "unified-contributions/ghes";
import { isSame } from "./bare-settings.ts";

interface Memory {
  readonly platform: Platform | null;
  readonly connectionOrdinal: number;
  readonly audit: AuditEntry | null;
  readonly refusal: SettingsRefusal["type"] | null;
}

const NOTHING: Memory = { platform: null, connectionOrdinal: 0, audit: null, refusal: null };

const isNoOwner = guard<Memory, SettingsCommand>((_, event) => !event.by.isEnterpriseOwner);
const isNoCloudOwner = guard<Memory, SettingsCommand>(
  (_, event) => event.type === "connect" && !event.isCloudOwner,
);
const isElsewhere = guard<Memory, SettingsCommand>(
  ({ platform }, event) => event.type === "connect" && platform !== null && !isSame(platform, event.platform),
);
const hasNotAccepted = guard<Memory, SettingsCommand>(
  (_, event) => event.type === "enable" && !event.terms.isAccepted,
);

const refuse = (refusal: SettingsRefusal["type"]) =>
  reduce<Memory, SettingsCommand>(({ platform, connectionOrdinal }) => ({
    platform,
    connectionOrdinal,
    audit: null,
    refusal,
  }));
const note = (action: AuditAction) =>
  reduce<Memory, SettingsCommand>(({ platform, connectionOrdinal }, event) => ({
    platform,
    connectionOrdinal,
    audit: { action, actor: event.by.userId, user: null, createdAt: event.at },
    refusal: null,
  }));
const take = reduce<Memory, SettingsCommand>((memory, event) => ({
  ...memory,
  platform: event.type === "connect" ? event.platform : null,
  connectionOrdinal: memory.connectionOrdinal + 1,
}));
const forget = reduce<Memory, SettingsCommand>((memory) => ({ ...memory, platform: null }));
const same = reduce<Memory, SettingsCommand>(({ platform, connectionOrdinal }) => ({
  ...NOTHING,
  platform,
  connectionOrdinal,
}));

/** A state in which owners may do some things, and nobody else anything. */
function stateOf(name: string, ...open: ReturnType<typeof transition<string, Memory, SettingsCommand>>[]) {
  const commands = ["connect", "disconnect", "enable", "disable"];
  const others = commands.map((command) =>
    transition(command, name, isNoOwner, refuse("not-enterprise-owner")),
  );
  return state(...others, ...open, ...commands.map((command) => transition(command, name, same)));
}

const noCloudOwner = (name: string) => transition("connect", name, isNoCloudOwner, refuse("not-cloud-owner"));
const elsewhere = (name: string) => transition("connect", name, isElsewhere, refuse("connected-elsewhere"));
const disconnect = transition("disconnect", "disconnected", forget, note("enterprise_installation.destroy"));

const machine = createMachine(
  "disconnected",
  {
    disconnected: stateOf(
      "disconnected",
      noCloudOwner("disconnected"),
      transition("connect", "disabled", take, note("enterprise_installation.create")),
      transition("enable", "disconnected", refuse("github-connect-disabled")),
    ),
    disabled: stateOf(
      "disabled",
      noCloudOwner("disabled"),
      elsewhere("disabled"),
      transition("enable", "disabled", hasNotAccepted, refuse("terms-not-accepted")),
      transition("enable", "enabled", note("unified_contributions.enable")),
      disconnect,
    ),
    enabled: stateOf(
      "enabled",
      noCloudOwner("enabled"),
      elsewhere("enabled"),
      transition("disable", "disabled", note("unified_contributions.disable")),
      disconnect,
    ),
  },
  () => NOTHING,
);

/** The settings of a server that never had GitHub Connect. */
export function robotSettings() {
  return interpret(machine, () => undefined);
}
