import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CALENDAR_PICTURE, drawCalendarPicture } from "../../../scripts/calendar-picture.ts";

it("docs/calendar.svg is what the demo draws; npm run generate writes it", async () => {
  expect(readFileSync(CALENDAR_PICTURE, "utf8")).toBe(await drawCalendarPicture());
});
