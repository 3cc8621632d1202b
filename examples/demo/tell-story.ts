import { safeTry } from "neverthrow";
import { ok, okAsync, type ResultAsync } from "unified-contributions";
import { bytesOf, wordsIn } from "./bytes-sent.ts";
import { disable, optOut, reconnect, showCalendar } from "./delete-and-restore.ts";
import { tellWhatLeft } from "./inspect-wire.ts";
import { connect, enable, optIn, tellWhatIsKnown } from "./open-gates.ts";
import { counted, type Scene, type StoryFault } from "./scene.ts";

/** The whole story, over both sides. */
export function tellStory(scene: Scene): ResultAsync<void, StoryFault> {
  return safeTry<void, StoryFault>(async function* () {
    tellWhatIsKnown(scene);
    yield* enable(scene);
    yield* connect(scene);
    const linkId = yield* optIn(scene);
    tellWhatLeft(scene, linkId);
    yield* restart(scene);
    const calendar = yield* showCalendar(scene);
    yield* optOut(scene);
    yield* reconnect(scene, calendar);
    yield* disable(scene);
    tellWhatNext(scene);
    return ok();
  });
}

/** Where the storage outlives a process: both sides end and begin anew, and nothing is asked for again. */
function restart({ page, enterprise }: Scene): ResultAsync<void, StoryFault> {
  if (!enterprise.restart) return okAsync(undefined);
  return enterprise.restart().andThen(() => {
    page.chapter("Both processes end, and new ones start over the same storage");
    page.write(
      "Nothing is enabled, connected or selected again. New processes, which remember nothing else, go on from here.",
    );
    return ok();
  });
}

function tellWhatNext({ page, enterprise }: Scene): void {
  const { sent } = enterprise;
  page.chapter("What next");
  page.write(
    `${counted(sent.length, "message")} and ${counted(bytesOf(sent), "byte")} left in all; these were their words:`,
  );
  page.write(wordsIn(sent).join(" · "));
  page.show([
    "npm run demo -- ../another-repository --today 2026-03-01",
    "npm run demo -- --bytes                               every byte that left",
    "npm run demo -- --http                                two processes, over a socket",
    "npm run demo -- --web                                 the pages of both, in a browser",
    "node scripts/run.js examples/own-store/main.ts        a store of your own",
  ]);
}
