import { expect, test } from "vitest";
import config from "../../vitest.config.ts";

test("all projects run at once, with as many workers as the machine has cores", () => {
  const projects = (config.test?.projects ?? []).flatMap((project) =>
    typeof project === "object" && "test" in project ? [project.test] : [],
  );
  const groups = new Map<number, Set<unknown>>();
  for (const project of projects) {
    const order = project?.sequence?.groupOrder ?? 0;
    groups.set(order, (groups.get(order) ?? new Set()).add(project?.maxWorkers ?? "as many as cores"));
  }

  // Vitest starts no test if one group has two numbers, and on two cores its own default is one.
  expect([...groups.values()].map((workers) => [...workers])).toEqual([["as many as cores"]]);
});
