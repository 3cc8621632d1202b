import { describe, expect, it } from "vitest";
import type { Row } from "../../../scripts/bench/measure.ts";
import { type CommandOutcome, command } from "../../../scripts/command.ts";
import { newFolder, newRepository } from "../../documents/examples/git-repository.ts";

const IDS = [
  "aggregate.array",
  "aggregate.chunks",
  "aggregate.users",
  "validate.batch",
  "transition.link.bare",
  "transition.settings.bare",
  "hour.changed",
  "hour.nothing-due",
  "hour.daily-refresh",
  "hour.midnight",
  "hour.listener",
  "wire.bytes",
  "http.request",
  "http.request.gzip",
  "http.signature-share",
  "http.requests.links",
  "http.requests.short",
  "bundle.with-zod",
  "bundle.without-zod",
  "history.in-to-out",
  "postgres.store",
  "postgres.request",
  "postgres.store-unanalysed",
  "postgres.disable",
  "postgres.sweep",
  "postgres.calendar",
  "postgres.nothing-due",
  "postgres.catch-up",
  "postgres.reconcile",
  "postgres.failover-1000",
  "postgres.failover-5000",
  "postgres.ledger-opt-out",
  "postgres.ledger-off",
  "postgres.table-bytes",
  "postgres.wal-bytes",
];

/** The group that runs only if it is named. */
const SCALE_IDS = [
  "scale.box",
  "scale.day-bytes",
  "scale.day-in-place",
  "scale.store",
  "scale.shown",
  "scale.delete",
  "scale.disable",
  "scale.sweep",
  "scale.blocks",
  "scale.bytes",
  "scale.hour",
];

/** Only where there is a pgbench. */
const THROUGHPUT = "postgres.calendar-throughput";

// What is not fast is not asked here: these machines are busy with the other tests.
function bench(...args: string[]): Promise<CommandOutcome> {
  return command("node", ["--expose-gc", "scripts/run.js", "scripts/bench/main.ts", "--quick", ...args]);
}

describe("npm run bench", () => {
  it("prints every row with its ratio, its goal and whether it is met, as one JSON array", async () => {
    const repository = newRepository([
      { author: "Ada <ada@example.com>", at: "2025-08-01T09:00:00+02:00", title: "One" },
      { author: "Ada <ada@example.com>", at: "2026-02-28T23:30:00-08:00", title: "Two" },
    ]);

    const { code, stdout, output } = await bench("--json", "--git", repository);

    expect(output).toBe(stdout);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout);
    expect(rows.map(({ id }: Row) => id).filter((id: string) => id !== THROUGHPUT)).toEqual(IDS);
    for (const row of rows) {
      expect(row).toEqual({
        id: expect.any(String),
        what: expect.stringMatching(/./),
        yardstick: expect.stringMatching(/./),
        ratio: expect.any(Number),
        goal: expect.stringMatching(/^[≤≥] [\d.]+$/),
        met: expect.any(Boolean),
      });
    }
    // What depends on no clock is met on every machine: the bytes of a link, the size of the core, nothing sent again.
    const timeless = rows.filter(({ yardstick }: Row) => yardstick.startsWith("none"));
    expect(timeless.map(({ id, met }: Row) => ({ id, met }))).toEqual([
      { id: "hour.midnight", met: true },
      { id: "wire.bytes", met: true },
      { id: "bundle.with-zod", met: true },
      { id: "bundle.without-zod", met: true },
    ]);
    expect(timeless[0].ratio).toBe(0);
  });

  it("prints the rows of scale if that is named, each with a ratio of this run", async () => {
    const { code, stdout, output } = await bench("scale", "--json");

    expect(output).toBe(stdout);
    expect(code).toBe(0);
    const rows: readonly Row[] = JSON.parse(stdout);
    expect(rows.map(({ id }) => id)).toEqual(SCALE_IDS);
    for (const { ratio } of rows) expect(ratio).toBeGreaterThan(0);
  });

  it("prints one group for people, with the numbers behind the ratio", async () => {
    const { code, stdout } = await bench("wire");

    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^wire\.bytes +\d+\.\d\d {2}goal ≤ 65 +met$/),
      "    bytes a link, gzipped",
      "    against none: bytes",
      expect.stringMatching(/^ {4}\d+ bytes before gzip, \d+ contributions a link$/),
      "",
    ]);
  });

  it("prints a mistake in one line, without a stack, and exits with 1", async () => {
    const folder = newFolder();

    const unknown = await bench("speed");
    const nowhere = await bench("history", "--git", folder);

    expect(unknown.code).toBe(1);
    expect(unknown.stdout).toBe("");
    expect(unknown.output).toMatch(/^There is no group "speed"\. Usage: npm run bench -- .*\n$/);
    expect(nowhere).toEqual({
      code: 1,
      stdout: "",
      output: `"${folder}" is not a git repository: give --git the path of one.\n`,
    });
  });
});
