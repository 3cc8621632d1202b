import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { discard, emptyRepository, fastImport, fastImportStream } from "./bench/git.ts";
import { bundle } from "./bundle.js";
import { command } from "./command.ts";

/** The place of the committed picture. */
export const CALENDAR_PICTURE = "docs/calendar.svg";

const TODAY = "2026-03-01";
const DAYS = 90;
const DAY_MS = 86_400_000;

/** Returns the picture of a made-up history, as the demo draws it. It is the same to the byte every time. */
export async function drawCalendarPicture(): Promise<string> {
  const dates = Array.from({ length: DAYS }, (_, daysAgo) => datesOf(daysAgo)).flat();
  const log = dates.map((date) => `${date}\n`).join("");
  const history = { log, commits: dates.length, countOf: new Map<string, number>(), leftOut: 0 };
  const repository = await emptyRepository();
  const folder = mkdtempSync(join(tmpdir(), "calendar-"));
  try {
    await fastImport(repository, fastImportStream(history));
    const demo = await bundle("examples/demo/main.ts");
    const { code, output } = await command("node", [demo, repository, "--today", TODAY], folder);
    if (code !== 0) throw new Error(`The demo does not run:\n${output}`);
    return readFileSync(join(folder, "contributions.svg"), "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await discard(repository, dates.length);
  }
}

/**
 * Returns the dates of one day's commits: up to eight on a working day, seldom any on a weekend, none for two weeks.
 */
function datesOf(daysAgo: number): readonly string[] {
  const noon = new Date(Date.parse(`${TODAY}T12:00:00Z`) - daysAgo * DAY_MS);
  const isWeekend = noon.getUTCDay() % 6 === 0;
  const isAway = daysAgo >= 60 && daysAgo < 74;
  const draw = (daysAgo * daysAgo * 7 + daysAgo * 5 + 3) % 11;
  const commits = isAway ? 0 : Math.max(0, isWeekend ? draw - 8 : draw - 2);
  return Array.from({ length: commits }, () => noon.toISOString().replace(".000Z", "+00:00"));
}
