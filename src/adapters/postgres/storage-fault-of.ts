import type { StorageFault } from "../../domain/fault.ts";

type Reason = StorageFault["reason"];

/** What something between here and the server does that hands out connections by transaction. */
const PREPARED_BY_ANOTHER: readonly [Reason, string] = [
  "unavailable",
  "A pooler on the way does not keep prepared statements: give the stores your client without prepareStatements.",
];

/** What is known of an error by its SQLSTATE, or by the first two characters of it. */
const BY_STATE: Readonly<Record<string, readonly [Reason, string]>> = {
  "42P01": [
    "unavailable",
    "The tables are not there: check the schema option, then run unified-contributions-migrate.",
  ],
  "3F000": [
    "unavailable",
    "There is no such schema: check the schema option, then run unified-contributions-migrate.",
  ],
  "42703": ["unavailable", "The tables are older than this release: run unified-contributions-migrate."],
  "26000": PREPARED_BY_ANOTHER,
  "42P05": PREPARED_BY_ANOTHER,
  "42501": ["unavailable", "The role may not do this: grant it what docs/postgres.md lists."],
  "3D000": ["unavailable", "There is no such database: check the connection's options."],
  "28": ["unavailable", "The server refused the role or its password: check the connection's options."],
  "53100": ["unavailable", "The disk of the server is full: make room, then try again."],
  "53300": [
    "unavailable",
    "The server has no connection left: make the pool smaller or allow more connections.",
  ],
  "53": ["unavailable", "The server is out of memory or another resource: look at its log, then try again."],
  "25006": [
    "read-only",
    "The server takes no writes: connect to the primary, or end the read-only transaction.",
  ],
  "25P02": ["unavailable", "The transaction around this had failed before: roll it back and run it again."],
  "57014": ["timed-out", "The statement was cancelled: raise statement_timeout, or look for what blocks it."],
  "55P03": ["timed-out", "A lock did not come in time: raise lock_timeout, or look for what blocks it."],
  "57": ["unavailable", "The server is shutting down or starting: try again later."],
  "58": ["unavailable", "The server could not read or write its files: look at its log."],
  "08": [
    "unavailable",
    "The connection was lost: whether the last write counts is unknown, so load before trying again.",
  ],
  "40": [
    "timed-out",
    "Other transactions kept getting in the way: run it again, with the transaction around it if there is one.",
  ],
  "22": ["corrupt", "The server cannot hold a value: the database's encoding has to be UTF8."],
  "23": [
    "corrupt",
    "A row that makes no sense was refused: nobody but this package may write to its tables.",
  ],
  XX: ["corrupt", "The server found damaged data: restore it from a backup."],
};

const NO_ANSWER: StorageFault = fault(
  "unavailable",
  "The server cannot be reached or the connection was lost: whether the last write counts is unknown, so load before trying again.",
);

/** A row that this release cannot read. */
export const UNREADABLE_ROW: StorageFault = fault(
  "corrupt",
  "A row cannot be read: run unified-contributions-migrate check, and let nobody else write to the tables.",
);

/** What became of a statement that was refused. It repeats nothing of what the server said, which may hold data. */
export function storageFaultOf(error: unknown): StorageFault {
  const state = stateOf(error);
  const known = BY_STATE[state] ?? BY_STATE[state.slice(0, 2)];
  if (known) return fault(...known);
  return isState(state)
    ? fault("unavailable", `The server refused the statement (SQLSTATE ${state}): look at its log.`)
    : NO_ANSWER;
}

/** Whether another transaction got in the way, so that the same statement may succeed now. */
export function isInTheWay(error: unknown): boolean {
  const state = stateOf(error);
  return state === "40001" || state === "40P01";
}

/** The name of the unique index that a row would have broken, or null where it is something else. */
export function brokenUniqueIndex(error: unknown): string | null {
  if (stateOf(error) !== "23505") return null;
  const { constraint } = error as { readonly constraint?: unknown };
  return typeof constraint === "string" ? constraint : "";
}

/** The SQLSTATE of an error, or the name that Node gives to one of the network. */
function stateOf(error: unknown): string {
  const code =
    typeof error === "object" && error !== null ? (error as { readonly code?: unknown }).code : null;
  return typeof code === "string" ? code : "";
}

function isState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}

function fault(reason: Reason, message: string): StorageFault {
  return { type: "storage-fault", reason, message };
}
