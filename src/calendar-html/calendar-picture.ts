import { err, ok, type Result } from "neverthrow";
import { type CalendarSheet, layOutCalendar } from "./calendar-sheet.ts";
import { checkMarkup, type InvalidMarkupRequest } from "./check-markup.ts";
import { escapeMarkup } from "./escape-markup.ts";
import {
  type CompleteMarkupOptions,
  type DrawnCollection,
  type MarkupOptions,
  withDefaults,
} from "./markup-options.ts";
import { DARK, LIGHT, type Palette } from "./palette.ts";

/** The side of a square, and the distance to the next square, in pixels. */
const SIDE = 10;
const PITCH = 13;
const PADDING = 16;
/** The least room for the names of weekdays. Long names get more. */
const WEEKDAYS_WIDTH = 31;
/** The distance of the squares from the top. */
const TOP = 62;
const LEGEND_TOP = TOP + 7 * PITCH + 8;
const HEIGHT = LEGEND_TOP + SIDE + PADDING;
/** The approximate width of letters, in the caption and in all other text. Text cannot be measured here. */
const CAPTION_LETTER = 7.5;
const LETTER = 6.5;

/**
 * Returns a contribution calendar as an SVG document, for places that take only pictures. Pure.
 *
 * Its name for assistive technology is the caption. As a part of an HTML page, each square also shows its sentence
 * under the pointer. For a page `renderCalendarTable` is better: a keyboard cannot walk over the days of a picture.
 * Everything in it is escaped, and it loads nothing.
 */
export function renderCalendarPicture(
  collection: DrawnCollection,
  options: MarkupOptions = {},
): Result<string, InvalidMarkupRequest> {
  const invalid = checkMarkup(collection, options);
  if (invalid) return err(invalid);
  const complete = withDefaults(options);
  const sheet = layOutCalendar(collection, complete);
  const id = `${complete.id}-picture`;
  const start = cellsStart(sheet);
  const ofCells = start + sheet.weeks.length * PITCH;
  const ofCaption = PADDING + Math.ceil(sheet.caption.length * CAPTION_LETTER);
  const width = Math.max(ofCells, ofCaption) + PADDING;
  const place = placer(sheet, width);
  const parts = [
    place.text(PADDING, 30, sheet.caption, "caption"),
    ...months(sheet, place, start),
    ...weekdays(sheet, place),
    ...days(sheet, place, start),
    ...legend(complete, place, width),
  ];
  return ok(`<svg xmlns="http://www.w3.org/2000/svg" id="${id}" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" lang="${escapeMarkup(sheet.lang)}" direction="${sheet.direction}" role="img" aria-labelledby="${id}-title">
<title id="${id}-title">${escapeMarkup(sheet.caption)}</title>
<style>${style(id, complete)}</style>
<rect class="page" width="${width}" height="${HEIGHT}" rx="6"/>
${parts.join("\n")}
</svg>
`);
}

/** Places parts by their distance from the edge at which lines begin: the left one, or the right one. */
interface Placer {
  square(start: number, top: number, level: number, title: string): string;
  text(start: number, baseline: number, text: string, className: "caption" | "label" | "muted"): string;
  /** Returns a text that ends at this distance. */
  textTo(end: number, baseline: number, text: string): string;
}

function placer({ direction }: CalendarSheet, width: number): Placer {
  const isMirrored = direction === "rtl";
  const write = (x: number, baseline: number, text: string, attributes: string): string =>
    `<text x="${isMirrored ? width - x : x}" y="${baseline}" ${attributes}>${escapeMarkup(text)}</text>`;
  return {
    square: (start, top, level, title) =>
      `<rect class="l${level}" x="${isMirrored ? width - start - SIDE : start}" y="${top}" width="${SIDE}" height="${SIDE}" rx="2"><title>${escapeMarkup(title)}</title></rect>`,
    text: (start, baseline, text, className) => write(start, baseline, text, `class="${className}"`),
    textTo: (end, baseline, text) => write(end, baseline, text, 'class="muted" text-anchor="end"'),
  };
}

/** Returns where the squares begin, from the edge at which lines of text begin. */
function cellsStart({ weekdays: rows }: CalendarSheet): number {
  const longest = Math.max(...rows.map(({ label }) => label.length));
  return PADDING + Math.max(WEEKDAYS_WIDTH, Math.ceil(longest * LETTER) + 6);
}

function months({ months: shown }: CalendarSheet, place: Placer, cells: number): readonly string[] {
  let week = 0;
  return shown.flatMap(({ label, weeks }) => {
    const start = cells + week * PITCH;
    week += weeks;
    return label === "" ? [] : [place.text(start, TOP - 7, label, "label")];
  });
}

function weekdays({ weekdays: rows }: CalendarSheet, place: Placer): readonly string[] {
  return rows.flatMap(({ label }, row) =>
    label === "" ? [] : [place.text(PADDING, TOP + row * PITCH + 9, label, "label")],
  );
}

function days({ weeks }: CalendarSheet, place: Placer, cells: number): readonly string[] {
  return weeks.flatMap((week, column) =>
    week.flatMap((day, row) =>
      day ? [place.square(cells + column * PITCH, TOP + row * PITCH, day.level, day.sentence)] : [],
    ),
  );
}

function legend({ wording }: CompleteMarkupOptions, place: Placer, width: number): readonly string[] {
  const { less, more, levels } = wording;
  const end = width - PADDING;
  const squaresStart = end - Math.ceil(more.length * LETTER) - 6 - levels.length * PITCH;
  return [
    place.textTo(squaresStart - 6, LEGEND_TOP + 9, less),
    ...levels.map((meaning, level) => place.square(squaresStart + level * PITCH, LEGEND_TOP, level, meaning)),
    place.textTo(end, LEGEND_TOP + 9, more),
  ];
}

function style(id: string, { colorScheme }: CompleteMarkupOptions): string {
  const fixed = colors(id, colorScheme === "dark" ? DARK : LIGHT);
  const dark =
    colorScheme === "auto" ? `\n@media (prefers-color-scheme: dark) {\n${colors(id, DARK)}\n}` : "";
  const font = '-apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif';
  return `
#${id} text { font: 12px ${font} }
#${id} .caption { font-size: 14px }
${fixed}${dark}
`;
}

/** Plain colours, not variables: many programs that turn pictures into bitmaps do not know variables. */
function colors(id: string, { levels, text, muted, page }: Palette): string {
  return [
    `#${id} .page { fill: ${page} }`,
    `#${id} text { fill: ${text} }`,
    `#${id} .muted { fill: ${muted} }`,
    ...levels.map((color, level) => `#${id} .l${level} { fill: ${color} }`),
  ].join("\n");
}
