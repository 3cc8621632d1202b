import { build } from "esbuild";
import { expect, it } from "vitest";

it("the PostgreSQL adapter runs without the packages that signatures want, although it keeps their keys", async () => {
  const { metafile } = await build({
    ...{ entryPoints: ["src/adapters/postgres/index.ts"], bundle: true, format: "esm", platform: "node" },
    ...{ packages: "external", write: false, metafile: true },
  });

  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  const packages = new Set(imports.map((path) => path.replace(/^(@[^/]+\/[^/]+|[^/]+).*$/, "$1")));
  expect(packages).toContain("neverthrow");
  for (const peer of ["http-message-sig", "structured-headers", "pg"]) expect(packages).not.toContain(peer);
});
