import {
  createPostgresKeyDirectory,
  createPostgresLedger,
  createPostgresNonceStore,
  createPostgresReceiverReader,
  createPostgresReceiverStore,
  createPostgresSenderReader,
  createPostgresSenderStore,
  type PostgresOptions,
} from "unified-contributions/adapters/postgres";
import {
  type AuditedSenderStore,
  keyDirectoryContract,
  ledgerContract,
  nonceStoreContract,
  receiverReaderContract,
  receiverStoreContract,
  senderReaderContract,
  senderStoreContract,
} from "unified-contributions/testing";
import { afterAll, describe, test } from "vitest";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import { freshSchema, type TestDatabase } from "./test-database.ts";

/** Gives each check a schema of its own on a database, which the first check opens. */
function openingOnce(open: () => Promise<TestDatabase>) {
  // Where all are skipped there may be no database.
  let opened: Promise<TestDatabase> | undefined;
  afterAll(async () => (await opened)?.close());
  return async (part: SchemaPart): Promise<PostgresOptions> => {
    opened ??= open();
    const database = await opened;
    const { client, isDistributed = false } = database;
    return { client, isDistributed, schema: await freshSchema(database, part) };
  };
}

/** Declares the tests of every storage contract on a database, each check in a schema of its own. */
export function describeContracts(open: () => Promise<TestDatabase>): void {
  const optionsFor = openingOnce(open);

  describe("the sender's store", () => {
    test.each(senderStoreContract)("$rule $title", ({ run }) =>
      run(async () => auditedStore(await optionsFor("sender"))),
    );
  });

  describe("the sender's reader", () => {
    test.each(senderReaderContract)("$rule $title", ({ run }) =>
      run(async () => {
        const options = await optionsFor("sender");
        return { store: createPostgresSenderStore(options), reader: createPostgresSenderReader(options) };
      }),
    );
  });

  describeReceiverContracts(open);

  describe("the nonce store", () => {
    test.each(nonceStoreContract)("$rule $title", ({ run }) =>
      run(async () => createPostgresNonceStore(await optionsFor("nonces"))),
    );
  });

  describe("the key directory", () => {
    test.each(keyDirectoryContract)("$rule $title", ({ run }) =>
      run(async () => createPostgresKeyDirectory(await optionsFor("keys"))),
    );
  });
}

/** The same of the receiver's store, its reader and its ledger alone. */
export function describeReceiverContracts(open: () => Promise<TestDatabase>): void {
  const optionsFor = openingOnce(open);

  describe("the receiver's store", () => {
    test.each(receiverStoreContract)("$rule $title", ({ run }) =>
      run(async () => createPostgresReceiverStore(await optionsFor("receiver"))),
    );
  });

  describe("the receiver's reader", () => {
    test.each(receiverReaderContract)("$rule $title", ({ run }) =>
      run(async () => {
        const options = await optionsFor("receiver");
        return {
          store: createPostgresReceiverStore(options),
          reader: createPostgresReceiverReader(options),
        };
      }),
    );
  });

  describe("the ledger", () => {
    test.each(ledgerContract)("$rule $title", ({ run }) =>
      run(async () => createPostgresLedger(await optionsFor("ledger"))),
    );
  });
}

/** A store whose audit log the contract can read. */
function auditedStore(options: PostgresOptions): AuditedSenderStore {
  return { ...createPostgresSenderStore(options), loadAudit: createPostgresSenderReader(options).loadAudit };
}
