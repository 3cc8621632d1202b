import { generateKeyPair } from "unified-contributions/adapters/http-signatures";
import { createPostgresKeyDirectory } from "unified-contributions/adapters/postgres";
import { expect, it } from "vitest";

it("imports the key of a row once, and another row's anew", async () => {
  const { publicKey } = (await generateKeyPair("ed25519"))._unsafeUnwrap();
  const row = {
    ...{ key_id: "key-1", installation: "server-1", connection: null },
    ...{ algorithm: "ed25519", jwk: JSON.stringify(publicKey) },
  };
  let rows: readonly object[] = [row];
  const client = { query: () => Promise.resolve({ rows, rowCount: rows.length }) };
  const directory = createPostgresKeyDirectory({ client });
  const find = async () => (await directory.find("key-1"))._unsafeUnwrap();

  const first = await find();
  expect(first).toMatchObject({ installation: "server-1", algorithm: "ed25519" });
  expect(await find()).toBe(first);

  rows = [{ ...row, installation: "server-2" }];
  expect(await find()).toMatchObject({ installation: "server-2" });

  rows = [];
  expect(await find()).toBe(null);
});
