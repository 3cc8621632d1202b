import {
  type Actor,
  type Platform,
  type Settings,
  type SettingsCommand,
  transitionSettings,
} from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { disabledSettings } from "../../../src/ghes/settings.ts";
import { documentedCells } from "../../support/ghes-doc-table.ts";
import { DISABLED, ENABLED } from "../../support/ghes-states.ts";
import { EARLIER, NOW, OWNER, user } from "../../support/values.ts";

const BY: Actor = { userId: OWNER, isEnterpriseOwner: true };
const GITHUB: Platform = { type: "github.com" };
const ACME: Platform = { type: "ghe.com", subdomain: "acme" };
const TERMS_URL = "https://github.com/enterprises/acme/terms";

const SETTINGS: Record<Settings["status"], Settings> = {
  disconnected: { status: "disconnected", connectionOrdinal: 1 },
  disabled: DISABLED,
  enabled: ENABLED,
};

const COMMANDS = {
  connect: { type: "connect", by: BY, at: NOW, platform: GITHUB, isCloudOwner: true },
  disconnect: { type: "disconnect", by: BY, at: NOW },
  enable: { type: "enable", by: BY, at: NOW, terms: { isAccepted: true } },
  disable: { type: "disable", by: BY, at: NOW },
} as const satisfies Record<SettingsCommand["type"], SettingsCommand>;

/** The same commands with the one circumstance that the table names a second outcome for. */
const OTHERWISE: Partial<Record<SettingsCommand["type"], SettingsCommand>> = {
  connect: { ...COMMANDS.connect, platform: ACME },
  enable: { ...COMMANDS.enable, terms: { isAccepted: false, url: TERMS_URL } },
};

/** What the table would say of this: `→ status`, `unchanged`, or the name of a refusal. */
function outcomeOf(settings: Settings, command: SettingsCommand): string {
  return transitionSettings(settings, command).match(
    (next) => (next.settings === settings ? "unchanged" : `→ ${next.settings.status}`),
    (refusal) => refusal.type,
  );
}

const CELLS = documentedCells("src/ghes/settings.ts", "settings");

describe("the documented table of settings and commands", () => {
  it("has a cell for every state and every command", () => {
    const cells = CELLS.map(([row, column]) => `${row} ${column}`);

    expect(cells).toEqual(
      Object.keys(SETTINGS).flatMap((state) => Object.keys(COMMANDS).map((command) => `${state} ${command}`)),
    );
  });

  it.each(CELLS)("%s, %s: %s", (row, column, says) => {
    const settings = SETTINGS[row as Settings["status"]];
    const type = column as SettingsCommand["type"];
    const [documented, otherwise] = says.split(", or ");

    const otherCommand = OTHERWISE[type] ?? COMMANDS[type];

    expect(outcomeOf(settings, COMMANDS[type])).toBe(documented);
    expect(outcomeOf(settings, otherCommand)).toBe(otherwise ?? documented);
  });

  it.each(CELLS)("%s, %s: refused to whoever owns no enterprise", (row, column) => {
    const command = {
      ...COMMANDS[column as SettingsCommand["type"]],
      by: { userId: user("member"), isEnterpriseOwner: false },
    };

    const refused = transitionSettings(SETTINGS[row as Settings["status"]], command);

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "not-enterprise-owner",
      message: "Only an enterprise owner may change this: ask one of them to.",
    });
  });

  it.each(Object.entries(SETTINGS))(
    "%s: connecting is refused to whoever does not own the other side",
    (_, settings) => {
      const refused = transitionSettings(settings, { ...COMMANDS.connect, isCloudOwner: false });

      expect(refused._unsafeUnwrapErr()).toEqual({
        type: "not-cloud-owner",
        message: "Connecting needs an owner on both sides: sign in as an owner on GitHub Enterprise Cloud.",
      });
    },
  );
});

