import { DARK, LIGHT, type Palette } from "./palette.ts";

function variables({ levels, border, text, muted, focus }: Palette): string {
  const ofLevels = levels.map((color, level) => `--contribution-level-${level}: ${color};`);
  return [
    ...ofLevels,
    `--contribution-border: ${border};`,
    `--contribution-text: ${text};`,
    `--contribution-muted: ${muted};`,
    `--contribution-focus: ${focus};`,
  ].join(" ");
}

/**
 * The style sheet of every calendar of `renderCalendarTable`. A page needs it once.
 *
 * Colours are custom properties of `.contribution-calendar` without specificity, so any rule of a page overrides them:
 * `--contribution-level-0` to `-4`, `-border`, `-text`, `-muted` and `-focus`. The line below the calendar shows the
 * sentence of the day under the pointer, or with the keyboard's focus. It covers nothing there.
 */
export const CALENDAR_STYLE: string = `:where(.contribution-calendar) { ${variables(LIGHT)} }
@media (prefers-color-scheme: dark) {
  :where(.contribution-calendar[data-color-scheme="auto"]) { ${variables(DARK)} }
}
:where(.contribution-calendar[data-color-scheme="dark"]) { ${variables(DARK)} }
.contribution-calendar { position: relative; width: fit-content; max-width: 100%; padding-bottom: 1.5rem; color: var(--contribution-text); font: 0.75rem/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
.contribution-calendar-scroller { overflow-x: auto; padding: 2px; }
.contribution-calendar table { width: max-content; border-spacing: 3px; border-collapse: separate; margin: 0; }
.contribution-calendar caption { padding: 0 3px 0.5rem; text-align: start; font-size: 1rem; }
.contribution-calendar caption > span { position: sticky; inset-inline-start: 0; display: inline-block; max-width: min(100%, 90vw); }
.contribution-calendar th { height: 10px; padding: 0; color: var(--contribution-text); font-size: 0.75rem; font-weight: 400; line-height: 10px; text-align: start; white-space: nowrap; }
.contribution-calendar thead th { position: relative; height: 1.25em; }
.contribution-calendar th > [hidden] { display: inline; }
.contribution-calendar thead [hidden] { position: absolute; inset-block-start: 2px; inset-inline-start: 0; }
.contribution-calendar tbody th { padding-inline-end: 4px; }
.contribution-calendar td { width: 10px; min-width: 10px; height: 10px; padding: 0; }
.contribution-calendar [data-level] { border-radius: 2px; background: var(--contribution-level-0); box-shadow: inset 0 0 0 1px var(--contribution-border); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.contribution-calendar [data-level="1"] { background: var(--contribution-level-1); }
.contribution-calendar [data-level="2"] { background: var(--contribution-level-2); }
.contribution-calendar [data-level="3"] { background: var(--contribution-level-3); }
.contribution-calendar [data-level="4"] { background: var(--contribution-level-4); }
.contribution-calendar td > span, .contribution-calendar-name { position: absolute; inset-block-end: 0; inset-inline-start: 5px; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.contribution-calendar td:focus { outline: 2px solid var(--contribution-focus); outline-offset: 1px; }
.contribution-calendar:not(:has(td:hover)) td:focus > span, .contribution-calendar td:hover > span { width: max-content; max-width: 90vw; height: auto; clip-path: none; white-space: normal; }
.contribution-calendar-legend { display: flex; align-items: center; justify-content: flex-end; gap: 3px; margin: 0.25rem 0 0; padding-inline-end: 5px; color: var(--contribution-muted); }
.contribution-calendar-legend > [data-level] { width: 10px; height: 10px; }
.contribution-calendar-legend > [data-level="0"] { margin-inline-start: 1px; }
.contribution-calendar-legend > [data-level="4"] { margin-inline-end: 1px; }
@media (forced-colors: active) {
  .contribution-calendar [data-level] { forced-color-adjust: none; outline: 1px solid CanvasText; }
}
`;
