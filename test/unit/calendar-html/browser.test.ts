import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import {
  CALENDAR_SCRIPT,
  CALENDAR_STYLE,
  type MarkupOptions,
  renderCalendarPicture,
  renderCalendarTable,
} from "unified-contributions/calendar-html";
import { calendarDaysEndingOn } from "unified-contributions/ghec";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type Browser,
  type BrowserWindow,
  overflowOf,
  skipWithoutChromium,
  startBrowser,
  violationsIn,
} from "../../support/chromium.ts";
import { drawnCollection } from "../../support/drawn-calendar.ts";
import { day } from "../../support/values.ts";

const [REAL] = JSON.parse(readFileSync("test/support/calendar-levels.json", "utf8"));

/** A year to Wednesday, 4 March 2026. */
const DAYS = calendarDaysEndingOn(day("2026-03-04"));
const YEAR = drawnCollection(DAYS.first, DAYS.last, REAL.counts);

const isMissing = skipWithoutChromium();
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!isMissing) browser = await startBrowser();
});
afterEach(async () => {
  await page?.close();
});
afterAll(async () => {
  await browser?.close();
});

interface Scene extends BrowserWindow {
  readonly options?: MarkupOptions;
  readonly hasStyle?: boolean;
  readonly hasScript?: boolean;
  readonly css?: string;
}

/** Opens a page with a calendar between two links. */
async function show(scene: Scene = {}): Promise<Page> {
  const { options = {}, hasStyle = true, hasScript = true, css = "" } = scene;
  const onDark = "body { background: #0d1117 } h1, a { color: #9198a1 }";
  const pageStyle = `:root { color-scheme: light dark } body { margin: 16px } h1 { font: 20px sans-serif } h1, a { color: #59636e }
${options.colorScheme === "dark" ? onDark : `@media (prefers-color-scheme: dark) { ${onDark} }`} ${css}`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Profile</title><style>${pageStyle}</style>
${hasStyle ? `<style>${CALENDAR_STYLE}</style>` : ""}
<main><h1><a href="#before">before</a></h1>
${renderCalendarTable(YEAR, options)._unsafeUnwrap()}<a href="#after">after</a></main>
${hasScript ? `<script>${CALENDAR_SCRIPT}</script>` : ""}</html>`;
  page = await browser.open(html, scene);
  return page;
}

/** The date of the day that has the keyboard's focus; of anything else its text. */
async function focused(): Promise<string> {
  return await page.evaluate("document.activeElement.dataset.date ?? document.activeElement.textContent");
}

/** The box of the first element that a selector finds, in pixels of the page. */
async function boxOf(selector: string) {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} has no box`);
  return box;
}

async function styleOf(selector: string, property: string): Promise<string> {
  const [at, name] = [JSON.stringify(selector), JSON.stringify(property)];
  return await page.evaluate(`getComputedStyle(document.querySelector(${at})).getPropertyValue(${name})`);
}

/** The sentences that can be seen below the calendar. */
async function seen(): Promise<readonly string[]> {
  return await page.evaluate(
    "[...document.querySelectorAll('td > span')].filter((span) => getComputedStyle(span).clipPath === 'none').map((span) => span.textContent.replace('day,', 'day'))",
  );
}

describe("axe finds nothing wrong", () => {
  test.each<[string, Scene, "light" | "dark"]>([
    ["light", {}, "light"],
    ["dark", {}, "dark"],
    ["dark-by-option", { options: { colorScheme: "dark" } }, "light"],
    ["without-script", { hasScript: false }, "light"],
    ["plain-table", { hasScript: false, hasStyle: false }, "light"],
    ["right-to-left", { options: { locale: "ar" } }, "light"],
    ["week-from-monday", { options: { locale: "de", weekStart: 1 } }, "dark"],
    ["narrow", { width: 320 }, "light"],
  ])("%s", async (name, scene, colorScheme) => {
    await show(scene);
    await page.emulateMedia({ colorScheme });

    expect(await violationsIn(page)).toEqual([]);
    await browser.keep(page, name);
  });
});

