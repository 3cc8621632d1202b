// npm run generate: writes the committed files that follow the sources. Other implementations get the JSON Schema, the
// OpenAPI document and the wire vectors. The README gets the picture of a calendar and the output of its program, and operators get
// the list of all events. A review gets the exports of each subpath, and assistants get an index of guides and exports.
// A vector of a released version never changes, and a test holds its digest.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { CALENDAR_PICTURE, drawCalendarPicture } from "./calendar-picture.ts";
import { GOLDEN_FILES, readSurfaces } from "./check/surface.ts";
import { EVENTS_DOCUMENT, withEventTables } from "./docs/event-tables.ts";
import { LLMS_FILE, llmsText } from "./docs/llms.ts";
import { README, withStoryOutput } from "./docs/readme-output.ts";
import { SHIPPED } from "./wire/shipped.ts";

mkdirSync("wire", { recursive: true });
for (const [file, make] of SHIPPED) {
  writeFileSync(file, `${JSON.stringify(await make(), null, 2)}\n`);
  console.log(file);
}
writeFileSync(CALENDAR_PICTURE, await drawCalendarPicture());
console.log(CALENDAR_PICTURE);

writeFileSync(README, await withStoryOutput());
console.log(README);

writeFileSync(EVENTS_DOCUMENT, withEventTables(readFileSync(EVENTS_DOCUMENT, "utf8")));
console.log(EVENTS_DOCUMENT);

const surfaces = readSurfaces(JSON.parse(readFileSync("package.json", "utf8")).exports);
rmSync(GOLDEN_FILES, { recursive: true, force: true });
mkdirSync(GOLDEN_FILES, { recursive: true });
for (const { file, text } of surfaces) {
  writeFileSync(file, text);
  console.log(file);
}

writeFileSync(LLMS_FILE, llmsText());
console.log(LLMS_FILE);
