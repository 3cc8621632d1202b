import type { CalendarDate, UserId } from "unified-contributions";
import { createMemorySource } from "unified-contributions/adapters/memory";
import type { SourceRequest, UserContributions } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";

const OCTO = "octo" as UserId;
const MONA = "mona" as UserId;
const FIRST = { occurredAt: "2026-03-01T09:00:00Z" };
const SECOND = { occurredAt: "2026-03-01T10:00:00Z" };

function requestOf(...users: UserId[]): SourceRequest {
  const days = { first: "2025-12-02" as CalendarDate, last: "2026-03-01" as CalendarDate };
  return { users, days, signal: new AbortController().signal };
}

function timesOf(contributions: UserContributions | undefined): string[] {
  if (contributions?.type !== "contributions") return [];
  return [...contributions.contributions].map(({ occurredAt }) => occurredAt);
}

describe("a source in memory", () => {
  it("reads what was added, apart by user, for those who are asked for", async () => {
    const source = createMemorySource();
    source.add(OCTO, [FIRST]);
    source.add(MONA, [SECOND]);
    source.add(OCTO, [SECOND]);

    const read = (await source.read(requestOf(OCTO)))._unsafeUnwrap();

    expect([...read.keys()]).toEqual([OCTO]);
    expect(timesOf(read.get(OCTO))).toEqual([FIRST.occurredAt, SECOND.occurredAt]);
  });

  it("reads nothing of a user who was cleared, and all of the others", async () => {
    const source = createMemorySource();
    source.add(OCTO, [FIRST]);
    source.add(MONA, [SECOND]);

    source.clear(OCTO);

    const read = (await source.read(requestOf(OCTO, MONA)))._unsafeUnwrap();
    expect(timesOf(read.get(OCTO))).toEqual([]);
    expect(timesOf(read.get(MONA))).toEqual([SECOND.occurredAt]);
  });

  it("reads no contributions of a user it has never heard of", async () => {
    const read = (await createMemorySource().read(requestOf(OCTO)))._unsafeUnwrap();

    expect(timesOf(read.get(OCTO))).toEqual([]);
  });
});
