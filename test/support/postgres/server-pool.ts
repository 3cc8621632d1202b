import pg from "pg";
import { onTestFinished } from "vitest";
import { serverConnection } from "./project-database.ts";

/** Connections to the project's server, with settings of the session such as `statement_timeout`. */
export function openPool(settings: Readonly<Record<string, string>>): pg.Pool {
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const pool = new pg.Pool({ ...serverConnection(), max: 8, options: options.join(" ") });
  // A connection that is cut while nobody uses it: its host has to expect that.
  pool.on("error", () => {});
  return pool;
}

/** The same connections for this test alone. */
export function poolOfTest(settings: Readonly<Record<string, string>> = {}): pg.Pool {
  const pool = openPool(settings);
  onTestFinished(() => pool.end());
  return pool;
}
