// The enterprise's settings as an XState v5 machine, in the way its documentation teaches: states, guards, `assign`,
// and what has to be done outside (the audit entry, the refusal) as actions with parameters.
import type { AuditAction, Platform, SettingsCommand, SettingsRefusal } from "unified-contributions/ghes";
import { assign, setup } from "xstate";
import { isSame } from "./bare-settings.ts";

interface Memory {
  readonly platform: Platform | null;
  readonly connectionOrdinal: number;
}

type Given = { readonly event: SettingsCommand };

const refuse = (type: SettingsRefusal["type"]) => ({ type: "refuse", params: { type } }) as const;
const audit = (action: AuditAction) =>
  ({
    type: "audit",
    params: ({ event }: Given) => ({ action, actor: event.by.userId, user: null, createdAt: event.at }),
  }) as const;

const others = { guard: "isNoOwner", actions: refuse("not-enterprise-owner") } as const;
const noCloudOwner = { guard: "isNoCloudOwner", actions: refuse("not-cloud-owner") } as const;
const connectedAlready = [
  others,
  noCloudOwner,
  { guard: "isElsewhere", actions: refuse("connected-elsewhere") },
] as const;
const disconnect = [
  others,
  { target: "disconnected", actions: ["disconnect", audit("enterprise_installation.destroy")] },
] as const;

/** The machine. */
export const xstateSettings = setup({
  types: { context: {} as Memory, events: {} as SettingsCommand },
  actions: {
    connect: assign(({ context, event }) =>
      event.type === "connect"
        ? { platform: event.platform, connectionOrdinal: context.connectionOrdinal + 1 }
        : {},
    ),
    disconnect: assign({ platform: null }),
    refuse: (_, _refusal: { type: string }) => undefined,
    audit: (_, _entry: { action: string; actor: string; user: null; createdAt: number }) => undefined,
  },
  guards: {
    isNoOwner: ({ event }) => !event.by.isEnterpriseOwner,
    isNoCloudOwner: ({ event }) => event.type === "connect" && !event.isCloudOwner,
    isElsewhere: ({ context, event }) =>
      event.type === "connect" && context.platform !== null && !isSame(context.platform, event.platform),
    hasNotAccepted: ({ event }) => event.type === "enable" && !event.terms.isAccepted,
  },
}).createMachine({
  context: { platform: null, connectionOrdinal: 0 },
  initial: "disconnected",
  states: {
    disconnected: {
      on: {
        connect: [
          others,
          noCloudOwner,
          { target: "disabled", actions: ["connect", audit("enterprise_installation.create")] },
        ],
        enable: [others, { actions: refuse("github-connect-disabled") }],
      },
    },
    disabled: {
      on: {
        connect: connectedAlready,
        enable: [
          others,
          { guard: "hasNotAccepted", actions: refuse("terms-not-accepted") },
          { target: "enabled", actions: audit("unified_contributions.enable") },
        ],
        disconnect,
      },
    },
    enabled: {
      on: {
        connect: connectedAlready,
        disable: [others, { target: "disabled", actions: audit("unified_contributions.disable") }],
        disconnect,
      },
    },
  },
});
