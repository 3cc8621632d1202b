import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

type Simulation = typeof import("unified-contributions/testing/simulation");

/** A place in the sources that is changed, and what stands there instead. */
export interface Patch {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** Builds `unified-contributions/testing/simulation` and everything below it with one place changed, and runs something with it. */
export async function withPatched<Value>(
  { file, from, to }: Patch,
  use: (simulation: Simulation) => Promise<Value>,
): Promise<Value> {
  let isPatched = false;
  await mkdir("build", { recursive: true });
  const folder = await mkdtemp(resolve("build", "patched-"));
  try {
    const outfile = resolve(folder, "simulation.mjs");
    await build({
      entryPoints: ["src/testing/simulation/index.ts"],
      outfile,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      logLevel: "error",
      plugins: [
        {
          name: "patch",
          setup: ({ onLoad }) => {
            onLoad({ filter: /\.ts$/ }, async ({ path }) => {
              if (relative(process.cwd(), path) !== file) return null;
              const parts = (await readFile(path, "utf8")).split(from);
              if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
              isPatched = true;
              return { contents: parts.join(to), loader: "ts" };
            });
          },
        },
      ],
    });
    if (!isPatched) throw new Error(`${file} is no part of what is simulated.`);
    return await use((await import(pathToFileURL(outfile).href)) as Simulation);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
