import { readFileSync } from "node:fs";
import { createHttpTransport, type HttpFetch } from "unified-contributions/adapters/http";
import { createTestRandom } from "unified-contributions/testing";
import type { Message } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";

const document = readFileSync("docs/threat-model.md", "utf8");
const DRAWS = 200;
/** Another release of zlib may pack a body into a few bytes more or less. */
const mayBeOff = (bytes: number): number => Math.max(6, bytes / 100);

/** Begins anew for each row. */
let random = createTestRandom(1);

/** A message with these records, as a sender with a session sends it. */
function deliver(records: readonly unknown[]): Message {
  const ids = { requestId: random.id(), type: "deliver", sessionId: random.id(), follows: [random.id()] };
  return { version: 1, ...ids, records } as unknown as Message;
}

/** A report of 90 days. On so many of them, on average, the user contributed once to `most` times. */
function report(share: number, most: number): unknown {
  const counts = Array.from({ length: 90 }, () =>
    random.fraction() < share ? 1 + Math.floor(random.fraction() * most) : 0,
  );
  const source = "GitHub Enterprise Server";
  return { type: "report", linkId: random.id(), choice: 1, source, first: "2025-12-02", counts };
}

const withdraw = (): unknown => ({ type: "withdraw", linkId: random.id(), choice: 1 });

const many = (of: () => unknown, times: number): (() => Message) => {
  return () => deliver(Array.from({ length: times }, of));
};

/** The shape of each body of the table, by the words of its row. */
const SHAPES: readonly (readonly [body: string, draw: () => Message])[] = [
  ["a report of one link, 90 days of zeros", many(() => report(0, 0), 1)],
  ["the same with a third of the days, up to 9 per day", many(() => report(1 / 3, 9), 1)],
  ["with two thirds of the days, up to 20 per day", many(() => report(2 / 3, 20), 1)],
  ["a report of three links, 90 days of zeros", many(() => report(0, 0), 3)],
  ["the same with every tenth day, up to 5 per day", many(() => report(0.1, 5), 3)],
  ["with a third of the days, up to 9 per day", many(() => report(1 / 3, 9), 3)],
  ["with two thirds, up to 20 per day", many(() => report(2 / 3, 20), 3)],
  ["a report of 100 links, a third of the days, up to 9 per day", many(() => report(1 / 3, 9), 100)],
  ["a withdrawal of one link", many(withdraw, 1)],
  ["a withdrawal of two", many(withdraw, 2)],
];

/** The shortest and the longest body of so many messages of a shape, as the transport sends them. */
async function measured(draw: () => Message): Promise<readonly [number, number]> {
  random = createTestRandom(1);
  const lengths: number[] = [];
  const fetch: HttpFetch = async (_, { body }) => {
    lengths.push(body.byteLength);
    return new Response("{}", { headers: { "content-type": "application/json" } });
  };
  const transport = createHttpTransport({ url: "https://cloud.example/", fetch });
  for (let at = 0; at < DRAWS; at++)
    (await transport.send(draw(), new AbortController().signal))._unsafeUnwrap();
  return [Math.min(...lengths), Math.max(...lengths)];
}

/** The numbers of a row, or null if there is no such row. */
function stated(body: string): readonly [number, number] | null {
  const row = document.split("\n").find((line) => line.startsWith(`| ${body} |`));
  const [shortest, longest = shortest] = (row?.match(/\| ([\d,]+)(?:–([\d,]+))? \|$/)?.slice(1) ?? [])
    .filter((number) => number !== undefined)
    .map((number) => Number(number.replaceAll(",", "")));
  return shortest === undefined ? null : [shortest, longest ?? shortest];
}

describe("docs/threat-model.md", () => {
  it.each(SHAPES)("states the length of %s as it leaves", async (body, draw) => {
    const [shortest, longest] = await measured(draw);

    const told = stated(body) ?? [Number.NaN, Number.NaN];
    const off = Math.max(Math.abs(told[0] - shortest), Math.abs(told[1] - longest));
    expect(off, `${body}: ${shortest}–${longest}`).toBeLessThanOrEqual(mayBeOff(longest));
  });

  it("states no other length", () => {
    const [, table = ""] = document.split("## What lengths tell");

    expect(table.match(/^\| .+ \| [\d,–]+ \|$/gm)).toHaveLength(SHAPES.length);
    expect(table).toContain(`measures ${DRAWS} messages`);
  });
});