describe("the graph looks like GitHub's", () => {
  test("squares of 10 pixels with gaps of 3 and round corners", async () => {
    await show();
    const [sunday, monday, next] = await Promise.all([
      boxOf('td[data-date="2025-03-09"]'),
      boxOf('td[data-date="2025-03-10"]'),
      boxOf('td[data-date="2025-03-16"]'),
    ]);

    expect([sunday.width, sunday.height]).toEqual([10, 10]);
    expect([monday.x - sunday.x, monday.y - sunday.y]).toEqual([0, 13]);
    expect([next.x - sunday.x, next.y - sunday.y]).toEqual([13, 0]);
    expect(await styleOf("td[data-date]", "border-radius")).toBe("2px");
  });

  test("a month's label over the column of its first week, a weekday's beside its row", async () => {
    await show();
    const [june, firstOfJune] = [
      await boxOf("thead th:nth-child(5) [aria-hidden]"),
      await boxOf('td[data-date="2025-06-01"]'),
    ];
    const [wednesday, row] = [
      await boxOf("tbody tr:nth-child(4) [aria-hidden]"),
      await boxOf('td[data-date="2025-06-04"]'),
    ];

    expect(june.x).toBe(firstOfJune.x);
    expect(june.y + june.height).toBeLessThanOrEqual(firstOfJune.y);
    expect(Math.abs(wednesday.y + wednesday.height / 2 - row.y - row.height / 2)).toBeLessThan(1.5);
    expect(wednesday.x + wednesday.width).toBeLessThan(row.x);
  });

  test.each([
    ["light", "auto", ["rgb(239, 242, 245)", "rgb(17, 99, 41)"]],
    ["dark", "auto", ["rgb(21, 27, 35)", "rgb(86, 211, 100)"]],
    ["dark", "light", ["rgb(239, 242, 245)", "rgb(17, 99, 41)"]],
    ["light", "dark", ["rgb(21, 27, 35)", "rgb(86, 211, 100)"]],
  ] as const)("on a system that is %s, in the colours for %s", async (system, colorScheme, [none, most]) => {
    await show({ options: { colorScheme } });
    await page.emulateMedia({ colorScheme: system });

    expect(await styleOf('td[data-level="0"]', "background-color")).toBe(none);
    expect(await styleOf('td[data-level="4"]', "background-color")).toBe(most);
    expect(await styleOf('.contribution-calendar-legend [data-level="4"]', "background-color")).toBe(most);
  });

  test("in a page's own colours if its rule says so, whatever the system", async () => {
    await show({ css: ".contribution-calendar { --contribution-level-4: rgb(1, 2, 3) }" });
    await page.emulateMedia({ colorScheme: "dark" });

    expect(await styleOf('td[data-level="4"]', "background-color")).toBe("rgb(1, 2, 3)");
  });

  test("in the system's colours, with outlines, if the system forces them", async () => {
    await show();
    await page.emulateMedia({ forcedColors: "active" });

    expect(await styleOf('td[data-level="4"]', "background-color")).toBe("rgb(17, 99, 41)");
    expect(await styleOf('td[data-level="0"]', "outline-style")).toBe("solid");
    await browser.keep(page, "forced-colors");
  });
});

