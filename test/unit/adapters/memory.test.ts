import {
  createMemoryLedger,
  createMemoryReceiverReader,
  createMemoryReceiverStore,
  createMemorySenderReader,
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import {
  contributionSourceContract,
  ledgerContract,
  receiverReaderContract,
  receiverStoreContract,
  senderReaderContract,
  senderStoreContract,
  transportContract,
} from "unified-contributions/testing";
import { describe, test } from "vitest";
import { contributionsOf } from "../../support/contributions.ts";

describe("the sender's store in memory", () => {
  test.each(senderStoreContract)("$rule $title", ({ run }) =>
    run(() => {
      const store = createMemorySenderStore();
      return { ...store, loadAudit: createMemorySenderReader(store).loadAudit };
    }),
  );
});

describe("the sender's reader in memory", () => {
  test.each(senderReaderContract)("$rule $title", ({ run }) =>
    run(() => {
      const store = createMemorySenderStore();
      return { store, reader: createMemorySenderReader(store) };
    }),
  );
});

describe("the receiver's store in memory", () => {
  test.each(receiverStoreContract)("$rule $title", ({ run }) => run(() => createMemoryReceiverStore()));
});

describe("the receiver's reader in memory", () => {
  test.each(receiverReaderContract)("$rule $title", ({ run }) =>
    run(() => {
      const store = createMemoryReceiverStore();
      return { store, reader: createMemoryReceiverReader(store) };
    }),
  );
});

describe("the transport in memory", () => {
  test.each(transportContract)("$rule $title", ({ run }) =>
    run((handle) => createMemoryTransport({ handle })),
  );
});

describe("the ledger in memory", () => {
  test.each(ledgerContract)("$rule $title", ({ run }) => run(() => createMemoryLedger()));
});

describe("the source of contributions in memory", () => {
  test.each(contributionSourceContract)("$rule $title", ({ run }) =>
    run((contributed) => {
      const source = createMemorySource();
      for (const [user, days] of contributed) source.add(user, contributionsOf(days));
      return source;
    }),
  );
});
