import { parseArgs } from "node:util";
import {
  type CalendarDate,
  dateOfInstant,
  type Instant,
  ok,
  parseCalendarDate,
  type Result,
} from "unified-contributions";
import { type Mistake, refuse } from "./mistake.ts";

/** The options that the command line gives. */
export interface Options {
  /** A folder in the repository whose history is read. */
  readonly path: string;
  /** The last day of the window. */
  readonly today: CalendarDate;
  /** The storage of both sides: a folder, or `postgres://…`. Null for memory. */
  readonly store: string | null;
  /** Whether every byte is printed, or long messages are cut. */
  readonly printsAllBytes: boolean;
  /** Whether the cloud is a process of its own, reached over HTTP. */
  readonly isOverHttp: boolean;
  /** Whether the pages of both sides are served, in two processes, until they are stopped. */
  readonly isOnWeb: boolean;
  /** The port of the server's pages; the cloud's is the next one. Any free ones for 0. */
  readonly port: number;
  /** Whether only {@link USAGE} is asked for. */
  readonly asksForHelp: boolean;
}

/** How the demo is started. */
export const USAGE = `Usage: npm run demo -- [path] [--today YYYY-MM-DD] [--bytes] [--http] [--store <place>]
       npm run demo -- --web [path] [--today YYYY-MM-DD] [--port <number>] [--store <place>]

  path     a folder in a git repository; this one if left out
  --today  the last of the 90 days; the real today if left out
  --bytes  print every byte that left, not only the beginning of long messages
  --http   GitHub Enterprise Cloud is a process of its own, and every message a signed request to it
  --store  keep everything in this folder, or in the PostgreSQL at postgres://…, and the ledger of deletions in a
           file outside of it; both processes restart on the way
  --web    serve the pages of both, to be opened in a browser, until Ctrl+C
  --port   where the server's pages listen, 4980 if left out; the cloud's listen on the next port`;

const OPTIONS = {
  today: { type: "string" },
  bytes: { type: "boolean" },
  store: { type: "string" },
  http: { type: "boolean" },
  web: { type: "boolean" },
  port: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Reads the arguments behind the file's name; `now` says which day is today where none is given. */
export function readOptions(args: readonly string[], now: Instant): Result<Options, Mistake> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(OPTIONS, token.name))
      return refuse(`There is no option ${token.rawName}.\n\n${USAGE}`);
    if (OPTIONS[token.name as keyof typeof OPTIONS].type === "boolean" && token.value !== undefined)
      return refuse(`${token.rawName} takes no value.\n\n${USAGE}`);
  }
  const [path = ".", ...more] = positionals;
  if (more.length > 0) return refuse(`Give one path, not ${positionals.length}.\n\n${USAGE}`);
  if (values.store === true || values.store === "")
    return refuse(`--store needs a folder, or postgres://… of a server.\n\n${USAGE}`);
  return readWeb(values).andThen((web) =>
    readToday(values.today, now).map((today) => ({
      ...web,
      path,
      today,
      store: typeof values.store === "string" ? values.store : null,
      printsAllBytes: values.bytes === true,
      isOverHttp: values.http === true,
      asksForHelp: values.help === true,
    })),
  );
}

const DEFAULT_PORT = 4_980;

/** The cloud needs the next port, too. */
const LAST_PORT = 65_534;

type Values = Readonly<Partial<Record<keyof typeof OPTIONS, string | boolean>>>;

function readWeb({ web, http, bytes, port }: Values): Result<Pick<Options, "isOnWeb" | "port">, Mistake> {
  const isOnWeb = web === true;
  if (isOnWeb && (http === true || bytes === true))
    return refuse(`--web serves pages, which --http and --bytes do not change: leave them out.\n\n${USAGE}`);
  if (port === undefined) return ok({ isOnWeb, port: DEFAULT_PORT });
  if (!isOnWeb) return refuse(`--port is the port of --web: give both, or neither.\n\n${USAGE}`);
  return typeof port === "string" && /^\d{1,5}$/.test(port) && Number(port) <= LAST_PORT
    ? ok({ isOnWeb, port: Number(port) })
    : refuse(
        `--port needs a number from 1 to ${LAST_PORT}, or 0 for any free ports: --port 4980, for example.`,
      );
}

/** Reads the given day. Without one it is today in this machine's zone, since commits carry the dates of local clocks. */
function readToday(given: string | boolean | undefined, now: Instant): Result<CalendarDate, Mistake> {
  if (given === undefined) return ok(dateOfInstant(now, -new Date(now).getTimezoneOffset()));
  return parseCalendarDate(given).orElse(() =>
    refuse("--today needs a day that exists, as YYYY-MM-DD: --today 2026-03-01, for example."),
  );
}
