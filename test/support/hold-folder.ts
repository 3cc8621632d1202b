// Opens the database in a folder, writes a row, says so, and holds the folder until it is killed.
import { openPglite } from "unified-contributions/adapters/pglite";

const [folder = ""] = process.argv.slice(2);
const { client } = (await openPglite(folder))._unsafeUnwrap();
await client.query("CREATE TABLE written (value text); INSERT INTO written VALUES ('before the kill')", []);
process.stdout.write("held\n");
setInterval(() => undefined, 1_000);
