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
  keyDirectoryContract,
  ledgerContract,
  nonceStoreContract,
  receiverReaderContract,
  receiverStoreContract,
  senderReaderContract,
  senderStoreContract,
} from "unified-contributions/testing";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";

/** One check of a published contract, over PostgreSQL. */
export interface ContractRun {
  /** The adapter that it checks. */
  readonly adapter: string;
  readonly title: string;
  /** Makes what it needs with the options that it asks for. Rejects if the check fails. */
  run(optionsFor: OptionsFor): Promise<void>;
}

/** Answers the options of an unused schema with the tables of a part. */
export type OptionsFor = (part: SchemaPart) => Promise<PostgresOptions>;

interface Check<Adapter> {
  readonly rule: string;
  readonly title: string;
  run(make: () => Promise<Adapter>): Promise<void>;
}

/** Every check of every contract that PostgreSQL keeps. */
export const contractRuns: readonly ContractRun[] = [
  // With its audit log, which the contract reads.
  ...runsOf("the sender's store", senderStoreContract, "sender", (options) => ({
    ...createPostgresSenderStore(options),
    loadAudit: createPostgresSenderReader(options).loadAudit,
  })),
  ...runsOf("the sender's reader", senderReaderContract, "sender", (options) => ({
    store: createPostgresSenderStore(options),
    reader: createPostgresSenderReader(options),
  })),
  ...runsOf("the receiver's store", receiverStoreContract, "receiver", createPostgresReceiverStore),
  ...runsOf("the receiver's reader", receiverReaderContract, "receiver", (options) => ({
    store: createPostgresReceiverStore(options),
    reader: createPostgresReceiverReader(options),
  })),
  ...runsOf("the ledger", ledgerContract, "ledger", createPostgresLedger),
  ...runsOf("the nonce store", nonceStoreContract, "nonces", createPostgresNonceStore),
  ...runsOf("the key directory", keyDirectoryContract, "keys", createPostgresKeyDirectory),
];

function runsOf<Adapter>(
  adapter: string,
  checks: readonly Check<Adapter>[],
  part: SchemaPart,
  create: (options: PostgresOptions) => Adapter,
): readonly ContractRun[] {
  return checks.map(({ rule, title, run }) => ({
    adapter,
    title: `${rule} ${title}`,
    run: (optionsFor) => run(async () => create(await optionsFor(part))),
  }));
}
