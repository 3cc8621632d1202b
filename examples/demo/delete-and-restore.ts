import { safeTry } from "neverthrow";
import { type DayRange, ok, type ResultAsync } from "unified-contributions";
import type { ContributionCalendar } from "unified-contributions/ghec";
import { drawInTerminal } from "./draw-terminal.ts";
import { OWNER } from "./enterprise.ts";
import { counted, decided, type Scene, type StoryFault, sharing, sync, timeOf } from "./scene.ts";

/** Shows the cloud's calendar in the terminal, and saves it as a picture. */
export function showCalendar(scene: Scene): ResultAsync<ContributionCalendar, StoryFault> {
  const { page, enterprise, hero } = scene;
  return safeTry<ContributionCalendar, StoryFault>(async function* () {
    page.chapter("What GitHub Enterprise Cloud shows");
    const calendar = yield* enterprise.calendarOf(hero.user);
    const file = yield* scene.savePicture(calendar);

    draw(scene, calendar);
    page.write(`${totalOf(calendar)}, shown as private contributions. The picture is in ${file}.`);
    return ok(calendar);
  });
}

/** An exit by choice: what was kept is deleted, provably. */
export function optOut(scene: Scene): ResultAsync<void, StoryFault> {
  const { page, enterprise, hero } = scene;
  return safeTry<void, StoryFault>(async function* () {
    page.chapter(`${hero.name} opts out`);
    const by = hero.user;
    yield* enterprise.sender.changeLink(by, { type: "opt-out", by, at: enterprise.now() });
    const pending = yield* sharing(scene);
    yield* sync(scene, "deletions");
    const { decision, deletion } = yield* sharing(scene);

    page.facts([
      ["Before the cloud answers", `Deletion ${pending.deletion.status}: the page does not say "deleted".`],
      [
        "Receipt",
        deletion.status === "deleted"
          ? `Deleted at ${timeOf(deletion.receipt.deletedAt)}: ${removed(deletion.receipt.removed)}.`
          : `none, ${deletion.status}`,
      ],
      ["May counts be sent?", decided(decision)],
    ]);
    const calendar = yield* enterprise.calendarOf(hero.user);
    draw(scene, calendar);
    page.write(`${totalOf(calendar)}.`);
    return ok();
  });
}

/** The way back: a new link, and the past 90 days again. */
export function reconnect(scene: Scene, before: ContributionCalendar): ResultAsync<void, StoryFault> {
  const { page, enterprise, hero } = scene;
  return safeTry<void, StoryFault>(async function* () {
    page.chapter(`${hero.name} disconnects the account, and reconnects it`);
    const by = hero.user;
    yield* enterprise.sender.changeLink(by, { type: "disconnect", by, at: enterprise.now() });
    yield* enterprise.connect(by);
    yield* enterprise.optIn(by);
    yield* sync(scene);
    const calendar = yield* enterprise.calendarOf(by);

    const isRestored = JSON.stringify(calendar) === JSON.stringify(before);
    page.facts([
      ["A new link", "The old one stays deleted, and a late message that names it does nothing."],
      ["Restored", `${totalOf(calendar)}, ${isRestored ? "each day as it was" : "other than before"}.`],
    ]);
    page.write(
      "The cloud had deleted its copy: the server counted the past 90 days anew. Older days are gone.",
    );
    return ok();
  });
}

/** Disables the feature, so that the counts of every user are deleted. */
export function disable(scene: Scene): ResultAsync<void, StoryFault> {
  const { page, enterprise, history } = scene;
  return safeTry<void, StoryFault>(async function* () {
    page.chapter("The owner disables the feature");
    yield* enterprise.sender.changeSettings({ type: "disable", by: OWNER, at: enterprise.now() });
    const { disabling } = yield* sync(scene, "deletions");
    const { decision } = yield* sharing(scene);
    let shown = 0;
    for (const { user } of history.authors) shown += (yield* enterprise.calendarOf(user)).totalContributions;

    page.facts([
      [
        "Receipt",
        disabling ? `Epoch ${disabling.epoch} is off since ${timeOf(disabling.disabledAt)}.` : "none",
      ],
      [
        "Shown now",
        `${counted(shown, "contribution")}, over all of ${counted(history.authors.length, "account")}.`,
      ],
      ["May counts be sent?", decided(decision)],
    ]);
    page.write("Enabling it again brings no user back: each user has to reconnect.");
    return ok();
  });
}

function draw({ page }: Scene, calendar: ContributionCalendar): void {
  page.show(drawInTerminal(calendar, page.isColoured));
}

function totalOf(calendar: ContributionCalendar): string {
  return `${counted(calendar.totalContributions, "contribution")} in 90 days`;
}

function removed(days: DayRange | null): string {
  return days ? `the counts of ${days.first} to ${days.last}` : "nothing had been kept";
}