describe("a command that changes something", () => {
  it("connects for the first time", () => {
    const next = transitionSettings({ status: "disconnected", connectionOrdinal: 0 }, COMMANDS.connect);

    expect(next._unsafeUnwrap()).toEqual({
      settings: {
        status: "disabled",
        connectionOrdinal: 1,
        platform: { type: "github.com" },
        disabled: null,
      },
      audit: {
        action: "enterprise_installation.create",
        actor: "owner",
        user: null,
        createdAt: NOW,
      },
    });
  });

  it("connects again, to another platform, as a connection of its own", () => {
    const next = transitionSettings(SETTINGS.disconnected, { ...COMMANDS.connect, platform: ACME });

    expect(next._unsafeUnwrap().settings).toEqual({
      status: "disabled",
      connectionOrdinal: 2,
      platform: { type: "ghe.com", subdomain: "acme" },
      disabled: null,
    });
  });

  it.each([DISABLED, ENABLED])(
    "disconnects what was $status, and keeps count of the connections",
    (settings) => {
      const next = transitionSettings({ ...settings, connectionOrdinal: 4 }, COMMANDS.disconnect);

      expect(next._unsafeUnwrap()).toEqual({
        settings: { status: "disconnected", connectionOrdinal: 4 },
        audit: { action: "enterprise_installation.destroy", actor: "owner", user: null, createdAt: NOW },
      });
    },
  );

  it("enables, with no epoch asked for yet", () => {
    const next = transitionSettings({ ...DISABLED, platform: ACME }, COMMANDS.enable);

    expect(next._unsafeUnwrap()).toEqual({
      settings: {
        status: "enabled",
        connectionOrdinal: 1,
        platform: { type: "ghe.com", subdomain: "acme" },
        enabledAt: NOW,
        enabledBy: "owner",
        askedAfter: null,
        epoch: null,
      },
      audit: { action: "unified_contributions.enable", actor: "owner", user: null, createdAt: NOW },
    });
  });

  it("disables, and keeps the connection", () => {
    const next = transitionSettings(ENABLED, COMMANDS.disable);

    expect(next._unsafeUnwrap()).toEqual({
      settings: {
        status: "disabled",
        connectionOrdinal: 1,
        platform: { type: "github.com" },
        disabled: { at: NOW, by: "owner" },
      },
      audit: { action: "unified_contributions.disable", actor: "owner", user: null, createdAt: NOW },
    });
  });
});

describe("a command that changes nothing", () => {
  it.each([
    ["disconnected", "disconnect"],
    ["disconnected", "disable"],
    ["disabled", "connect"],
    ["disabled", "disable"],
    ["enabled", "connect"],
    ["enabled", "enable"],
  ] as const)("answers with the very same settings and no audit entry: %s, %s", (state, type) => {
    const next = transitionSettings(SETTINGS[state], COMMANDS[type])._unsafeUnwrap();

    expect(next.settings).toBe(SETTINGS[state]);
    expect(next.audit).toBeNull();
  });
});

describe("a refusal", () => {
  it("says that GitHub Connect is off", () => {
    const refused = transitionSettings(SETTINGS.disconnected, COMMANDS.enable);

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "github-connect-disabled",
      message: "GitHub Connect is off: an enterprise owner has to enable it first.",
    });
  });

  it("says where the terms are", () => {
    const command = { ...COMMANDS.enable, terms: { isAccepted: false, url: TERMS_URL } } as const;

    const refused = transitionSettings(DISABLED, command);

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "terms-not-accepted",
      url: "https://github.com/enterprises/acme/terms",
      message: "The current terms have not been accepted: send the owner to the address, then ask again.",
    });
  });

  it.each<[Platform, Platform]>([
    [GITHUB, ACME],
    [ACME, GITHUB],
    [ACME, { type: "ghe.com", subdomain: "octo" }],
  ])("says that the connection leads elsewhere: %o, %o", (platform, other) => {
    const refused = transitionSettings({ ...ENABLED, platform }, { ...COMMANDS.connect, platform: other });

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "connected-elsewhere",
      message: "GitHub Connect is on with another platform: disconnect first, then connect.",
    });
  });

  it("is not given for connecting again to the same subdomain", () => {
    const settings = { ...DISABLED, platform: ACME };
    const command = { ...COMMANDS.connect, platform: { type: "ghe.com", subdomain: "acme" } } as const;

    expect(transitionSettings(settings, command)._unsafeUnwrap().settings).toBe(settings);
  });
});

it("names nobody where the feature was disabled on the cloud's side", () => {
  expect(disabledSettings(ENABLED, EARLIER, null)).toEqual({
    status: "disabled",
    connectionOrdinal: 1,
    platform: { type: "github.com" },
    disabled: { at: EARLIER, by: null },
  });
});
