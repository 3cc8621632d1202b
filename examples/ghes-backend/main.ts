// ghes-backend/main.ts
import { readFileSync } from "node:fs";
import pg from "pg";
import { type InstallationId, ResultAsync, type UserId } from "unified-contributions";
import { createHttpTransport } from "unified-contributions/adapters/http";
import { createRequestSigner, importSigningKey } from "unified-contributions/adapters/http-signatures";
import { checkPostgresSchema, createPostgresSenderStore } from "unified-contributions/adapters/postgres";
import { systemClock as clock, systemRandom as random } from "unified-contributions/adapters/system";
import { type ContributionSource, createSender, runSender } from "unified-contributions/ghes";
import { onEvent, serveCalls } from "../ghec-backend/host.ts";
import { createCalls } from "./calls.ts";

const client = new pg.Pool({ connectionString: process.env["DATABASE_URL"] }).on("error", onEvent);
(await checkPostgresSchema({ client, parts: ["sender"] }))._unsafeUnwrap();

// Stands for your own table of contributions. The query sums its days for every user who is asked.
await client.query("CREATE TABLE IF NOT EXISTS contributions (author text, day date)");
const DAYS = `SELECT author, ARRAY(
  SELECT json_build_object('date', day, 'contributionCount', count(*)) FROM contributions AS c
  WHERE c.author = asked.author AND day BETWEEN $2 AND $3 GROUP BY day
) AS "dailyCounts" FROM unnest($1::text[]) AS asked (author)`;
const fault = { type: "source-fault", message: "The contributions cannot be read." } as const;
const source: ContributionSource = {
  read: ({ users, days }) =>
    ResultAsync.fromPromise(client.query(DAYS, [users, days.first, days.last]), () => fault).map(
      ({ rows }) =>
        new Map(rows.map(({ author, dailyCounts }) => [author, { type: "daily-counts", dailyCounts }])),
    ),
};

const pem = readFileSync("server-key.pem", "utf8");
const key = (await importSigningKey({ algorithm: "ed25519", pem }))._unsafeUnwrap();
const url = "http://localhost:8917/unified-contributions";
const sign = createRequestSigner({ key: () => key, clock, random });
const transport = createHttpTransport({ url, sign, onEvent });
const installation = "server-1" as InstallationId;
const store = createPostgresSenderStore({ client, onEvent });
const sender = createSender({ installation, store, source, transport, clock, random, onEvent });

const INSERT = "INSERT INTO contributions VALUES ($1, (now() AT TIME ZONE 'UTC')::date)";
const close = serveCalls(8918, {
  ...createCalls({ sender, clock }),
  // A push: the server stores it, and tells the sender whose counts have changed.
  push: ({ user }: { readonly user: UserId }) =>
    ResultAsync.fromPromise(client.query(INSERT, [user]), () => fault).andThen(() =>
      sender.contributionsChanged([user]),
    ),
});
const shutdown = new AbortController();
process.once("SIGTERM", () => shutdown.abort());
await runSender(sender, { clock, signal: shutdown.signal });
await close();
await client.end();
