import type { StorageFault } from "../../domain/fault.ts";

/** The reason of a storage fault. */
export type Reason = StorageFault["reason"];

/** A reason, and a sentence that says what happened and what to do. */
export type Advice = readonly [Reason, string];

const UNKNOWN = "whether the last write was applied is unknown, so load before trying again";

/** A pooler between here and the server hands out connections by transaction. */
const PREPARED_BY_ANOTHER: Advice = [
  "unavailable",
  "A pooler on the way does not keep prepared statements: give the stores your client without prepareStatements.",
];

const NOT_REACHED: Advice = [
  "unavailable",
  "The server or a pooler on the way refused the connection, and nothing was written: look at the log of both.",
];

const OTHERS_IN_THE_WAY: Advice = [
  "timed-out",
  "Other transactions kept getting in the way: run it again, with the transaction around it if there is one.",
];

const OTHER_TABLES: Advice = [
  "unavailable",
  "The tables are not what this release expects: run unified-contributions migrate check.",
];

const OTHER_ENGINE: Advice = [
  "unavailable",
  "The server does not take the statement: it has to be PostgreSQL 15 or later, without rules on the tables.",
];

const CODE_OF_THE_HOST: Advice = [
  "unavailable",
  "A trigger, a rule or a function that is not this package's refused the statement: run unified-contributions migrate check.",
];

const OBSTRUCTED: Advice = [
  "unavailable",
  "Row-level security, a trigger or a rule would hide rows or leave them as they are, so nothing was done: run unified-contributions migrate check. The option isDistributed needs Citus, with standard_conforming_strings on.",
];

const ENCODING: Advice = [
  "corrupt",
  "A text has characters that the database cannot hold: its encoding and the connection's have to be UTF8, and no id may have a NUL.",
];

const ODD_VALUE: Advice = [
  "corrupt",
  "The client does not hand a value over as pg does: give the stores a pool or a client of pg, or wrap yours.",
];

const ENDED: Advice = ["outcome-unknown", `The server ended the connection: ${UNKNOWN}.`];

const OUTCOME_UNKNOWN: Advice = [
  "outcome-unknown",
  `The connection was lost before the outcome was known: ${UNKNOWN}.`,
];

/**
 * The advice for an error by its SQLSTATE, or by the first two characters of it.
 *
 * It has the codes of PostgreSQL 18 (appendix "PostgreSQL Error Codes") that our statements, or a pooler before the
 * server, can cause. Unless the reason is `outcome-unknown`, the server has undone the statement.
 */
export const BY_STATE: Readonly<Record<string, Advice>> = {
  "08": OUTCOME_UNKNOWN,
  "08001": NOT_REACHED,
  "08004": NOT_REACHED,
  "08P01": [
    "outcome-unknown",
    `A pooler on the way or the server ended the conversation (a pooler says so when it is full): look at its log; ${UNKNOWN}.`,
  ],
  "09": CODE_OF_THE_HOST,
  "0A": OTHER_ENGINE,
  "21": OTHER_TABLES,
  "22": ["corrupt", "A value does not fit its column: run unified-contributions migrate check."],
  "22007": ODD_VALUE,
  // The guard of each statement: `guard.ts`.
  "22012": OBSTRUCTED,
  "22021": ENCODING,
  "2202E": [
    "corrupt",
    "The days of a row do not match its counts: let no other program write to the tables, and delete that row's counts.",
  ],
  "22P02": ODD_VALUE,
  "22P03": ODD_VALUE,
  "22P05": ENCODING,
  "23": ["corrupt", "An inconsistent row was refused: let no other program write to the tables."],
  "25": ["unavailable", "The transaction around this cannot go on: roll it back and run it again."],
  "25006": [
    "read-only",
    "The server is a standby, or its transaction is read-only, so it takes no writes: connect to the primary, or end the transaction.",
  ],
  "25P02": ["unavailable", "The transaction around this had failed before: roll it back and run it again."],
  "25P03": ["timed-out", "The transaction around this was idle for too long: run all of it again."],
  "25P04": [
    "timed-out",
    "The transaction took too long: raise transaction_timeout, and run all of it again.",
  ],
  "26000": PREPARED_BY_ANOTHER,
  "27": CODE_OF_THE_HOST,
  "28": ["unavailable", "The server refused the role or its password: check the connection's options."],
  "2D": CODE_OF_THE_HOST,
  "2F": CODE_OF_THE_HOST,
  "38": CODE_OF_THE_HOST,
  "39": CODE_OF_THE_HOST,
  "3D000": ["unavailable", "There is no such database: check the connection's options."],
  "3F000": [
    "unavailable",
    "There is no such schema: check the schema option, then run unified-contributions migrate.",
  ],
  "40": OTHERS_IN_THE_WAY,
  "40003": OUTCOME_UNKNOWN,
  "42": OTHER_ENGINE,
  "42501": [
    "unavailable",
    "The role may not do this, or row-level security forbids it: grant it what docs/postgres.md lists.",
  ],
  "42703": ["unavailable", "The tables are older than this release: run unified-contributions migrate."],
  "42804": OTHER_TABLES,
  "42P01": [
    "unavailable",
    "The tables are not there: check the schema option, then run unified-contributions migrate.",
  ],
  "42P05": PREPARED_BY_ANOTHER,
  "42P10": OTHER_TABLES,
  // A policy that reads its own table.
  "42P17": OBSTRUCTED,
  "44": CODE_OF_THE_HOST,
  "53": ["unavailable", "The server is out of memory or another resource: look at its log, then try again."],
  "53100": ["unavailable", "The disk of the server is full: make room, then try again."],
  "53300": [
    "unavailable",
    "The server has no connection left: make the pool smaller or allow more connections.",
  ],
  "54": ["unavailable", "The statement exceeds a limit of the server: look at its log."],
  "55P03": ["timed-out", "A lock did not come in time: raise lock_timeout, or look for what blocks it."],
  "57": ENDED,
  "57014": ["timed-out", "The statement was cancelled: raise statement_timeout, or look for what blocks it."],
  "57P03": [
    "unavailable",
    "The server is shutting down or starting, and nothing was written: try again later.",
  ],
  "58": ["outcome-unknown", `The server could not read or write its files: look at its log; ${UNKNOWN}.`],
  "72": OTHERS_IN_THE_WAY,
  P0: CODE_OF_THE_HOST,
  XX: [
    "outcome-unknown",
    `The server or a pooler on the way (one that is full, for example) failed within itself: look at the log of both; ${UNKNOWN}.`,
  ],
  XX001: ["corrupt", "The server found damaged data: restore it from a backup."],
  XX002: ["corrupt", "The server found a damaged index: rebuild it with REINDEX."],
};
