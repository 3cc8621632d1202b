// Writes into a store in PGlite, closes it, and reads it over the folder again; ends with exit code 1 where that fails.
// `npm run trial -- runtimes` starts it on each runtime, bundled, beside the package as it is built.
import { openPglite } from "unified-contributions/adapters/pglite";
import { createPostgresSenderStore, migratePostgresSchema } from "unified-contributions/adapters/postgres";

const [, , folder = "store"] = process.argv;

async function open() {
  const { client, close } = (await openPglite(folder))._unsafeUnwrap();
  (await migratePostgresSchema({ client, parts: ["sender"] }))._unsafeUnwrap();
  return { store: createPostgresSenderStore({ client }), close };
}

const first = await open();
const { value: server, version } = (await first.store.loadServer())._unsafeUnwrap();
const commit = { expectedVersion: version, audit: null, reported: [], withdrawn: [] };
(await first.store.commitServer({ ...commit, server: { ...server, failures: 7 } }))._unsafeUnwrap();
await first.close();

const second = await open();
const { failures } = (await second.store.loadServer())._unsafeUnwrap().value;
await second.close();
if (failures !== 7) throw new Error(`The store was opened again with ${failures} failures, and had 7.`);
