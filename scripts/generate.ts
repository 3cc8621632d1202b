// npm run generate: writes the JSON Schema, the OpenAPI document and the wire vectors that the package ships. The first two
// follow the sources; a vector of a version that was released never changes, and a test holds its digest.
import { mkdirSync, writeFileSync } from "node:fs";
import { SHIPPED } from "./wire/shipped.ts";

mkdirSync("wire", { recursive: true });
for (const [file, make] of SHIPPED) {
  writeFileSync(file, `${JSON.stringify(await make(), null, 2)}\n`);
  console.log(file);
}
