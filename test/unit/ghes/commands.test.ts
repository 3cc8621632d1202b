import { describe, expect, it } from "vitest";
import { parseSettingsCommand, parseUserLinkCommand } from "../../../src/ghes/commands.ts";
import { attemptId, linkId, NOW, OCTO, OWNER } from "../../support/values.ts";

const BY = { userId: OWNER, isEnterpriseOwner: true };
const CONNECT = { type: "connect", by: BY, at: NOW, platform: { type: "github.com" }, isCloudOwner: true };
const ENABLE = { type: "enable", by: BY, at: NOW, terms: { isAccepted: true } };
const CANCEL = { type: "cancel-connecting", by: OCTO, at: NOW, attempt: attemptId(1) };
const OPT_IN = { type: "opt-in", by: OCTO, at: NOW };
const END = { type: "end", at: NOW, reason: "user-suspended" };

function onPlatform(subdomain: unknown): object {
  return { ...CONNECT, platform: { type: "ghe.com", subdomain } };
}

function termsAt(url: unknown): object {
  return { ...ENABLE, terms: { isAccepted: false, url } };
}

describe("a command about the settings", () => {
  it.each<[string, object]>([
    ["connect", CONNECT],
    ["connect without ownership of the other side", { ...CONNECT, isCloudOwner: false }],
    ["disconnect", { type: "disconnect", by: BY, at: NOW }],
    ["enable", ENABLE],
    [
      "enable without the terms",
      { ...ENABLE, terms: { isAccepted: false, url: `https://github.com/${"t".repeat(2_029)}` } },
    ],
    ["enable with terms on a plain connection", termsAt("http://ghes.example/terms")],
    ["disable", { type: "disable", by: { ...BY, isEnterpriseOwner: false }, at: 0 }],
    ["connect to the shortest subdomain", onPlatform("a")],
    ["connect to the longest subdomain", onPlatform("a".repeat(63))],
    ["connect to a subdomain with hyphens and digits", onPlatform("4-acme--corp-2")],
  ])("is taken as it is: %s", (_, command) => {
    expect(parseSettingsCommand(command)._unsafeUnwrap()).toEqual(command);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, ""],
    ["null", null, ""],
    ["a text", "enable", ""],
    ["a list", [ENABLE], ""],
    ["another key", { ...ENABLE, isForced: true }, ""],
    ["no type", { by: BY, at: NOW }, "type"],
    ["an unknown type", { ...ENABLE, type: "destroy" }, "type"],
    ["a user's type", OPT_IN, "type"],
    ["no actor", { type: "disable", at: NOW }, "by"],
    ["an actor's id alone", { type: "disable", by: OWNER, at: NOW }, "by"],
    ["an actor without an id", { type: "disable", by: { ...BY, userId: "" }, at: NOW }, "by.userId"],
    ["an actor of whom nothing is known", { ...ENABLE, by: { userId: OWNER } }, "by.isEnterpriseOwner"],
    ["a truthy ownership", { ...ENABLE, by: { ...BY, isEnterpriseOwner: 1 } }, "by.isEnterpriseOwner"],
    ["another key of the actor", { ...ENABLE, by: { ...BY, email: "o@acme.example" } }, "by"],
    ["no instant", { type: "disable", by: BY }, "at"],
    ["an instant as text", { ...ENABLE, at: "2026-03-01T12:00:00Z" }, "at"],
    ["a negative instant", { ...ENABLE, at: -1 }, "at"],
    ["terms that are only true", { ...ENABLE, terms: true }, "terms"],
    ["terms of which nothing is known", { ...ENABLE, terms: {} }, "terms.isAccepted"],
    ["refused terms without an address", { ...ENABLE, terms: { isAccepted: false } }, "terms.url"],
    ["an address that is too long", termsAt(`https://github.com/${"t".repeat(2_030)}`), "terms.url"],
    ["an address that is none", termsAt("github.com/terms"), "terms.url"],
    ["an address that runs", termsAt("javascript:alert(1)//https://github.com"), "terms.url"],
    ["an address of nothing", termsAt("https://"), "terms.url"],
    ["an address with a space", termsAt("https://github.com/te rms"), "terms.url"],
    ["an address with a line's end", termsAt("https://github.com/terms\n"), "terms.url"],
    ["an address that is no text", termsAt(["https://github.com"]), "terms.url"],
    ["accepted terms with an address", { ...ENABLE, terms: { isAccepted: true, url: "" } }, "terms"],
    ["no platform", { ...CONNECT, platform: undefined }, "platform"],
    ["an unknown platform", { ...CONNECT, platform: { type: "gitlab.com" } }, "platform.type"],
    [
      "a subdomain of GitHub.com",
      { ...CONNECT, platform: { type: "github.com", subdomain: "a" } },
      "platform",
    ],
    ["no ownership of the other side", { ...CONNECT, isCloudOwner: undefined }, "isCloudOwner"],
    ["no subdomain", onPlatform(undefined), "platform.subdomain"],
    ["an empty subdomain", onPlatform(""), "platform.subdomain"],
    ["a subdomain of 64 characters", onPlatform("a".repeat(64)), "platform.subdomain"],
    ["capitals in a subdomain", onPlatform("Acme"), "platform.subdomain"],
    ["a hyphen at its beginning", onPlatform("-acme"), "platform.subdomain"],
    ["a hyphen at its end", onPlatform("acme-"), "platform.subdomain"],
    ["two labels", onPlatform("acme.evil"), "platform.subdomain"],
    ["a line's end", onPlatform("acme\n"), "platform.subdomain"],
    ["a list for a subdomain", onPlatform(["acme"]), "platform.subdomain"],
    ["ten megabytes of subdomain", onPlatform("a-".repeat(5_000_000)), "platform.subdomain"],
  ])("is refused, and the field named: %s", (_, input, field) => {
    const what = field === "" ? /^The command has to be an object/ : / has to be .+[.]$/;

    expect(parseSettingsCommand(input)._unsafeUnwrapErr()).toEqual({
      type: "invalid-command",
      field,
      message: expect.stringMatching(what),
    });
  });

  it("is refused with every type that there is, if its own is none", () => {
    expect(parseSettingsCommand({ type: "opt-in" })._unsafeUnwrapErr().message).toBe(
      "The command's field `type` has to be `connect`, `disconnect`, `enable` or `disable`.",
    );
    expect(parseUserLinkCommand({ type: "enable" })._unsafeUnwrapErr().message).toBe(
      "The command's field `type` has to be `cancel-connecting`, `opt-in`, `opt-out`, `disconnect` or `end`.",
    );
  });
});

