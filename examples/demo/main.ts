// You will see the history of a git repository become a contribution calendar, in ten chapters. An owner enables the
// feature. Each author connects and opts in, and the demo shows every byte that left. The counts vanish with a receipt
// and come back for 90 days. No byte leaves this machine: both sides run in this process. With --http they run in two
// processes that talk over a local socket. The demo writes contributions.svg.
//
//   npm run demo -- [path] [--today YYYY-MM-DD] [--bytes] [--http] [--store <folder or postgres://…>]
//
// With --web you will see two addresses instead, of the pages on which people do all of this in a browser.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errAsync, ok, okAsync, parseInstant, ResultAsync, windowEndingOn } from "unified-contributions";
import { systemClock } from "unified-contributions/adapters/system";
import {
  type CalendarWording,
  ENGLISH_WORDING,
  renderCalendarPicture,
} from "unified-contributions/calendar-html";
import type { ContributionCalendar } from "unified-contributions/ghec";
import { type History, readHistory } from "../sources/git.ts";
import { createCloudHere, type ReachCloud } from "./cloud.ts";
import { CLOUD_PROCESS, runCloudProcess } from "./cloud-process.ts";
import { createEnterprise, type DurableStorage } from "./enterprise.ts";
import { type Mistake, mistake } from "./mistake.ts";
import { isAddress, openStores, type Stores } from "./open-stores.ts";
import { createPage, type Page } from "./page.ts";
import { type CloudProcess, startCloudProcess } from "./reach-cloud-process.ts";
import { type Options, readOptions, USAGE } from "./read-options.ts";
import type { StoryFault } from "./scene.ts";
import { tellStory } from "./tell-story.ts";
import { runWebCloud, WEB_CLOUD } from "./web-cloud.ts";
import { serveWeb } from "./web-server.ts";

const PICTURE = "contributions.svg";
const WORDING: CalendarWording = {
  ...ENGLISH_WORDING,
  caption: ({ contributions: { value, text }, first, last }) =>
    `${text} ${value === 1 ? "contribution" : "contributions"} made on GitHub Enterprise Server from ${first} to ${last}`,
};

// A reader of the output may stop reading, as `head` does.
process.stdout.on("error", () => process.exit());

if (process.argv[2] === CLOUD_PROCESS) {
  runCloudProcess();
} else if (process.argv[2] === WEB_CLOUD) {
  runWebCloud();
} else {
  const ended = await readOptions(process.argv.slice(2), systemClock.now()).asyncAndThen(run);
  if (ended.isErr()) {
    process.stderr.write(`${ended.error.message}\n`);
    process.exitCode = 1;
  }
}

function run(options: Options): ResultAsync<void, StoryFault> {
  if (options.asksForHelp) return okAsync(print(`${USAGE}\n`));
  const { path, today, printsAllBytes } = options;
  const days = windowEndingOn(today);
  return readHistory(path, days).andThen((history) => {
    const [hero] = history.authors;
    if (!hero) return errAsync(nothingToShow(options, history));
    const page = createPage(print, process.stdout.isTTY && process.stdout.hasColors());
    if (options.isOnWeb) return serveOnWeb(page, options, history);
    return openStorage(options).andThen((durable) => {
      const tell: Tell = (reachCloud, storage) => {
        const enterprise = createEnterprise(history.authors, today, storage, reachCloud);
        const scene = { page, enterprise, history, hero, days, printsAllBytes, savePicture };
        return new ResultAsync(Promise.resolve(tellStory(scene)).finally(() => enterprise.close()));
      };
      return options.isOverHttp ? tellOverHttp(page, options, durable, tell) : tell(createCloudHere, durable);
    });
  });
}

/** Serves the pages of both sides, each process with a storage of its own. */
function serveOnWeb(page: Page, options: Options, { authors }: History): ResultAsync<void, Mistake> {
  const { today, port } = options;
  return openStores(placeOf(options, "server")).andThen((stores) => {
    const served = serveWeb({ page, port, today, authors, stores, cloudStore: placeOf(options, "cloud") });
    return new ResultAsync(Promise.resolve(served).finally(() => stores.close()));
  });
}

/** Tells the story with a cloud that is reached in this way. */
type Tell = (reachCloud: ReachCloud, durable: DurableStorage | null) => ResultAsync<void, StoryFault>;

/** The storage that is asked for; null for memory. A cloud that is a process of its own has another. */
function openStorage(options: Options): ResultAsync<DurableStorage | null, Mistake> {
  const place = options.isOverHttp ? placeOf(options, "server") : options.store;
  if (place === null) return okAsync(null);
  const open = (): ResultAsync<Stores, Mistake> => openStores(place);
  return open().map((stores) => ({ stores, open }));
}

/** Where a process of its own keeps what it keeps: two can't share one folder. */
function placeOf({ store }: Options, process: "server" | "cloud"): string | null {
  return store === null || isAddress(store) ? store : join(store, process);
}

/** The same story with the cloud in another process, which ends with it; where one restarts, so does the other. */
function tellOverHttp(
  page: Page,
  options: Options,
  durable: DurableStorage | null,
  tell: Tell,
): ResultAsync<void, StoryFault> {
  const startCloud = (): ResultAsync<CloudProcess, Mistake> =>
    parseInstant(Date.parse(`${options.today}T12:00:00Z`))
      .mapErr(({ message }) => mistake(message))
      .asyncAndThen((now) => startCloudProcess({ now, store: placeOf(options, "cloud") }));
  return startCloud().andThen((started) => {
    let cloud = started;
    page.write(
      `GitHub Enterprise Cloud is process ${cloud.pid}, at ${cloud.url}. This process is GitHub Enterprise Server; it ` +
        "signs every request with a key that was made just now.",
    );
    const open = (opens: DurableStorage): ResultAsync<Stores, Mistake> =>
      ResultAsync.fromSafePromise(cloud.stop())
        .andThen(startCloud)
        .andThen((next) => {
          cloud = next;
          return opens.open();
        });
    const told = tell(
      (surroundings) => cloud.reach(surroundings),
      durable && { ...durable, open: () => open(durable) },
    );
    return new ResultAsync(Promise.resolve(told).finally(() => cloud.stop()));
  });
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

function savePicture(contributionCalendar: ContributionCalendar): ResultAsync<string, Mistake> {
  return renderCalendarPicture({ contributionCalendar }, { wording: WORDING })
    .mapErr(({ message }) => mistake(message))
    .asyncAndThen((picture) =>
      ResultAsync.fromPromise(writeFile(PICTURE, picture), () =>
        mistake(`${PICTURE} cannot be written here: start the demo in a folder of your own.`),
      ),
    )
    .andThen(() => ok(PICTURE));
}
