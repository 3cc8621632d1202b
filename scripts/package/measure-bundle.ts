import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/**
 * Bundles all exports of some packages, as resolved from `folder`, with all they import but `external`; returns the
 * bytes of the minified and gzipped bundle.
 */
export async function measureBundle(
  packages: readonly string[],
  folder: string,
  external: readonly string[],
): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      contents: packages.map((name, n) => `export * as s${n} from "${name}";`).join("\n"),
      resolveDir: folder,
    },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2023",
    external: [...external],
  });
  return outputFiles.reduce((bytes, { contents }) => bytes + gzipSync(contents, { level: 9 }).byteLength, 0);
}
