// The same history for both machines that are compared: the commands of 64 enterprises' owners for their settings. Each
// command is refused or taken as the table of `transitionSettings` says.
import type { Instant, UserId } from "unified-contributions";
import type { Platform, Settings, SettingsCommand, SettingsRefusal } from "unified-contributions/ghes";

/** One command, and the expected result. */
export interface SettingsStep {
  readonly command: SettingsCommand;
  /** The status afterwards. A refusal leaves it as it was. */
  readonly status: string;
  /** The refusal, or null if the command is taken. */
  readonly refusal: string | null;
}

const ENTERPRISES = 64;

/** Returns the steps of every enterprise, one after the other. Each begins without any connection. */
export function settingsLives(): readonly (readonly SettingsStep[])[] {
  return Array.from({ length: ENTERPRISES }, (_, enterprise) => settingsLife(enterprise));
}

function settingsLife(enterprise: number): readonly SettingsStep[] {
  let now = Date.UTC(2026, 2, 1) + enterprise * 1_000;
  const asked = (isEnterpriseOwner = true) => {
    now += 60_000;
    return { by: { userId: `owner-${enterprise}` as UserId, isEnterpriseOwner }, at: now as Instant };
  };
  const platform: Platform =
    enterprise % 2 === 0 ? { type: "github.com" } : { type: "ghe.com", subdomain: `octo-${enterprise}` };
  const elsewhere: Platform = { type: "ghe.com", subdomain: "elsewhere" };
  const url = `https://github.com/enterprises/octo-${enterprise}/terms`;
  const refused = (refusal: SettingsRefusal["type"]) => ({ refusal });
  const script: readonly (readonly [SettingsCommand, Settings["status"] | { readonly refusal: string }])[] = [
    [{ type: "enable", ...asked(), terms: { isAccepted: true } }, refused("github-connect-disabled")],
    [{ type: "connect", ...asked(), platform, isCloudOwner: false }, refused("not-cloud-owner")],
    [{ type: "connect", ...asked(), platform, isCloudOwner: true }, "disabled"],
    [
      { type: "connect", ...asked(), platform: elsewhere, isCloudOwner: true },
      refused("connected-elsewhere"),
    ],
    [{ type: "enable", ...asked(), terms: { isAccepted: false, url } }, refused("terms-not-accepted")],
    [{ type: "enable", ...asked(false), terms: { isAccepted: true } }, refused("not-enterprise-owner")],
    [{ type: "enable", ...asked(), terms: { isAccepted: true } }, "enabled"],
    [{ type: "enable", ...asked(), terms: { isAccepted: true } }, "enabled"],
    [{ type: "disable", ...asked() }, "disabled"],
    [{ type: "disable", ...asked() }, "disabled"],
    [{ type: "enable", ...asked(), terms: { isAccepted: true } }, "enabled"],
    [{ type: "disconnect", ...asked() }, "disconnected"],
  ];
  let status: Settings["status"] = "disconnected";
  return script.map(([command, expected]) => {
    const refusal = typeof expected === "object" ? expected.refusal : null;
    if (typeof expected === "string") status = expected;
    return { command, status, refusal };
  });
}
