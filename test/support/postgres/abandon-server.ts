// Starts a server, prints its folder, and dies without a word, for server.test.ts.
import { FORGETFUL, startPostgres } from "./server.ts";

const { connection } = await startPostgres(18, FORGETFUL);
process.stdout.write(connection.host, () => process.kill(process.pid, "SIGKILL"));