describe("a command about a link", () => {
  it.each<[string, object]>([
    ["cancel connecting", CANCEL],
    ["opt in", OPT_IN],
    ["opt out", { type: "opt-out", by: OCTO, at: NOW }],
    ["disconnect", { type: "disconnect", by: OCTO, at: NOW }],
    ["end: authorization-revoked", { ...END, reason: "authorization-revoked" }],
    ["end: account-deleted", { ...END, reason: "account-deleted" }],
    ["end: user-suspended", { ...END, reason: "user-suspended" }],
    ["end: user-deleted", { ...END, reason: "user-deleted" }],
  ])("is taken as it is: %s", (_, command) => {
    expect(parseUserLinkCommand(command)._unsafeUnwrap()).toEqual(command);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, ""],
    ["an owner's type", ENABLE, "type"],
    ["another key", { ...CANCEL, accessToken: "secret" }, ""],
    ["nobody who asks", { ...CANCEL, by: undefined }, "by"],
    ["a control character in who asks", { ...CANCEL, by: "octo\u0000" }, "by"],
    ["no instant", { ...CANCEL, at: Number.NaN }, "at"],
    ["no attempt", { ...CANCEL, attempt: undefined }, "attempt"],
    ["an attempt of 65 characters", { ...CANCEL, attempt: "a".repeat(65) }, "attempt"],
    ["a consent from outside", { ...OPT_IN, consent: { linkId: linkId("link-1"), epoch: 1 } }, ""],
    ["the end of a redemption", { ...CANCEL, type: "finish-redeeming", consent: null }, "type"],
    ["an unknown reason", { ...END, reason: "bored" }, "reason"],
    ["an end that names who asks", { ...END, by: OCTO }, ""],
  ])("is refused, and the field named: %s", (_, input, field) => {
    expect(parseUserLinkCommand(input)._unsafeUnwrapErr()).toMatchObject({ type: "invalid-command", field });
  });

  it("says what a field has to be, also of a Date for an instant", () => {
    const refused = parseUserLinkCommand({ ...OPT_IN, at: new Date(NOW) })._unsafeUnwrapErr();

    expect(refused.message).toBe(
      "The command's field `at` has to be milliseconds since 1970 as a whole number, not a Date.",
    );
  });

  it("ends no link as gone: only the receiver's answer can say that", () => {
    const refused = parseUserLinkCommand({ ...END, reason: "link-ended" });

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "invalid-command", field: "reason" });
  });
});