describe("the table tells", () => {
  test("its caption, its headers and a sentence per day, without the script", async () => {
    await show({ hasScript: false });

    await expect(
      page.getByRole("table", { name: /^\d+ contributions from 2 March 2025/ }).count(),
    ).resolves.toBe(1);
    await expect(page.getByRole("rowheader", { name: "Tuesday" }).count()).resolves.toBe(1);
    await expect(page.getByRole("columnheader", { name: "March 2025" }).count()).resolves.toBe(1);
    await expect(
      page.getByRole("cell", { name: /contributions? on Sunday,? 2 March 2025$/ }).count(),
    ).resolves.toBe(1);
  });

  test("full names alone, without the style", async () => {
    await show({ hasScript: false, hasStyle: false });

    expect(await page.locator("tbody th").allInnerTexts()).toEqual([
      ...["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    ]);
  });

  test("the same as a grid of days that cannot be edited, with it", async () => {
    await show();

    await expect(page.getByRole("grid", { name: /^\d+ contributions from/ }).count()).resolves.toBe(1);
    await expect(page.getByRole("gridcell", { name: /contributions? on / }).count()).resolves.toBe(368);
    expect(await page.getAttribute("table", "aria-readonly")).toBe("true");
  });

  test("the sentence of the day under the pointer, below the graph and without covering it", async () => {
    await show();
    await page.hover('td[data-date="2025-03-02"]');
    const [sentence, legend] = [
      await boxOf('td[data-date="2025-03-02"] > span'),
      await boxOf(".contribution-calendar-legend"),
    ];

    expect(await seen()).toEqual(["No contributions on Sunday 2 March 2025"]);
    expect(sentence.y).toBeGreaterThanOrEqual(legend.y + legend.height - 1);
    await browser.keep(page, "under-the-pointer");
  });

  test("no sentence while neither the pointer nor the focus is on a day", async () => {
    await show();

    expect(await seen()).toEqual([]);
  });
});

describe("a keyboard alone", () => {
  async function press(...keys: readonly string[]): Promise<string> {
    for (const key of keys) await page.keyboard.press(key);
    return focused();
  }

  test("comes to the last day, and leaves with the next Tab", async () => {
    await show();

    expect(await press("Tab")).toBe("before");
    expect(await press("Tab")).toBe("2026-03-04");
    expect(await press("Tab")).toBe("after");
    expect(await press("Shift+Tab")).toBe("2026-03-04");
  });

  test("walks over days and weeks, and to the ends of rows and of the calendar", async () => {
    await show();

    expect(await press("Tab", "Tab", "ArrowUp")).toBe("2026-03-03");
    expect(await press("ArrowLeft")).toBe("2026-02-24");
    expect(await press("ArrowRight", "ArrowDown")).toBe("2026-03-04");
    expect(await press("Home")).toBe("2025-03-05");
    expect(await press("Control+Home")).toBe("2025-03-02");
    expect(await press("End")).toBe("2026-03-01");
    expect(await press("Control+End")).toBe("2026-03-04");
  });

  test("stays where there is no day: beyond the first, the last, the top and the bottom", async () => {
    await show();

    expect(await press("Tab", "Tab", "ArrowRight", "ArrowDown")).toBe("2026-03-04");
    expect(await press("Control+Home", "ArrowUp", "ArrowLeft")).toBe("2025-03-02");
    expect(await press("Home", ...new Array(9).fill("ArrowDown"))).toBe("2025-03-08");
    expect(await press("End")).toBe("2026-02-28");
  });

  test("walks the other way in a calendar from right to left", async () => {
    await show({ options: { locale: "he" } });

    expect(await press("Tab", "Tab", "ArrowRight")).toBe("2026-02-25");
    expect(await press("ArrowLeft")).toBe("2026-03-04");
    expect(await press("Home")).toBe("2025-03-05");
    expect((await boxOf('td[data-date="2025-03-05"]')).x).toBeGreaterThan(
      (await boxOf('td[data-date="2026-03-04"]')).x,
    );
  });

  test("shows where it is, and reads the day's sentence", async () => {
    await show();
    await press("Tab", "Tab", "ArrowUp");

    expect(await styleOf('td[data-date="2026-03-03"]', "outline-style")).toBe("solid");
    expect(await seen()).toEqual([expect.stringMatching(/contributions? on Tuesday 3 March 2026$/)]);
    await browser.keep(page, "in-focus");
  });

  test("keeps the keys of the browser: with Alt, Shift, Meta, and Ctrl with arrows", async () => {
    await show();
    await press("Tab", "Tab");

    // Alt with an arrow would leave the page.
    expect(await press("Shift+ArrowUp", "Meta+ArrowLeft", "Control+ArrowUp")).toBe("2026-03-04");
  });

  test("goes on from the day that was clicked", async () => {
    await show();
    await page.click('td[data-date="2025-07-16"]');

    expect(await press("ArrowUp")).toBe("2025-07-15");
    expect(await page.locator("td[tabindex='0']").count()).toBe(1);
  });

  test("scrolls a narrow calendar without the script, too", async () => {
    await show({ hasScript: false, width: 320 });
    await press("Tab", "Tab", "ArrowRight");

    await expect
      .poll(() => page.evaluate("document.querySelector('.contribution-calendar-scroller').scrollLeft"))
      .toBeGreaterThan(0);
  });
});

describe("at 200 % zoom and more", () => {
  test.each([450, 320])(
    "a page of %i pixels does not scroll sideways, but its calendar does, from its end on",
    async (width) => {
      await show({ width });
      const last = await boxOf('td[data-date="2026-03-04"]');

      expect(await overflowOf(page)).toBe(0);
      expect(last.x + last.width).toBeLessThanOrEqual(width - 16);
      await browser.keep(page, `zoomed-to-${width}`);
    },
  );

  test("a calendar from right to left is scrolled to its end as well", async () => {
    await show({ width: 450, options: { locale: "ar" } });

    expect(await overflowOf(page)).toBe(0);
    expect((await boxOf('td[data-date="2026-03-04"]')).x).toBeGreaterThanOrEqual(16);
  });

  test("the day in focus comes into sight", async () => {
    await show({ width: 450 });
    for (const key of ["Tab", "Tab", "Control+Home"]) await page.keyboard.press(key);
    const first = await boxOf('td[data-date="2025-03-02"]');

    expect(first.x).toBeGreaterThanOrEqual(16);
    expect(first.x + first.width).toBeLessThanOrEqual(450);
  });

  test("text of twice the size overlaps nothing", async () => {
    await show({ css: "html { font-size: 200% }" });
    const labels = await page.locator("thead [aria-hidden], tbody th [aria-hidden]").all();
    const boxes = await Promise.all(labels.map((label) => label.boundingBox()));

    // Boxes of lines, which are taller than their letters, may touch by a pixel.
    for (const [index, one] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) {
        const isApart =
          !one ||
          !other ||
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y + 1 ||
          other.y + other.height <= one.y + 1;
        expect(isApart, JSON.stringify([one, other])).toBe(true);
      }
    }
    await browser.keep(page, "large-text");
  });
});

describe("the markup fits a strict page", () => {
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

  test("whose content security policy allows this style and this script alone", async () => {
    const policy = `default-src 'none'; style-src ${hash(CALENDAR_STYLE)}; script-src ${hash(CALENDAR_SCRIPT)}`;
    await show({ policy });

    expect(await page.getAttribute("table", "role")).toBe("grid");
    expect((await boxOf("td[data-date]")).width).toBe(10);
  });

  test("on which the script runs twice, over two calendars, and leaves no global", async () => {
    await show();
    const before = await page.evaluate("Object.keys(window).length");
    const second = renderCalendarTable(YEAR, { id: "second" })._unsafeUnwrap();
    await page.evaluate(
      `document.querySelector("main").insertAdjacentHTML("beforeend", ${JSON.stringify(second)})`,
    );
    await page.addScriptTag({ content: CALENDAR_SCRIPT });

    expect(await page.locator("table[role=grid]").count()).toBe(2);
    expect(await page.locator("td[tabindex='0']").count()).toBe(2);
    expect(await page.evaluate("Object.keys(window).length")).toBe(before);
    expect(await violationsIn(page)).toEqual([]);
  });

  test("in which words that look like markup are words", async () => {
    const evil = `</span></td><img src=x onerror="document.title = 'hit'">`;
    const wording = {
      ...{ caption: () => evil, day: () => evil, weekdays: evil, less: evil, more: evil },
      levels: [evil, evil, evil, evil, evil],
    } as const;
    await show({ options: { wording } });

    expect(await page.locator("img").count()).toBe(0);
    expect(await page.title()).toBe("Profile");
    expect(await page.locator("caption").textContent()).toBe(evil);
  });
});

describe("the picture", () => {
  async function showPictures(...pictures: readonly string[]): Promise<void> {
    const images = pictures.map(
      (picture, index) =>
        `<img alt="${index}" src="data:image/svg+xml;base64,${Buffer.from(picture).toString("base64")}">`,
    );
    page = await browser.open(`<!doctype html><body style="background: #888">${images.join("<br>")}`);
    await page.setViewportSize({ width: 900, height: 700 });
  }

  test("is an image of a page, light and dark, mirrored or not", async () => {
    const draw = (options: MarkupOptions) => renderCalendarPicture(YEAR, options)._unsafeUnwrap();
    await showPictures(draw({}), draw({ colorScheme: "dark" }), draw({ locale: "ar" }));

    const widths = await page.evaluate("[...document.images].map(({ naturalWidth }) => naturalWidth)");
    expect(widths).toEqual([752, 752, expect.any(Number)]);
    await browser.keep(page, "pictures");
    await page.emulateMedia({ colorScheme: "dark" });
    await browser.keep(page, "pictures-dark");
  });

  test("is XML without an error, whatever its words", async () => {
    const wording = {
      ...{ caption: () => "]]>\u0001&<", day: () => "\ud800\uffff", weekdays: "", less: "", more: "" },
      levels: ["", "", "", "", ""],
    } as const;
    const pictures = [{}, { wording }].map((options) => renderCalendarPicture(YEAR, options)._unsafeUnwrap());
    await showPictures();

    for (const picture of pictures) {
      const root = `new DOMParser().parseFromString(${JSON.stringify(picture)}, "image/svg+xml")`;
      expect(await page.evaluate(`${root}.querySelector("parsererror")?.textContent`)).toBeUndefined();
    }
  });

  test("in a page, is one image with its caption for a name, and says a day's sentence under the pointer", async () => {
    page = await browser.open(
      `<!doctype html><html lang="en"><title>x</title><main><h1>x</h1>${renderCalendarPicture(YEAR)._unsafeUnwrap()}</main>`,
    );

    await expect(page.getByRole("img", { name: /^\d+ contributions from/ }).count()).resolves.toBe(1);
    expect(await page.locator("rect > title").first().textContent()).toMatch(/^No contributions on Sunday/);
    expect(await violationsIn(page)).toEqual([]);
  });
});
