import { stat } from "node:fs/promises";
import {
  type CalendarDate,
  type DayRange,
  isCalendarDate,
  ok,
  parseUserId,
  type Result,
  ResultAsync,
  type UserId,
} from "unified-contributions";
import {
  buildPayload,
  type Contribution,
  type ContributionSource,
  type SourceFault,
  type UserContributions,
} from "unified-contributions/ghes";
import { type Mistake, refuse } from "../demo/mistake.ts";
import { type GitOutcome, runGit } from "./run-git.ts";

/** A commit as the server knows it. */
interface Commit extends Contribution {
  readonly title: string;
}

/** A user of the server: everything one e-mail address has committed in the window. */
export interface Author {
  /** The e-mail address, in small letters. */
  readonly user: UserId;
  /** The name of their newest commit. */
  readonly name: string;
  /** Newest first. */
  readonly commits: readonly Commit[];
}

/** The history of the checked-out branch. Each commit counts for the day that its author's own clock showed. */
export interface History {
  /** All commits, whenever they were made. */
  readonly commits: number;
  /** How many of them are left out since their author or date makes no sense. */
  readonly unreadable: number;
  /** The authors of commits in the window, most commits first. */
  readonly authors: readonly Author[];
  /** The latest day on which anything was committed, or null. */
  readonly newestDay: CalendarDate | null;
}

/** The settings of a source over a git history. */
export interface GitSourceOptions {
  /** A folder of the clone; its branch that is checked out is read. */
  readonly path: string;
  /** The e-mail addresses of a user, after a `.mailmap` was applied; none where they never commit. */
  readonly emailsOf: (user: UserId) => readonly string[];
}

const CANNOT_READ: SourceFault = {
  type: "source-fault",
  message:
    "The git history cannot be read: check that the folder is a full clone with commits, and that git is installed.",
};

/**
 * Makes a source of contributions over a git history: a commit counts for the day that its author's own clock showed.
 * A user who has no commit contributed nothing; a commit whose date makes no sense counts for no day.
 */
export function createGitSource({ path, emailsOf }: GitSourceOptions): ContributionSource {
  return {
    read: ({ users, days, signal }) =>
      readHistory(path, days, signal)
        .mapErr(() => CANNOT_READ)
        .map(({ authors }) => {
          const commitsOf = new Map<string, Author["commits"]>(
            authors.map(({ user, commits }) => [user, commits]),
          );
          return new Map(
            users.map((user): [UserId, UserContributions] => {
              const emails = new Set(emailsOf(user).map((email) => email.toLowerCase()));
              const contributions = [...emails].flatMap((email) => commitsOf.get(email) ?? []);
              return [user, { type: "contributions", contributions }];
            }),
          );
        }),
  };
}

/**
 * Reads the history of the branch that is checked out, as GitHub counts commits of the default branch. E-mail addresses
 * that a `.mailmap` joins are one author. Other branches are not read: a commit that was rebased would count twice.
 */
export function readHistory(
  path: string,
  days: DayRange,
  signal = new AbortController().signal,
): ResultAsync<History, Mistake> {
  return new ResultAsync(read(path, days, signal));
}

async function read(path: string, days: DayRange, signal: AbortSignal): Promise<Result<History, Mistake>> {
  const folder = await stat(path).catch(() => null);
  if (!folder) return refuse(`There is nothing at ${path}: give the path of a git repository.`);
  if (!folder.isDirectory()) return refuse(`${path} is not a folder: give the path of a git repository.`);

  let isShallow = "";
  const found = await runGit(path, ["rev-parse", "--is-shallow-repository"], (text) => {
    isShallow += text;
  });
  if (found.status === "missing")
    return refuse("git was not found: install it, and check that it is on the PATH.");
  if (found.complaint.startsWith("not a git repository"))
    return refuse(`${path} is not in a git repository: give the path of one.`);
  if (found.code !== 0) return cannotRead(path, found);
  if (isShallow.trim() === "true")
    return refuse(
      `${path} is a shallow clone, so days would be missing: run git fetch --unshallow there first.`,
    );

  const head = await runGit(path, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], () => undefined);
  if (head.status === "ended" && head.code !== 0)
    return refuse(`${path} has no commits on the branch that is checked out: commit something first.`);

  const reader = createReader(days);
  const log = await runGit(path, LOG, reader.take, signal);
  return log.status === "ended" && log.code === 0 ? ok(reader.history()) : cannotRead(path, log);
}

function cannotRead(path: string, outcome: GitOutcome): Result<never, Mistake> {
  const why = outcome.status === "ended" ? printable(outcome.complaint) : "it has gone";
  return refuse(`git cannot read the history of ${path}: ${why}.`);
}

const LOG = [
  "log",
  "-z",
  "--no-show-signature",
  "--encoding=UTF-8",
  "--format=tformat:%aE%n%aN%n%aI%n%s",
  "HEAD",
  "--",
];

interface GrowingAuthor extends Author {
  readonly commits: Commit[];
}

/** Takes the log in pieces of any size; commits outside of the window are counted and forgotten. */
function createReader(days: DayRange): { take(text: string): void; history(): History } {
  const authors = new Map<UserId, GrowingAuthor>();
  let commits = 0;
  let unreadable = 0;
  let newestDay: CalendarDate | null = null;
  let unfinished = "";

  function add(record: string): void {
    const [email = "", name = "", occurredAt = "", title = ""] = record.split("\n");
    const day = occurredAt.slice(0, 10);
    const user = parseUserId(email.toLowerCase());
    commits++;
    if (!isCalendarDate(day) || user.isErr()) {
      unreadable++;
      return;
    }
    if (newestDay === null || day > newestDay) newestDay = day;
    if (day < days.first || day > days.last) return;
    const commit = { occurredAt, title: printable(title) };
    if (buildPayload([commit], days.last).isErr()) {
      unreadable++;
      return;
    }
    const author = authors.get(user.value) ?? { user: user.value, name: printable(name), commits: [] };
    author.commits.push(commit);
    authors.set(user.value, author);
  }

  return {
    take: (text) => {
      const records = (unfinished + text).split("\0");
      unfinished = records.pop() ?? "";
      for (const record of records) add(record);
    },
    history: () => ({
      commits,
      unreadable,
      authors: [...authors.values()].sort(byCommits),
      newestDay,
    }),
  };
}

function byCommits(a: Author, b: Author): number {
  return b.commits.length - a.commits.length || (a.user < b.user ? -1 : 1);
}

/** Nothing that a commit says may steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
