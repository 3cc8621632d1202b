import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EVENTS_DOCUMENT, eventTypes, withEventTables } from "../../scripts/docs/event-tables.ts";
import { blocksOf, compileBlocks } from "./examples/code-blocks.ts";

const document = readFileSync(EVENTS_DOCUMENT, "utf8");

describe("docs/events.md", () => {
  it("lists every event with its fields, as the types have them: `npm run generate` writes it", () => {
    expect(document).toBe(withEventTables(document));
  });

  it("has one section for each", () => {
    const sections = [...document.matchAll(/^### `([a-z-]+)`$/gm)].map(([, type]) => type);

    expect(sections).toEqual(eventTypes());
    expect(new Set(sections).size).toBe(27);
  });

  it("explains every event and every field", () => {
    expect(document.match(/^\| `.*\|\s+\|$/gm)).toBeNull();
    expect(document.match(/^### `[a-z-]+`\n\n\n/gm)).toBeNull();
  });

  it("has code that compiles", () => {
    expect(compileBlocks(blocksOf(document, "ts"))).toEqual([]);
  });
});
