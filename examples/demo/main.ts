// What you will see: the history of a git repository becomes a contribution calendar, in ten chapters. An owner enables
// the feature, each author connects and opts in, every byte that left is shown, the counts vanish with a receipt and
// come back for 90 days. Nothing is sent anywhere: both sides run in this process. Writes contributions.svg.
//
//   npm run demo -- [path] [--today YYYY-MM-DD] [--bytes] [--store <folder or postgres://…>]
import { writeFile } from "node:fs/promises";
import { errAsync, ok, okAsync, ResultAsync, windowEndingOn } from "unified-contributions";
import { systemClock } from "unified-contributions/adapters/system";
import type { ContributionCalendar } from "unified-contributions/ghec";
import { drawSvg } from "./draw-svg.ts";
import { createEnterprise, type DurableStorage } from "./enterprise.ts";
import { type Mistake, mistake } from "./mistake.ts";
import { openStores, type Stores } from "./open-stores.ts";
import { createPage } from "./page.ts";
import { type History, readHistory } from "./read-history.ts";
import { type Options, readOptions, USAGE } from "./read-options.ts";
import type { StoryFault } from "./scene.ts";
import { tellStory } from "./tell-story.ts";

const PICTURE = "contributions.svg";

// Who reads the output may stop reading, as `head` does.
process.stdout.on("error", () => process.exit());

const ended = await readOptions(process.argv.slice(2), systemClock.now()).asyncAndThen(run);
if (ended.isErr()) {
  process.stderr.write(`${ended.error.message}\n`);
  process.exitCode = 1;
}

function run(options: Options): ResultAsync<void, StoryFault> {
  if (options.asksForHelp) return okAsync(print(`${USAGE}\n`));
  const { path, today, printsAllBytes } = options;
  const days = windowEndingOn(today);
  return readHistory(path, days).andThen((history) => {
    const [hero] = history.authors;
    if (!hero) return errAsync(nothingToShow(options, history));
    const page = createPage(print, process.stdout.isTTY && process.stdout.hasColors());
    return openStorage(options).andThen((durable) => {
      const enterprise = createEnterprise(history.authors, today, durable);
      const scene = { page, enterprise, history, hero, days, printsAllBytes, savePicture };
      return new ResultAsync(Promise.resolve(tellStory(scene)).finally(() => enterprise.close()));
    });
  });
}

/** The storage that is asked for; null for memory. */
function openStorage({ store }: Options): ResultAsync<DurableStorage | null, Mistake> {
  if (store === null) return okAsync(null);
  const open = (): ResultAsync<Stores, Mistake> => openStores(store);
  return open().map((stores) => ({ stores, open }));
}

function print(text: string): void {
  process.stdout.write(text);
}

function nothingToShow({ path, today }: Options, { newestDay }: History): Mistake {
  const { first } = windowEndingOn(today);
  const nothing = `No commit of ${path} falls in the 90 days from ${first} to ${today}`;
  return mistake(
    newestDay === null
      ? `${nothing}, or on any other day.`
      : `${nothing}: the newest is of ${newestDay}. Try --today ${newestDay}.`,
  );
}

function savePicture(calendar: ContributionCalendar): ResultAsync<string, Mistake> {
  return ResultAsync.fromPromise(writeFile(PICTURE, drawSvg(calendar)), () =>
    mistake(`${PICTURE} cannot be written here: start the demo in a folder of your own.`),
  ).andThen(() => ok(PICTURE));
}
