import { describe, expect, it } from "vitest";
import { garbled, lost } from "../../support/ghes-interventions.ts";
import { createWorldOf } from "../../support/ghes-world.ts";
import { OCTO } from "../../support/values.ts";

describe("an attempt to connect", () => {
  it("is refused by name where too many of the server are under way", async () => {
    const world = await createWorldOf();
    const refused = { type: "push-refused", reason: "too-many-attempts" };
    world.wire.on(
      "push",
      garbled((answer) => ({ ...(answer as object), ...refused })),
    );

    const fault = (await world.sender.connect(OCTO))._unsafeUnwrapErr();

    expect(fault).toEqual({
      type: "too-many-attempts",
      message: "Too many users are connecting at once: try again in ten minutes.",
    });
  });

  it("says why the cloud did not understand it", async () => {
    const world = await createWorldOf();
    const supported = { first: 2, last: 3 };
    world.wire.on(
      "push",
      garbled((answer) => {
        const { requestId } = answer as { readonly requestId: string };
        return { version: 1, type: "rejected", requestId, reason: "unsupported-version", supported };
      }),
    );

    const fault = (await world.sender.connect(OCTO))._unsafeUnwrapErr();

    expect(fault).toEqual({
      type: "rejected",
      reason: "unsupported-version",
      message:
        "GitHub Enterprise Cloud does not speak this version of the protocol: upgrade it before this server.",
    });
  });

  it("goes on being redeemed where its code reaches another browser as well", async () => {
    const world = await createWorldOf();
    const { attempt, code } = await world.consent(OCTO);
    world.wire.on("redeem", lost);
    (await world.sender.redeem({ user: OCTO, attempt, code }))._unsafeUnwrapErr();

    const fault = (await world.sender.redeem({ user: null, attempt, code }))._unsafeUnwrapErr();

    expect(fault.type).toBe("no-such-attempt");
    expect((await world.record()).link.status).toBe("redeeming");
  });
});
