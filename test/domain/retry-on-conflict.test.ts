import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import { describe, expect, test } from "vitest";
import type { VersionConflict } from "../../src/domain/fault.ts";
import { retryOnConflict } from "../../src/domain/retry-on-conflict.ts";

/** An attempt that meets another writer so many times, and counts how often it was made. */
function contended(times: number) {
  const attempts = { made: 0 };
  const attempt = (): ResultAsync<string, VersionConflict> => {
    attempts.made++;
    return attempts.made > times ? okAsync("written") : errAsync({ type: "version-conflict" });
  };
  return { attempts, attempt };
}

describe("deciding anew while somebody else writes in between", () => {
  test.each([0, 1, 19])("succeeds after %i conflicts", async (conflicts) => {
    const { attempt, attempts } = contended(conflicts);

    const result = await retryOnConflict(attempt);

    expect(result._unsafeUnwrap()).toBe("written");
    expect(attempts.made).toBe(conflicts + 1);
  });

  test("gives up with a named fault after 20 tries", async () => {
    const { attempt, attempts } = contended(20);

    const result = await retryOnConflict(attempt);

    expect(result._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "timed-out",
      message: "Others kept writing in between: try again.",
    });
    expect(attempts.made).toBe(20);
  });

  test("does not try any other fault again", async () => {
    let made = 0;

    const result = await retryOnConflict(() => {
      made++;
      return errAsync({ type: "wrong-password" });
    });

    expect(result._unsafeUnwrapErr()).toEqual({ type: "wrong-password" });
    expect(made).toBe(1);
  });
});
