import { describe, expect, test } from "vitest";
import {
  findOverruns,
  readSurfaces,
  type Surface,
  surfaceDifference,
} from "../../../scripts/check/surface.ts";

const EXPORT_MAP = { ".": {}, "./inner": {}, "./package.json": "./package.json" };

describe("the surface of a package", () => {
  const surfaces = readSurfaces(EXPORT_MAP, "test/project/scripts/fixtures/surface/src/tsconfig.json");
  const [root, inner] = surfaces as [Surface, Surface];

  test("holds each export's declaration, and the types without a public name that it mentions", () => {
    expect(root.text).toBe(
      [
        "2 exports, 1 of them values\n",
        "Count\n  interface Count extends Dated {\n      readonly number: number;\n  }\n",
        "count\n  function count(items: readonly unknown[]): Count;\n",
        "Mentioned above, without a name on any subpath:\n",
        "Dated\n  interface Dated {\n      readonly day: string;\n  }\n",
      ].join("\n"),
    );
  });

  test("is read for each subpath, except files of data", () => {
    expect(surfaces.map(({ subpath, file }) => [subpath, file])).toEqual([
      [".", "scripts/check/surface/index.txt"],
      ["./inner", "scripts/check/surface/inner.txt"],
    ]);
    expect(inner).toMatchObject({ exports: 1, values: 1 });
  });

  test("agrees with a golden file of the same text", () => {
    expect(surfaceDifference(root, root.text)).toBeNull();
  });

  test("fails against another golden file, and says where and how the change is accepted", () => {
    const before = root.text.replace("number: number", "number: bigint");

    expect(surfaceDifference(root, before)).toBe(
      [
        ". exports something else than scripts/check/surface/index.txt says, first in line 5:",
        "  -       readonly number: bigint;",
        "  +       readonly number: number;",
        "If the change is meant, run `npm run generate` and review the diff.",
      ].join("\n"),
    );
  });

  test("fails if the golden file has more, or is missing", () => {
    expect(surfaceDifference(root, `${root.text}more`)).toContain("  - more\n  + ");
    expect(surfaceDifference(root, null)).toContain(". has no golden file scripts/check/surface/index.txt.");
  });
});

test("a budget that is overrun is named with both numbers", () => {
  const surface = (subpath: string, exports: number, values: number): Surface => {
    return { subpath, file: "", text: "", exports, values };
  };

  expect(findOverruns([surface(".", 80, 40), surface("./ghes", 60, 12), surface("./ghec", 20, 5)])).toEqual(
    [],
  );
  expect(findOverruns([surface(".", 80, 40), surface("./ghes", 60, 13), surface("./ghec", 21, 5)])).toEqual([
    ". + ./ghes + ./ghec: 161 exports, more than 160",
    "./ghes: 13 values, more than 12",
  ]);
});
