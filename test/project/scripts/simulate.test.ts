import { describe, expect, it } from "vitest";
import { type Run, runExample } from "../../documents/examples/run-example.ts";

function simulate(...options: readonly string[]): Promise<Run> {
  return runExample("scripts/trials/simulate.ts", ...options);
}

/** The last three lines of a run, without how fast it was. */
function summaryOf(stdout: string): readonly string[] {
  return stdout.split("\n").filter((line) => /worlds,|fingerprint|broken/.test(line));
}

describe("npm run trial -- simulate", () => {
  it("prints the number of incidents, how much was simulated, and that nothing broke", async () => {
    const { code, stdout } = await simulate("--seeds", "3", "--hours", "30");

    expect(stdout).toMatch(/^message-lost +\d+$/m);
    expect(stdout).toMatch(/^store-lost-seconds +\d+$/m);
    expect(stdout).toMatch(/^3 worlds, 90 hours of faults, [\d,]+ with those of the healing$/m);
    expect(stdout).toMatch(/^0 broken$/m);
    expect(code).toBe(0);
  });

  it("prints the same again, on any number of threads", async () => {
    const worlds = ["--seeds", "4", "--hours", "20", "--seed", "9"];
    const once = summaryOf((await simulate(...worlds, "--workers", "1")).stdout);
    const again = summaryOf((await simulate(...worlds, "--workers", "3")).stdout);

    expect(once).toHaveLength(3);
    expect(again).toEqual(once);
  });

  it.skipIf(process.env["CITUS_URL"])(
    "runs no world over Citus where there is no cluster, and says so",
    async () => {
      const { code, stdout } = await simulate("--seeds", "1", "--database", "citus");

      expect(stdout).toBe("CITUS_URL does not name the coordinator of a Citus cluster. No world was run.\n");
      expect(code).toBe(0);
    },
  );

  it.each(["--seeds", "--workers"])("refuses a %s that is not a whole number", async (option) => {
    const { code, stderr } = await simulate(option, "many");

    expect(stderr).toBe(`${option} has to be a whole number from 1 on, such as ${option} 20.\n`);
    expect(code).toBe(2);
  });
});
