import { existsSync } from "node:fs";
import pg from "pg";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { command } from "../../../scripts/command.ts";
import { FORGETFUL, type PostgresServer, startPostgres } from "./server.ts";

async function newServer(): Promise<PostgresServer> {
  const server = await startPostgres(18, FORGETFUL);
  onTestFinished(server.stop);
  return server;
}

async function query({ connection }: PostgresServer, text: string): Promise<unknown[]> {
  const client = new pg.Client({ ...connection, database: "postgres" });
  try {
    await client.connect();
    const { rows } = await client.query(text);
    return rows;
  } finally {
    await client.end();
  }
}

describe("a server of the tests' own", () => {
  it("can be reached by nobody else, and leaves nothing behind", async () => {
    const server = await newServer();

    expect(await query(server, "SHOW listen_addresses")).toEqual([{ listen_addresses: "" }]);
    await server.stop();

    expect(existsSync(server.connection.host)).toBe(false);
  });

  it("is there again after it was killed, with what was committed", async () => {
    const server = await newServer();
    await query(server, "CREATE TABLE kept AS SELECT 7 AS n");

    await server.kill();
    await expect(query(server, "SELECT 1")).rejects.toThrow("ECONNREFUSED");
    await server.start();

    expect(await query(server, "SELECT n FROM kept")).toEqual([{ n: 7 }]);
  });

  it("ends with its owner, however that dies", async () => {
    const { stdout: folder } = await command("node", [
      "scripts/run.js",
      "test/support/postgres/abandon-server.ts",
    ]);

    expect(folder).toMatch(/postgres-18-/);
    await vi.waitUntil(() => !existsSync(folder), { timeout: 30_000 });
  });

  it("says why it does not start", async () => {
    const start = startPostgres(18, { shared_buffers: "none" });

    await expect(start).rejects.toThrow(
      /did not start:\n.*FATAL: .*invalid value for parameter "shared_buffers"/,
    );
  });
});
