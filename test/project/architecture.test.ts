import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findBreaches } from "../../scripts/check/architecture.ts";

test("the library keeps to its architecture", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && file !== "platform.d.ts",
  );
  const sources = new Map(
    files.map((file) => [join("src", file).replaceAll("\\", "/"), readFileSync(join("src", file), "utf8")]),
  );

  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));

  expect(findBreaches(sources, exports)).toEqual([]);
});

describe("a breach is found:", () => {
  const ROOT = { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } };
  const SOUND = {
    "src/index.ts": "export { a } from './domain/a.ts';\nexport { ok } from 'neverthrow';",
    "src/domain/a.ts": "import * as z from 'zod';\nexport const a = z.int();",
    "src/domain/calendar-date.ts":
      "import { addDays } from 'date-fns/addDays';\nimport { UTCDate } from '@date-fns/utc';",
    "src/ghes/b.ts": "import { a } from '../domain/a.ts';",
    "src/ghec/c.ts": "import { a } from '../domain/a.ts';",
    "src/adapters/memory/store.ts": "import type { B } from '../../ghes/b.ts';",
    "src/adapters/system/clock.ts": "export const clock = {};",
    "src/testing/clock.ts": "import type { C } from '../ghec/c.ts';\nimport { ok } from 'neverthrow';",
  };

  function breachesOf(
    changed: Record<string, string>,
    exportMap: Record<string, unknown> = ROOT,
  ): readonly string[] {
    return findBreaches(new Map(Object.entries({ ...SOUND, ...changed })), exportMap);
  }

  test("none in correct sources", () => {
    expect(breachesOf({})).toEqual([]);
  });

  test.each([
    ["src/domain/x.ts", "import { b } from '../ghes/b.ts';", "src/domain must not import src/ghes"],
    ["src/domain/x.ts", "import { ok } from '../index.ts';", "src/domain must not import src/index.ts"],
    ["src/ghes/x.ts", "import type { C } from '../ghec/c.ts';", "src/ghes must not import src/ghec"],
    ["src/calendar-html/x.ts", "import '../ghes/b.ts';", "src/calendar-html must not import src/ghes"],
    ["src/ghec/x.ts", "export * from '../ghes/b.ts';", "src/ghec must not import src/ghes"],
    ["src/ghec/x.ts", "type B = import('../ghes/b.ts').B;", "src/ghec must not import src/ghes"],
    ["src/ghec/x.ts", "const b = import('../ghes/b.ts');", "src/ghec must not import src/ghes"],
    [
      "src/ghes/x.ts",
      "import '../adapters/memory/store.ts';",
      "src/ghes must not import src/adapters/memory",
    ],
    ["src/adapters/memory/x.ts", "import '../../testing/clock.ts';", "must not import src/testing"],
    ["src/testing/x.ts", "import '../adapters/system/clock.ts';", "must not import src/adapters/system"],
    ["src/index.ts", "export * from './ghes/b.ts';", "src/index.ts must not import src/ghes"],
    ["src/domain/x.ts", "import './gone.ts';", "there is no such source file"],
    ["src/domain/x.ts", "import { readFileSync } from 'node:fs';", "src/domain must not import node:fs"],
    ["src/ghes/x.ts", "import fc from 'fast-check';", "src/ghes must not import fast-check"],
    ["src/testing/x.ts", "import * as z from 'zod';", "src/testing must not import zod"],
    ["src/domain/x.ts", "import { z } from 'zod';", 'import * as z from "zod"'],
    ["src/domain/x.ts", "import { addDays } from 'date-fns/addDays';", "only src/domain/calendar-date.ts"],
    ["src/ghes/x.ts", "import { UTCDate } from '@date-fns/utc';", "only src/domain/calendar-date.ts"],
    [
      "src/adapters/http-signatures/x.ts",
      "import { verifySignature } from 'http-message-sig';",
      "only src/adapters/http-signatures/message-signature.ts imports http-message-sig",
    ],
    ["src/domain/calendar-date.ts", "import { addDays } from 'date-fns';", "by its subpath"],
    ["src/domain/calendar-date.ts", "import { isToday } from 'date-fns/isToday';", "it reads the clock"],
  ])("in %s, the import %s", (file, text, why) => {
    expect(breachesOf({ [file]: `\n${text}` })).toEqual([expect.stringContaining(why)]);
    expect(breachesOf({ [file]: `\n${text}` })[0]).toMatch(`${file}:2 imports `);
  });

  test.each([
    ["const now = Date.now();", "Date.now"],
    ["const now = new Date();", "Date"],
    ["const day = new Date(2026, 0, 1);", "Date"],
    ["const clock = { now: Date };", "Date"],
    ["const { now } = Date;", "Date"],
    ["const day = new UTCDate();", "new UTCDate() without a time"],
    ["const n = Math.random();", "Math.random"],
    ["const { random } = Math;", "Math.random"],
    ["const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;", "Intl"],
    ["const id = crypto.randomUUID();", "crypto"],
    ["const answer = await fetch('/');", "fetch"],
    ["const port = { fetch };", "fetch"],
    ["const zone = process.env.TZ;", "process"],
    ["const scope = globalThis;", "globalThis"],
    ["const url = import.meta.url;", "import.meta"],
    ["setTimeout(() => {}, 10);", "setTimeout"],
    ["queueMicrotask(() => {});", "queueMicrotask"],
    ["const at = performance.now();", "performance"],
    ["console.log(1);", "console"],
  ])("the impure %s in pure code", (text, what) => {
    for (const file of ["src/domain/x.ts", "src/ghes/x.ts", "src/ghec/x.ts"]) {
      const part = file.replace("/x.ts", "");
      expect(breachesOf({ [file]: text })).toEqual([`${file}:1 uses ${what}, but ${part} is pure`]);
    }
    expect(breachesOf({ "src/testing/x.ts": text })).toEqual([]);
  });

  test.each([
    "const at = Date.UTC(2026, 0, 1);",
    "const n = Math.max(1, 2);",
    "interface Port { fetch(at: Date): void; process: string }",
    "function run(fetch: () => void): void { fetch(); }",
    "const day = new UTCDate(0);",
    "const host = { process: 1 }.process;",
  ])("not in the pure %s", (text) => {
    expect(breachesOf({ "src/domain/x.ts": text })).toEqual([]);
  });

  test.each([
    ["src/calendar-html/x.ts", "src/calendar-html"],
    ["src/domain/time-zone.ts", "src/domain"],
  ])("but not Intl with a language or a zone in %s, which is pure otherwise", (file, part) => {
    expect(
      breachesOf({ [file]: "const months = new Intl.DateTimeFormat('en', { timeZone: 'UTC' });" }),
    ).toEqual([]);
    expect(breachesOf({ [file]: "const now = new Date();" })).toEqual([
      `${file}:1 uses Date, but ${part} is pure`,
    ]);
  });

  test("a cycle between files, type imports included", () => {
    const breaches = breachesOf({
      "src/domain/x.ts": "import { y } from './y.ts';",
      "src/domain/y.ts": "import type { X } from './x.ts';",
    });

    expect(breaches).toEqual(["a cycle: src/domain/x.ts → src/domain/y.ts → src/domain/x.ts"]);
  });

  test.each(["utils.ts", "helpers/x.ts", "types.ts", "base.ts", "common.ts"])("a file named %s", (name) => {
    expect(breachesOf({ [`src/domain/${name}`]: "" })).toEqual([
      expect.stringContaining("does not say what it holds"),
    ]);
  });

  test("a file of more than 400 lines", () => {
    expect(breachesOf({ "src/domain/x.ts": "\n//".repeat(399) })).toEqual([]);
    expect(breachesOf({ "src/domain/x.ts": "\n//".repeat(400) })).toEqual([
      "src/domain/x.ts has 401 lines, more than 400",
    ]);
  });

  test("a file outside of every part", () => {
    expect(breachesOf({ "src/server/x.ts": "" })).toEqual([
      "src/server/x.ts belongs to no part of the architecture",
    ]);
  });

  test("code in a door, which only re-exports", () => {
    expect(breachesOf({ "src/index.ts": "export const a = 1;" })).toEqual([
      "src/index.ts:1 is more than a re-export",
    ]);
    const wire = { types: "./dist/wire/index.d.ts", default: "./dist/wire/index.js" };
    expect(breachesOf({ "src/wire/index.ts": "export const a = 1;" }, { ...ROOT, "./wire": wire })).toEqual([
      "src/wire/index.ts:1 is more than a re-export",
    ]);
  });

  test("a subpath without its source, an index.ts without its subpath, and a wrong target", () => {
    const ghes = { types: "./dist/ghes/index.d.ts", default: "./dist/ghes/index.js" };

    expect(breachesOf({}, { ...ROOT, "./ghes": ghes })).toEqual(["export ./ghes has no src/ghes/index.ts"]);
    expect(breachesOf({ "src/ghes/index.ts": "" })).toEqual(["src/ghes/index.ts is exported by no subpath"]);
    expect(breachesOf({ "src/ghes/index.ts": "" }, { ...ROOT, "./ghes": { default: ghes.default } })).toEqual(
      [`export ./ghes is not ${JSON.stringify(ghes)}`],
    );
  });
});
