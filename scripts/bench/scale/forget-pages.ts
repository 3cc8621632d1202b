import { join } from "node:path";
import { command } from "../../command.ts";
import type { BenchDatabase } from "../postgres/database.ts";

// cspell:ignore conv notrunc oflag
/** GNU dd, told to drop what the system holds of a file in memory. It changes nothing of the file. */
const DROP = ["dd", "of={}", "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"];

/** Starts the server again, without a page of its tables in its own memory or in the system's. */
export async function forgetPages({ pool, server }: BenchDatabase): Promise<void> {
  await pool.query("CHECKPOINT");
  await server.kill();
  const data = join(server.connection.host, "data", "base");
  await command("find", [data, "-type", "f", "-size", "+64k", "-exec", ...DROP, ";"]);
  await server.start();
}
