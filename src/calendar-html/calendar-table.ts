import { err, ok, type Result } from "neverthrow";
import { type CalendarSheet, layOutCalendar, type SheetDay, type SheetHeading } from "./calendar-sheet.ts";
import { checkMarkup, type InvalidMarkupRequest } from "./check-markup.ts";
import { escapeMarkup } from "./escape-markup.ts";
import { type DrawnCollection, type MarkupOptions, withDefaults } from "./markup-options.ts";
import type { CalendarWording } from "./wording.ts";

/**
 * Returns a contribution calendar as an HTML table, with a caption and a legend. Pure.
 *
 * Weekdays head its rows, and months head its groups of columns. Each day is one cell, whose text is a sentence.
 * Without `CALENDAR_STYLE` it is a plain table of sentences, and with it a graph like GitHub's. `CALENDAR_SCRIPT` lets
 * a keyboard walk over the days, and may be left out. The markup holds no `style` and no script, so it fits any content
 * security policy. Everything in it is escaped.
 */
export function renderCalendarTable(
  collection: DrawnCollection,
  options: MarkupOptions = {},
): Result<string, InvalidMarkupRequest> {
  const invalid = checkMarkup(collection, options);
  if (invalid) return err(invalid);
  const complete = withDefaults(options);
  const sheet = layOutCalendar(collection, complete);
  const { id, colorScheme, wording } = complete;
  return ok(`<div class="contribution-calendar" id="${id}" lang="${escapeMarkup(sheet.lang)}" dir="${sheet.direction}" data-color-scheme="${colorScheme}">
<div class="contribution-calendar-scroller" role="group" aria-labelledby="${id}-caption" tabindex="0">
<table>
<caption id="${id}-caption"><span>${escapeMarkup(sheet.caption)}</span></caption>
<colgroup></colgroup>${sheet.months.map(({ weeks }) => `<colgroup span="${weeks}"></colgroup>`).join("")}
<thead>
<tr><th scope="col">${hidden(wording.weekdays)}</th>${sheet.months.map(monthHeader).join("")}</tr>
</thead>
<tbody>
${sheet.weekdays.map((weekday, row) => weekdayRow(sheet, weekday, row)).join("\n")}
</tbody>
</table>
</div>
${legend(wording)}
</div>
`);
}

function monthHeader({ weeks, ...heading }: CalendarSheet["months"][number]): string {
  return `<th scope="colgroup" colspan="${weeks}">${named(heading)}</th>`;
}

function weekdayRow({ weeks }: CalendarSheet, weekday: SheetHeading, row: number): string {
  const cells = weeks.map((week) => cell(week[row] ?? null));
  return `<tr><th scope="row">${named(weekday)}</th>${cells.join("")}</tr>`;
}

function cell(day: SheetDay | null): string {
  if (!day) return "<td></td>";
  return `<td data-date="${day.date}" data-level="${day.level}"><span>${escapeMarkup(day.sentence)}</span></td>`;
}

function legend({ less, more, levels }: CalendarWording): string {
  const squares = levels.map((meaning, level) => `<span data-level="${level}">${hidden(meaning)}</span>`);
  return `<p class="contribution-calendar-legend">${escapeMarkup(less)} ${squares.join(" ")} ${escapeMarkup(more)}</p>`;
}

/** Returns a heading in full for assistive technology, with a label for the eye that only the style shows. */
function named({ name, label }: SheetHeading): string {
  return label === ""
    ? hidden(name)
    : `${hidden(name)}<span aria-hidden="true" hidden>${escapeMarkup(label)}</span>`;
}

function hidden(text: string): string {
  return `<span class="contribution-calendar-name">${escapeMarkup(text)}</span>`;
}
