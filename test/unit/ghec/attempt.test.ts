import type { BrowserId } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { answeredAttempt, redeemedAttempt, type StoredAttempt } from "../../../src/ghec/attempt.ts";
import {
  attemptId,
  consentCode,
  EARLIER,
  HQ,
  linkId,
  MONA_ACCOUNT,
  NOW,
  OCTO_ACCOUNT,
} from "../../support/values.ts";

const HERS = "browser-1" as BrowserId;
const PUSHED: StoredAttempt = {
  ...{ installation: HQ, attempt: attemptId(1), epoch: 1, expiresAt: NOW },
  ...{ browser: null, account: null, code: null, linkId: linkId(1), isRedeemed: false },
};
const SHOWN = { attempt: attemptId(1), browser: HERS, consent: null, at: EARLIER };
const CONSENT = { account: OCTO_ACCOUNT, code: consentCode(1), expiresAt: EARLIER };
const CONSENTED: StoredAttempt = { ...PUSHED, browser: HERS, ...CONSENT };

describe("an attempt", () => {
  it("belongs to the first browser that brings it", () => {
    expect(answeredAttempt(PUSHED, SHOWN)).toEqual({ ...PUSHED, browser: HERS });
    expect(answeredAttempt({ ...PUSHED, browser: "browser-2" as BrowserId }, SHOWN)).toBeNull();
  });

  it("belongs to the account that consents, whose code is valid for less long than the attempt", () => {
    expect(answeredAttempt({ ...PUSHED, browser: HERS }, { ...SHOWN, consent: CONSENT })).toEqual(CONSENTED);
    expect(
      answeredAttempt(CONSENTED, { ...SHOWN, consent: { ...CONSENT, account: MONA_ACCOUNT } }),
    ).toBeNull();
  });

  it("stays as it is while its page is shown again to its own browser", () => {
    expect(answeredAttempt(CONSENTED, SHOWN)).toEqual(CONSENTED);
  });

  it("keeps nothing of the consent once it has opened its link", () => {
    expect(redeemedAttempt(CONSENTED)).toEqual({ ...PUSHED, expiresAt: EARLIER, isRedeemed: true });
  });
});
