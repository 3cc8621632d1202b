// npm run generate: writes what is committed and follows the sources. For other implementations that is the JSON Schema,
// the OpenAPI document and the wire vectors; for the README it is the picture of a calendar. A vector of a released
// version never changes, and a test holds its digest.
import { mkdirSync, writeFileSync } from "node:fs";
import { CALENDAR_PICTURE, drawCalendarPicture } from "./calendar-picture.ts";
import { SHIPPED } from "./wire/shipped.ts";

mkdirSync("wire", { recursive: true });
for (const [file, make] of SHIPPED) {
  writeFileSync(file, `${JSON.stringify(await make(), null, 2)}\n`);
  console.log(file);
}
writeFileSync(CALENDAR_PICTURE, await drawCalendarPicture());
console.log(CALENDAR_PICTURE);
