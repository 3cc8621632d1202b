import { join, relative } from "node:path";
import ts from "typescript";

const PRIVATE_PACKAGES = new Set(["zod", "date-fns", "@date-fns/utc"]);

/**
 * Returns one line for each public declaration that mentions a package which is our own affair.
 *
 * It follows the declarations that the subpaths of a built package lead to. A user would have to install and upgrade
 * such a package with us.
 */
export function findLeakedTypes(packageFolder: string, subpaths: readonly string[]): readonly string[] {
  const leaks: string[] = [];
  const waiting = subpaths.map((subpath) => join(packageFolder, "dist", subpath, "index.d.ts"));
  const seen = new Set(waiting);
  for (const file of waiting) {
    const text = ts.sys.readFile(file);
    if (text === undefined) {
      leaks.push(`${relative(packageFolder, file)} is missing`);
      continue;
    }
    const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text);
    for (const { fileName } of [...importedFiles, ...typeReferenceDirectives]) {
      const imported = join(file, "..", fileName.replace(/\.[jt]s$/, ".d.ts"));
      const name = fileName.split("/", fileName.startsWith("@") ? 2 : 1).join("/");
      if (PRIVATE_PACKAGES.has(name)) leaks.push(`${relative(packageFolder, file)} mentions ${fileName}`);
      if (!fileName.startsWith(".") || seen.has(imported)) continue;
      seen.add(imported);
      waiting.push(imported);
    }
  }
  return leaks;
}
