// Compares the exports of each subpath of the package with its golden file, and their numbers with the budgets.
import { existsSync, readFileSync } from "node:fs";
import { findOverruns, readSurfaces, sumOf, surfaceDifference } from "./surface.ts";

const surfaces = readSurfaces(JSON.parse(readFileSync("package.json", "utf8")).exports);

const problems = surfaces.flatMap(
  (surface) =>
    surfaceDifference(surface, existsSync(surface.file) ? readFileSync(surface.file, "utf8") : null) ?? [],
);
problems.push(...findOverruns(surfaces));

for (const { subpath, exports, values } of surfaces) {
  console.log(
    `${subpath.padEnd(26)}${String(exports).padStart(4)} exports${String(values).padStart(4)} values`,
  );
}
console.log(`${"all subpaths together".padEnd(26)}${String(sumOf(surfaces, "exports")).padStart(4)} exports`);
if (problems.length > 0) {
  console.log(`\n${problems.join("\n")}`);
  process.exitCode = 1;
}
