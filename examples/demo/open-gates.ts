import { safeTry } from "neverthrow";
import { CONTRIBUTION_WINDOW_DAYS, type LinkId, ok, type ResultAsync } from "unified-contributions";
import { SERVER } from "./cloud.ts";
import { OWNER } from "./enterprise.ts";
import { counted, decided, type Scene, type StoryFault, sharing, sync, timeOf } from "./scene.ts";

/** How many authors are named. */
const NAMED = 5;

/** Shows the contributions that the server knows, of which only the counts will leave. */
export function tellWhatIsKnown({ page, history, hero, days }: Scene): void {
  const { authors, commits, unreadable } = history;
  const inWindow = authors.reduce((total, author) => total + author.commits.length, 0);
  page.chapter("What GitHub Enterprise Server knows");
  page.write(
    `${counted(commits, "commit")} on the branch that is checked out. In the ${CONTRIBUTION_WINDOW_DAYS} days from ` +
      `${days.first} to ${days.last}: ${counted(inWindow, "commit")} by ${counted(authors.length, "author")}, each on ` +
      "the day that its author's own clock showed.",
  );
  if (unreadable > 0)
    page.write(`${counted(unreadable, "commit")} left out: no author or no date that makes sense.`);
  page.facts(
    authors
      .slice(0, NAMED)
      .map(({ name, commits: theirs }) => [counted(theirs.length, "commit"), name] as const),
  );
  if (authors.length > NAMED) page.write(`… and ${counted(authors.length - NAMED, "more author")}.`);
  page.write(`We follow ${hero.name}, whose newest commit the server knows as`);
  page.facts(hero.commits.slice(0, 1).map(({ occurredAt, title }) => [occurredAt, title]));
  page.write("Names, addresses and titles stay on this side: chapter 5 looks for them on the wire.");
}

/** Gates one and two: GitHub Connect, and the feature. */
export function enable(scene: Scene): ResultAsync<void, StoryFault> {
  const { page, enterprise, hero } = scene;
  const { sender, receiver, now } = enterprise;
  return safeTry<void, StoryFault>(async function* () {
    page.chapter("An enterprise owner enables the feature");
    const terms = { isAccepted: true } as const;
    const nobody = { userId: hero.user, isEnterpriseOwner: false };
    const asked = await sender.changeSettings({ type: "enable", by: nobody, at: now(), terms });

    yield* receiver.connectInstallation(SERVER);
    const platform = { type: "github.com" } as const;
    yield* sender.changeSettings({ type: "connect", by: OWNER, at: now(), platform, isCloudOwner: true });
    yield* sender.changeSettings({ type: "enable", by: OWNER, at: now(), terms });
    yield* sync(scene);
    const { featureSwitch: heard } = yield* sender.status();

    page.facts([
      [
        "Somebody else asks",
        asked.match(
          () => "Done.",
          ({ message }) => `Refused. ${message}`,
        ),
      ],
      ["The owner asks", "Done: GitHub Connect is on, the terms are accepted, the feature is enabled."],
      ["The cloud answers", `Confirmed: the switch is ${heard.status}, epoch ${heard.epoch}.`],
    ]);
    return ok();
  });
}

/** Gate three: the accounts. Connecting is not sending. */
export function connect(scene: Scene): ResultAsync<void, StoryFault> {
  const { page, enterprise, history } = scene;
  return safeTry<void, StoryFault>(async function* () {
    page.chapter("The users connect their accounts, and nothing is sent yet");
    for (const { user } of history.authors) yield* enterprise.connect(user);
    const before = enterprise.sent.length;
    yield* sync(scene);
    const { decision } = yield* sharing(scene);

    page.facts([
      ["Connected", counted(history.authors.length, "account")],
      [
        "An hour passes",
        `${counted(enterprise.sent.length - before, "message")} sent, without a record in it.`,
      ],
      ["May counts be sent?", decided(decision)],
    ]);
    return ok();
  });
}

/** Gate four: the users' own choice. Answers with the hero's link. */
export function optIn(scene: Scene): ResultAsync<LinkId, StoryFault> {
  const { page, enterprise, history, hero } = scene;
  return safeTry<LinkId, StoryFault>(async function* () {
    page.chapter('They select "Send my contribution counts"');
    for (const { user } of history.authors.slice(1)) yield* enterprise.optIn(user);
    const linkId = yield* enterprise.optIn(hero.user);
    const report = yield* sync(scene);
    const { decision, lastReportAt, nextSyncAt } = yield* sharing(scene);

    page.facts([
      ["The hourly sync", `Counts of ${counted(report.kept, "user")} sent and kept.`],
      ["May counts be sent?", decided(decision)],
      ["Last report", lastReportAt === null ? "none" : timeOf(lastReportAt)],
      ["Next sync", nextSyncAt === null ? "never" : timeOf(nextSyncAt)],
    ]);
    return ok(linkId);
  });
}
