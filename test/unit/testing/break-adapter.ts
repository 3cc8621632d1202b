import type { ContractCheck } from "unified-contributions/testing";
import { describe, expect, test } from "vitest";

/** A sound adapter with one mistake put in. */
export interface Broken<Make> {
  /** The rule that it breaks, and the only one. */
  readonly rule: string;
  /** What it does wrong. */
  readonly mistake: string;
  readonly make: Make;
}

/** Tests that each broken adapter fails checks of its rule alone, and that no check lets all of them pass. */
export function testBroken<Make>(
  contract: readonly ContractCheck<Make>[],
  brokenOnes: readonly Broken<Make>[],
): void {
  // Two tests look at the same failures.
  const found = new Map<Broken<Make>, Promise<readonly Failure<Make>[]>>();
  const failuresIn = (broken: Broken<Make>): Promise<readonly Failure<Make>[]> => {
    const failures = found.get(broken) ?? failuresOf(contract, broken.make);
    found.set(broken, failures);
    return failures;
  };

  describe("a broken adapter fails the rule that it breaks, and no other:", () => {
    test.each(brokenOnes)("$rule $mistake", async (broken) => {
      const { rule } = broken;
      const failures = await failuresIn(broken);

      expect([...new Set(failures.map(({ check }) => check.rule))]).toEqual([rule]);
      for (const { message } of failures) expect(message).toMatch(new RegExp(`^${rule} .+: .+`));
    });
  });

  test("every check is failed by a broken adapter", async () => {
    const failed = new Set<string>();
    for (const broken of brokenOnes) {
      for (const { check } of await failuresIn(broken)) failed.add(nameOf(check));
    }

    expect(contract.map(nameOf).filter((name) => !failed.has(name))).toEqual([]);
  });

  test("no two checks have the same name", () => {
    expect(new Set(contract.map(nameOf)).size).toBe(contract.length);
  });
}

/** The versions of a sound adapter, as one shows them that counts up with every write. */
export function countVersions(): { counted(version: number): number; sound(counted: number): number } {
  const known = [0];
  return {
    counted: (version) => {
      if (!known.includes(version)) known.push(version);
      return known.indexOf(version);
    },
    sound: (counted) => known[counted] ?? -1,
  };
}

interface Failure<Make> {
  readonly check: ContractCheck<Make>;
  readonly message: string;
}

async function failuresOf<Make>(
  contract: readonly ContractCheck<Make>[],
  make: Make,
): Promise<readonly Failure<Make>[]> {
  const failures: Failure<Make>[] = [];
  for (const check of contract) {
    try {
      await check.run(make);
    } catch (error) {
      failures.push({ check, message: (error as Error).message });
    }
  }
  return failures;
}

function nameOf({ rule, title }: { readonly rule: string; readonly title: string }): string {
  return `${rule} ${title}`;
}
