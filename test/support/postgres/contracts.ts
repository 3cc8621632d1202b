import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import {
  type AuditedSenderStore,
  ledgerContract,
  receiverStoreContract,
  senderStoreContract,
} from "unified-contributions/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { freshSchema, type TestDatabase } from "./test-database.ts";

/** Declares the tests of every storage contract on a database, each check in a schema of its own. */
export function describeContracts(open: () => Promise<TestDatabase>): void {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  describe("the sender's store", () => {
    test.each(senderStoreContract)("$rule $title", ({ run }) => run(() => auditedStore(database)));
  });

  describe("the receiver's store", () => {
    test.each(receiverStoreContract)("$rule $title", ({ run }) =>
      run(async () =>
        createPostgresReceiverStore({
          client: database.client,
          schema: await freshSchema(database, "receiver"),
        }),
      ),
    );
  });

  describe("the ledger", () => {
    test.each(ledgerContract)("$rule $title", ({ run }) =>
      run(async () =>
        createPostgresLedger({ client: database.client, schema: await freshSchema(database, "ledger") }),
      ),
    );
  });
}

/** A store whose audit log the contract can look into. */
async function auditedStore(database: TestDatabase): Promise<AuditedSenderStore> {
  const schema = await freshSchema(database, "sender");
  const store = createPostgresSenderStore({ client: database.client, schema });
  const auditLog = async () => {
    const logged = (await store.readAuditLog({ after: 0, limit: 1_000 }))._unsafeUnwrap();
    return logged.map(({ entry }) => entry);
  };
  return { ...store, auditLog };
}
