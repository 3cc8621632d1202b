import { errAsync, okAsync } from "unified-contributions";
import { describe, expect, it } from "vitest";
import {
  type CommandClient,
  forEachPart,
  type Mistake,
  mistake,
} from "../../../../src/adapters/postgres/command-connection.ts";
import type { SchemaPart } from "../../../../src/adapters/postgres/migrations.ts";

const NOT_OPENED =
  "The server cannot be reached, and nothing was done: check the address, whether the server runs, and any firewall on the way.";

const NO_ADDRESS = mistake(
  "The address of the database cannot be read: give postgres://user:password@host:5432/database, with special characters as %40 and its like.",
);

/** A client that notes in order what is done with it. */
function clientThat(changed: Partial<CommandClient> = {}): CommandClient & { readonly done: string[] } {
  const done: string[] = [];
  return {
    ...{ host: "db.example", port: 5433, database: "cloud", user: "app", done },
    query: async () => ({ rows: [], rowCount: 0 }),
    connect: async () => done.push("connect"),
    end: async () => done.push("end"),
    ...changed,
  };
}

/** Runs a task for two parts over a client. */
function run<Value>(
  client: CommandClient,
  task: Parameters<typeof forEachPart<Value>>[2],
  parts: readonly SchemaPart[] = ["sender", "ledger"],
) {
  return forEachPart({ parts, schema: "s", url: undefined }, async () => client, task);
}

/** The message of a task that fails over such a client. */
async function messageOver(changed: Partial<CommandClient>): Promise<string> {
  const failed = await run(clientThat(changed), () => errAsync(mistake("It fails.")));
  return failed._unsafeUnwrapErr().message;
}

describe("a command's connection", () => {
  it("is made for the address, opened once, used for each part in turn, and closed", async () => {
    const client = clientThat();
    const urls: unknown[] = [];
    const makeClient = async (url: string | undefined) => {
      urls.push(url);
      return client;
    };
    const place = { parts: ["sender", "ledger"], schema: "s", url: "postgres://db/x" } as const;

    const values = await forEachPart(place, makeClient, (given, part) => {
      client.done.push(part);
      return okAsync([given === client, part]);
    });

    expect(values._unsafeUnwrap()).toEqual([
      [true, "sender"],
      [true, "ledger"],
    ]);
    expect(urls).toEqual(["postgres://db/x"]);
    expect(client.done).toEqual(["connect", "sender", "ledger", "end"]);
  });

  it("is closed once after the first mistake, and no later part is worked on", async () => {
    const client = clientThat();

    const failed = await run(client, (_, part) => {
      client.done.push(part);
      return errAsync(mistake("It fails."));
    });

    expect(failed._unsafeUnwrapErr()).toEqual(
      mistake("It fails. (The part sender in the schema s of the database cloud on db.example:5433.)"),
    );
    expect(client.done).toEqual(["connect", "sender", "end"]);
  });

  it("names the part that has failed if an earlier one has not", async () => {
    const client = clientThat();

    const failed = await run(client, (_, part) =>
      part === "ledger" ? errAsync(mistake("It fails.")) : okAsync(part),
    );

    expect(failed._unsafeUnwrapErr().message).toBe(
      "It fails. (The part ledger in the schema s of the database cloud on db.example:5433.)",
    );
    expect(client.done).toEqual(["connect", "end"]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["has ended", () => Promise.resolve("ended")],
    ["fails", () => Promise.reject(new Error("secret"))],
  ])("gives the values of the parts after closing %s", async (_, end) => {
    expect((await run(clientThat({ end }), (__, part) => okAsync(part)))._unsafeUnwrap()).toEqual([
      "sender",
      "ledger",
    ]);
    expect(await messageOver({ end })).toMatch(/^It fails\. \(/);
  });

  it("is still open while the last part is worked on, and the values come once it is closed", async () => {
    const client = clientThat({
      end: () => new Promise((ended) => setImmediate(() => ended(client.done.push("end")))),
    });

    const values = await run(client, (_, part) => okAsync(client.done.push(part)));

    expect(values._unsafeUnwrap()).toEqual([2, 3]);
    expect(client.done).toEqual(["connect", "sender", "ledger", "end"]);
  });

  it.each<[string, Error, string]>([
    ["the server does not answer", Object.assign(new Error("secret"), { code: "ECONNREFUSED" }), NOT_OPENED],
    ["the driver says nothing", new Error("secret"), NOT_OPENED],
    [
      "the server refuses it",
      Object.assign(new Error("secret"), { code: "3D000" }),
      "There is no such database: check the connection's options.",
    ],
  ])("that cannot be opened since %s is a mistake, and is closed", async (_, error, sentence) => {
    const client = clientThat({ connect: () => Promise.reject(error) });

    const failed = await run(client, () => okAsync(client.done.push("task")));

    expect(failed._unsafeUnwrapErr()).toEqual(
      mistake(`${sentence} (The part sender in the schema s of the database cloud on db.example:5433.)`),
    );
    expect(client.done).toEqual(["end"]);
  });
});

describe("the place in a mistake", () => {
  it.each<[string, Partial<CommandClient>]>([
    ["the database cloud on db.example:5433", {}],
    ["the database cloud at the socket /run/postgresql", { host: "/run/postgresql" }],
    ["the database cloud on not/run:5433", { host: "not/run" }],
    ["the database with the role's name on db.example:5433", { database: "app" }],
    ["the database with the role's name on db.example:5433", { database: undefined }],
    [
      "the database with the role's name at the socket /run/postgresql",
      { host: "/run/postgresql", database: undefined },
    ],
    ["the database cloud on db.example:5433", { user: undefined }],
  ])("is %s of %j", async (place, changed) => {
    expect(await messageOver(changed)).toBe(`It fails. (The part sender in the schema s of ${place}.)`);
  });
});

describe("a client that cannot be made", () => {
  const madeBy = async (reason: unknown): Promise<Mistake> => {
    const makeClient = () => Promise.reject(reason);
    const place = { parts: ["sender"], schema: "s", url: "postgres://app:secret@db" } as const;
    return (await forEachPart(place, makeClient, () => okAsync(undefined)))._unsafeUnwrapErr();
  };

  it("is the mistake that it was rejected with", async () => {
    const lacking = mistake("npm install pg");

    expect(await madeBy(lacking)).toBe(lacking);
  });

  it("is an address that cannot be read, and the driver's words are not repeated", async () => {
    expect(await madeBy(new TypeError("Invalid URL postgres://app:secret@db"))).toEqual(NO_ADDRESS);
    expect(await madeBy({ type: "error", message: "secret" })).toEqual(NO_ADDRESS);
  });
});

it("a mistake says so in its type", () => {
  expect(mistake("It fails.")).toEqual({ type: "mistake", message: "It fails." });
});
