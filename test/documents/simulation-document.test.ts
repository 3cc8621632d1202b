import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { REMOVED_RECEIVER_RULES } from "../trials/exhaustive/removed-receiver-rules.ts";
import { REMOVED_SENDER_RULES } from "../trials/exhaustive/removed-sender-rules.ts";
import { BROKEN_PARTS } from "../trials/simulation/broken-parts.ts";
import { REMOVED_RULES } from "../trials/simulation/removed-rules.ts";

const document = readFileSync("docs/simulation.md", "utf8");

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

describe("the document of the simulation", () => {
  it("says which world misses which rule", () => {
    const rows = REMOVED_RULES.map(({ rule, without, missed: { seed, hours, breaks } }) => [
      rule,
      without,
      breaks,
      `--seed ${seed} --hours ${hours}`,
    ]);

    expect(document).toContain(table(["rule", "without", "breaks", "in world"], rows));
  });

  it("says how many hours a part needs before its fault is noticed", () => {
    const rows = BROKEN_PARTS.map(({ part, fault, noticed: { seed, breaks } }) => [
      part,
      fault,
      seed,
      breaks,
    ]);

    expect(document).toContain(table(["part", "fault", "noticed by world", "breaks"], rows));
  });

  it("says which rule the search misses, and why it does not miss the others", () => {
    const removed = [...REMOVED_RECEIVER_RULES, ...REMOVED_SENDER_RULES];
    const rows = removed.map(({ rule, without, then }) =>
      typeof then === "string" ? [rule, without, "nothing", then] : [rule, without, then.breaks, then.in],
    );

    expect(document).toContain(table(["rule", "without", "breaks", "where, or why not"], rows));
  });
});
