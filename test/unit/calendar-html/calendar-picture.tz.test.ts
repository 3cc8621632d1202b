import { type MarkupOptions, renderCalendarPicture } from "unified-contributions/calendar-html";
import { describe, expect, test } from "vitest";
import { drawnCollection, wellFormedTags } from "../../support/drawn-calendar.ts";

/** Three weeks from a Wednesday to a Tuesday, over a month's end. */
const FEBRUARY = drawnCollection("2026-02-25", "2026-03-17", [1, 0, 0, 2, 3, ...new Array(15).fill(0), 4]);

function render(options?: MarkupOptions, collection = FEBRUARY): string {
  return renderCalendarPicture(collection, options)._unsafeUnwrap();
}

/** The squares of a picture: where they are, their level and their sentence. */
function squaresOf(picture: string) {
  return [
    ...picture.matchAll(/<rect class="l(\d)" x="(\d+)" y="(\d+)" [^>]*rx="2"><title>([^<]*)<\/title>/g),
  ].map(([, level, x, y, sentence]) => ({ level: Number(level), x: Number(x), y: Number(y), sentence }));
}

/** The texts of a picture, but its caption. */
function labelsOf(picture: string): readonly string[] {
  return [...picture.matchAll(/<text [^>]*class="(?:label|muted)"[^>]*>([^<]*)</g)].map(
    ([, text = ""]) => text,
  );
}

function widthOf(picture: string): number {
  return Number(/<svg [^>]*width="(\d+)"/.exec(picture)?.[1]);
}

describe("a calendar as a picture", () => {
  test("is one well-formed document that loads nothing and runs nothing", () => {
    const tags = wellFormedTags(render().replace(/<style>[^<]*<\/style>/, ""));

    expect(new Set(tags.map((tag) => tag.replace("/", "")))).toEqual(
      new Set(["svg", "title", "rect", "text"]),
    );
    expect(render().replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /http|url\(|href|<script|@import/,
    );
  });

  test("has its caption for a name, and shows it", () => {
    expect(render()).toContain(
      'role="img" aria-labelledby="contribution-calendar-picture-title">\n' +
        '<title id="contribution-calendar-picture-title">10 contributions from 25 February 2026 to 17 March 2026</title>',
    );
    expect(render()).toContain('class="caption">10 contributions from');
  });

  test("has a square per day in the row of its weekday and the column of its week, and five in its legend", () => {
    const squares = squaresOf(render());
    const [wednesday, thursday] = squares;
    const sunday = squares.find(({ sentence }) => sentence?.includes("1 March"));

    expect(squares).toHaveLength(21 + 5);
    expect(squares.slice(-5).map(({ level }) => level)).toEqual([0, 1, 2, 3, 4]);
    expect(wednesday).toMatchObject({ level: 1, sentence: expect.stringMatching(/^1 contribution on Wed/) });
    expect(thursday).toMatchObject({ level: 0, x: wednesday?.x, y: (wednesday?.y ?? 0) + 13 });
    expect(sunday).toMatchObject({ level: 3, x: (wednesday?.x ?? 0) + 13, y: (wednesday?.y ?? 0) - 3 * 13 });
  });

  test("labels months with room, three weekdays and the legend", () => {
    expect(labelsOf(render())).toEqual(["Mar", "Mon", "Wed", "Fri", "Less", "More"]);
    expect(labelsOf(render({ weekStart: 1 }))).toEqual(["Mar", "Mon", "Wed", "Fri", "Less", "More"]);
  });

  test("holds everything within its width, including the caption", () => {
    const year = drawnCollection("2025-03-02", "2026-03-07");

    for (const picture of [render(), render({}, year), render({ locale: "ar" }, year)]) {
      const xs = squaresOf(picture).map(({ x }) => x);
      expect(Math.min(...xs)).toBeGreaterThanOrEqual(16);
      expect(Math.max(...xs) + 10).toBeLessThanOrEqual(widthOf(picture) - 16);
    }
    expect(widthOf(render())).toBeGreaterThan(
      "10 contributions from 25 February 2026 to 17 March 2026".length * 7,
    );
  });

  test("is mirrored in a language from right to left", () => {
    const [ltr, rtl] = [render(), render({ locale: "he" })];

    expect(rtl).toContain('lang="he" direction="rtl"');
    const [first, second] = [squaresOf(ltr)[0], squaresOf(ltr)[4]];
    const [mirrored, next] = [squaresOf(rtl)[0], squaresOf(rtl)[4]];
    expect((first?.x ?? 0) - (second?.x ?? 0)).toBe((next?.x ?? 0) - (mirrored?.x ?? 0));
    expect(mirrored?.x).toBeGreaterThan(next?.x ?? Number.NaN);
  });

  test("makes room for the weekdays of a language whose short names are long", () => {
    const start = (picture: string, width = widthOf(picture)): number =>
      width - (squaresOf(picture)[0]?.x ?? 0);

    expect(start(render({ locale: "ar" }))).toBeGreaterThan(start(render({ locale: "he" })));
  });

  test.each([
    ["auto", ["#aceebb", "#033a16"], []],
    ["light", ["#aceebb"], ["#033a16", "@media"]],
    ["dark", ["#033a16"], ["#aceebb", "@media"]],
  ] as const)(
    "has the colours of a reader's system or of one kind of page: %s",
    (colorScheme, has, hasNot) => {
      const picture = render({ colorScheme });

      for (const text of has) expect(picture).toContain(text);
      for (const text of hasNot) expect(picture).not.toContain(text);
    },
  );

  test("keeps its ids and styles to itself, beside another on the same page", () => {
    const picture = render({ id: "mona" });

    expect([...picture.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)).toEqual([
      "mona-picture",
      "mona-picture-title",
    ]);
    const [, style = ""] = /<style>([^<]*)<\/style>/.exec(picture) ?? [];
    const rules = style.split("\n").filter((line) => line !== "" && !line.startsWith("@") && line !== "}");
    expect(rules.every((rule) => rule.startsWith("#mona-picture "))).toBe(true);
  });

  test("takes all words as text", () => {
    const evil = `<script>"'&`;
    const wording = {
      ...{ caption: () => evil, day: () => evil, weekdays: evil, less: evil, more: evil },
      levels: [evil, evil, evil, evil, evil],
    } as const;

    expect(render({ wording })).not.toContain("<script");
    expect(() => wellFormedTags(render({ wording }).replace(/<style>[^<]*<\/style>/, ""))).not.toThrow();
  });
});
