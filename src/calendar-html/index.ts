/**
 * The contribution calendar as markup: an accessible HTML table with its style and script, and a picture.
 *
 * @packageDocumentation
 */

export { renderCalendarPicture } from "./calendar-picture.ts";
export { CALENDAR_SCRIPT } from "./calendar-script.ts";
export { CALENDAR_STYLE } from "./calendar-style.ts";
export { renderCalendarTable } from "./calendar-table.ts";
export type { InvalidMarkupRequest } from "./check-markup.ts";
export type { MarkupOptions } from "./markup-options.ts";
export { type CalendarWording, ENGLISH_WORDING } from "./wording.ts";
