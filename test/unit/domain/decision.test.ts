import { err, errAsync, ok, okAsync } from "neverthrow";
import type { VersionConflict } from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import { commitDecision, type Document } from "../../../src/domain/decision.ts";

/** A document that holds a number at version 7, whose commit meets another writer so many times. */
function contended(times: number) {
  const calls: string[] = [];
  let version = 7;
  const document: Document<number, number> = {
    load: () => {
      calls.push("load");
      return okAsync({ value: 40, version });
    },
    commit: (write, expectedVersion) => {
      calls.push(`commit ${write} over ${expectedVersion}`);
      if (version++ < 7 + times) return errAsync<number, VersionConflict>({ type: "version-conflict" });
      return okAsync(version);
    },
  };
  return { document, calls };
}

describe("a decision", () => {
  test("is committed over the version that was loaded, and the caller gets its value", async () => {
    const { document, calls } = contended(0);

    const result = await commitDecision(document, (before) => ok({ write: before + 2, value: "done" }));

    expect(result._unsafeUnwrap()).toBe("done");
    expect(calls).toEqual(["load", "commit 42 over 7"]);
  });

  test("that writes nothing commits nothing", async () => {
    const { document, calls } = contended(0);

    const result = await commitDecision(document, (before) => ok({ write: null, value: before }));

    expect(result._unsafeUnwrap()).toBe(40);
    expect(calls).toEqual(["load"]);
  });

  test("that refuses commits nothing", async () => {
    const { document, calls } = contended(0);

    const result = await commitDecision(document, () => err({ type: "not-yourself" }));

    expect(result._unsafeUnwrapErr()).toEqual({ type: "not-yourself" });
    expect(calls).toEqual(["load"]);
  });
});

describe("deciding again while another writer commits in between", () => {
  test.each([1, 19])(
    "succeeds after %i conflicts, over the version that was loaded last",
    async (conflicts) => {
      const { document, calls } = contended(conflicts);

      const result = await commitDecision(document, () => ok({ write: 1, value: "written" }));

      expect(result._unsafeUnwrap()).toBe("written");
      expect(calls).toHaveLength(2 * (conflicts + 1));
      expect(calls.at(-1)).toBe(`commit 1 over ${7 + conflicts}`);
    },
  );

  test("gives up with a named fault after 20 tries", async () => {
    const { document, calls } = contended(20);

    const result = await commitDecision(document, () => ok({ write: 1, value: "written" }));

    expect(result._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "timed-out",
      message: "Other writers committed first every time: try again later.",
    });
    expect(calls).toHaveLength(40);
  });

  test("does not try again after any other fault", async () => {
    const full = { type: "storage-fault", reason: "read-only", message: "The disk is full." } as const;
    const { document, calls } = contended(0);
    const failing: Document<number, number> = { ...document, commit: () => errAsync(full) };

    const result = await commitDecision(failing, () => ok({ write: 1, value: "written" }));

    expect(result._unsafeUnwrapErr()).toBe(full);
    expect(calls).toEqual(["load"]);
  });
});
