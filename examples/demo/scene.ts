import { type DayRange, err, ok, type ResultAsync } from "unified-contributions";
import type { ContributionCalendar } from "unified-contributions/ghec";
import {
  GATES,
  type SettingsRefusal,
  type Sharing,
  type SharingDecision,
  type SyncReport,
} from "unified-contributions/ghes";
import type { Author, History } from "../sources/git.ts";
import type { Enterprise, EnterpriseFault } from "./enterprise.ts";
import type { Mistake } from "./mistake.ts";
import type { Page } from "./page.ts";

/** The parts that every chapter uses. */
export interface Scene {
  readonly page: Page;
  readonly enterprise: Enterprise;
  readonly history: History;
  /** The user that the story follows: the author of the most commits. */
  readonly hero: Author;
  readonly days: DayRange;
  readonly printsAllBytes: boolean;
  /** Draws a calendar into the current folder; answers with the file's name. */
  savePicture(calendar: ContributionCalendar): ResultAsync<string, Mistake>;
}

/** The reason why the story stopped: a picture that cannot be written, or a mistake in the demo itself. */
export type StoryFault = EnterpriseFault | SettingsRefusal | Mistake | UnfinishedSync;

/** A sync that should have completed did not. */
interface UnfinishedSync {
  readonly type: "unfinished-sync";
  readonly message: string;
}

/** One hourly sync, or only its deletions. */
export function sync(
  { enterprise }: Scene,
  scope: "everything" | "deletions" = "everything",
): ResultAsync<SyncReport, StoryFault> {
  enterprise.now();
  return enterprise.sender.sync({ scope }).andThen((report) => {
    const message = `The sync ended ${report.outcome}.`;
    return report.outcome === "completed" ? ok(report) : err({ type: "unfinished-sync" as const, message });
  });
}

/** Returns the state that the hero's settings page shows. */
export function sharing({ enterprise, hero }: Scene): ResultAsync<Sharing, StoryFault> {
  return enterprise.sender.sharing(hero.user);
}

/** A decision in words: which gate says no, and why. */
export function decided(decision: SharingDecision): string {
  if (decision.isAllowed) return "Yes.";
  return `No, gate ${GATES.indexOf(decision.gate) + 1} of ${GATES.length}, ${decision.gate}. ${decision.message}`;
}

/** `1 commit`, `1,234 commits`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
}

/** An instant of the story, as a clock shows it. */
export function timeOf(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
