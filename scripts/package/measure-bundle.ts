import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/**
 * Returns the bytes of a minified and gzipped bundle of all exports of some packages, as resolved from `folder`.
 *
 * The bundle includes everything that they import, except `external`.
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
