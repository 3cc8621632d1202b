import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { type Run, runExample } from "../../documents/examples/run-example.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";

const COMMAND = "src/bin/unified-contributions.ts";

/** The database of a mistake: a schema with the sender's tables alone, and a role that may see it at most. */
interface Place {
  readonly schema: string;
  readonly role: string;
  /** Returns the address for a role and a database. */
  urlOf(role: string, database?: string): string;
}

async function openPlace(): Promise<Place> {
  const database = await projectDatabase();
  const schema = await freshSchema(database, "sender");
  const role = `role_${randomUUID().replaceAll("-", "")}`;
  await database.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`, []);
  const { host } = serverConnection();
  const urlOf = (user: string, name = "postgres") =>
    `postgres://${user}:secret@localhost/${name}?host=${encodeURIComponent(`${host}`)}`;
  return { schema, role, urlOf };
}

const NOT_OPENED =
  "The server cannot be reached, and nothing was done: check the address, whether the server runs, and any firewall on the way.";

/** A mistake: the words, and the exact message. SCHEMA, ROLE and SOCKET stand for those of the test. */
const MISTAKES: readonly {
  readonly title: string;
  /** SQL that the owner of the server runs first. */
  readonly first?: string;
  readonly words: (place: Place) => readonly string[];
  readonly message: string;
}[] = [
  {
    title: "the server does not run",
    words: () => ["migrate", "check", "sender", "--url", "postgres://app:secret@127.0.0.1:1/server"],
    message: `${NOT_OPENED} (The part sender in the schema unified_contributions of the database server on 127.0.0.1:1.)`,
  },
  {
    title: "the host's name is wrong",
    words: () => ["inspect", "account", "ann", "--url", "postgres://app:secret@db.invalid/cloud"],
    message: `${NOT_OPENED} (The part receiver in the schema unified_contributions of the database cloud on db.invalid:5432.)`,
  },
  {
    title: "the address names no database",
    words: () => ["migrate", "ledger", "--url", "postgres://app:secret@127.0.0.1:1"],
    message: `${NOT_OPENED} (The part ledger in the schema unified_contributions of the database with the role's name on 127.0.0.1:1.)`,
  },
  {
    title: "the address cannot be read",
    words: () => ["migrate", "sender", "--url", "postgres://app:sec%ret@db:port/server"],
    message:
      "The address of the database cannot be read: give postgres://user:password@host:5432/database, with special characters as %40 and its like.",
  },
  {
    title: "there is no such database",
    words: ({ urlOf }) => ["migrate", "nonces", "--url", urlOf("postgres", "clouds")],
    message:
      "There is no such database: check the connection's options. (The part nonces in the schema unified_contributions of the database clouds at the socket SOCKET.)",
  },
  {
    title: "there is no such role",
    words: ({ urlOf }) => ["inspect", "server", "--url", urlOf("nobody_here")],
    message:
      "The server refused the role or its password: check the connection's options. (The part sender in the schema unified_contributions of the database postgres at the socket SOCKET.)",
  },
  {
    title: "there is no such schema",
    words: ({ urlOf }) => ["migrate", "check", "sender", "--schema", "nowhere", "--url", urlOf("postgres")],
    message:
      "There is no such schema: check its name, then run unified-contributions migrate. (The part sender in the schema nowhere of the database with the role's name at the socket SOCKET.)",
  },
  {
    title: "the schema lacks the second part",
    words: ({ urlOf, schema }) => [
      "migrate",
      "check",
      "sender",
      "ledger",
      "--schema",
      schema,
      "--url",
      urlOf("postgres"),
    ],
    message:
      "The tables of ledger are not there: run unified-contributions migrate. (The part ledger in the schema SCHEMA of the database with the role's name at the socket SOCKET.)",
  },
  {
    title: "the other side's database is asked",
    words: ({ urlOf, schema }) => [
      "inspect",
      "installation",
      "server-1",
      "--schema",
      schema,
      "--url",
      urlOf("postgres"),
    ],
    message:
      "The tables are not there: check the schema option, then run unified-contributions migrate. (The part receiver in the schema SCHEMA of the database with the role's name at the socket SOCKET.)",
  },
  {
    title: "the role may not use the schema",
    words: ({ urlOf, role, schema }) => [
      "migrate",
      "check",
      "sender",
      "--schema",
      schema,
      "--url",
      urlOf(role),
    ],
    message:
      "The role may not use the schema: GRANT USAGE ON SCHEMA … TO the role. (The part sender in the schema SCHEMA of the database postgres at the socket SOCKET.)",
  },
  {
    title: "the role lacks a grant on a table",
    first: "GRANT USAGE ON SCHEMA SCHEMA TO ROLE; GRANT SELECT ON SCHEMA.server TO ROLE",
    words: ({ urlOf, role, schema }) => ["inspect", "user", "ann", "--schema", schema, "--url", urlOf(role)],
    message:
      "The role may not do this, or row-level security forbids it: grant it what docs/postgres.md lists. (The part sender in the schema SCHEMA of the database postgres at the socket SOCKET.)",
  },
  {
    title: "the role may not make a schema",
    words: ({ urlOf, role }) => ["migrate", "keys", "--schema", "another", "--url", urlOf(role)],
    message:
      "The role may not create what is missing: give it CREATE on the schema, and on the database if there is no schema yet. (The part keys in the schema another of the database postgres at the socket SOCKET.)",
  },
  {
    title: "the id is another",
    words: ({ urlOf, schema }) => ["inspect", "user", "bob", "--schema", schema, "--url", urlOf("postgres")],
    message: `Nothing is stored about the user "bob": they never began to connect, or the id is another. (The part sender in the schema SCHEMA of the database with the role's name at the socket SOCKET.)`,
  },
  {
    title: "a page is asked for where there is one",
    words: ({ urlOf }) => ["inspect", "server", "--limit", "5", "--url", urlOf("postgres")],
    message: "--after and --limit are for installations, withdrawals and audit, which have pages.",
  },
  {
    title: "a page is too long",
    words: ({ urlOf }) => ["inspect", "installations", "--limit", "1001", "--url", urlOf("postgres")],
    message: "--limit has to be a whole number from 1 to 1,000.",
  },
  {
    title: "a page follows none",
    words: ({ urlOf }) => ["inspect", "withdrawals", "--after", "page-2", "--url", urlOf("postgres")],
    message: "--after has to be what the page before has printed as its last line.",
  },
];

it.each(MISTAKES)("$title: $message", async ({ first, words, message }) => {
  const place = await openPlace();
  const here = (text: string): string =>
    text
      .replaceAll("SCHEMA.", `${place.schema}.`)
      .replace(/(?<=schema |ON SCHEMA )SCHEMA/g, place.schema)
      .replaceAll("ROLE", place.role)
      .replaceAll("SOCKET", `${serverConnection().host}`);
  if (first !== undefined) await (await projectDatabase()).client.query(here(first), []);

  const run: Run = await runExample(COMMAND, ...words(place));

  expect(run).toEqual({ code: 1, stdout: "", stderr: `${here(message)}\n` });
});
