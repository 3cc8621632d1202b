import { errAsync } from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import type { ForgottenUser, ServerCommit } from "unified-contributions/storage";
import {
  type AuditedSenderStore,
  type ContractCheck,
  ledgerContract,
  senderStoreContract,
} from "unified-contributions/testing";
import { expect, test } from "vitest";
import { countVersions } from "./break-adapter.ts";
import { createAudited } from "./broken-sender-store/break-sender-store.ts";

/** Returns the errors of the checks that a sender's store with one mistake fails. */
function errorsOf(breakIt: (sound: AuditedSenderStore) => object): Promise<readonly string[]> {
  return errorsIn(senderStoreContract, () => {
    const sound = createAudited();
    return { ...sound, ...breakIt(sound) };
  });
}

async function errorsIn<Make>(
  contract: readonly ContractCheck<Make>[],
  make: Make,
): Promise<readonly string[]> {
  const errors: string[] = [];
  for (const { run } of contract) await run(make).catch(({ message }: Error) => errors.push(message));
  return errors;
}

test("a method that answers with a plain promise is named", async () => {
  const errors = await errorsOf((sound) => ({
    loadLink: async (user: never) => (await sound.loadLink(user))._unsafeUnwrap(),
  }));

  expect(errors).toContain(
    "SS5 a user of whom nothing was written has a new record at version 0: `loadLink` answered with something that is not a Result: return `okAsync(…)` or `errAsync(…)`",
  );
});

test("a method that is missing is named", async () => {
  const errors = await errorsOf(() => ({ pruneAudit: undefined }));

  expect(errors).toEqual([expect.stringMatching(/^SS14 .*: the adapter has no method `pruneAudit`$/)]);
});

test("a call that has to fail is named with its versions and its fault", async () => {
  const errors = await errorsOf((sound) => ({
    commitServer: (commit: ServerCommit) =>
      sound
        .loadServer()
        .andThen(({ version }) => sound.commitServer({ ...commit, expectedVersion: version })),
  }));

  expect(errors).toContain(
    "SS2 a commit that expects any version but the stored one conflicts: `commitServer` with version 1 of what was never written succeeded, expected `version-conflict`",
  );
});

test("a call that fails with another fault is named, too", async () => {
  const fault = { type: "storage-fault", reason: "unavailable", message: "Away." } as const;
  const errors = await errorsOf((sound) => ({
    forgetUser: (forgotten: ForgottenUser) => sound.forgetUser(forgotten).orElse(() => errAsync(fault)),
  }));

  expect(errors).toEqual([
    expect.stringMatching(
      /^SS13 .*: `forgetUser` with version 0 over version \d+ answered with `storage-fault`, expected `version-conflict`$/,
    ),
  ]);
});

test("versions that are counted are answered with the function that never repeats one", async () => {
  const versions = countVersions();
  const errors = await errorsOf((sound) => ({
    loadServer: () =>
      sound.loadServer().map(({ value, version }) => ({ value, version: versions.counted(version) })),
    commitServer: (commit: ServerCommit) =>
      sound
        .commitServer({ ...commit, expectedVersion: versions.sound(commit.expectedVersion) })
        .map(versions.counted),
  }));

  expect(errors.at(-1)).toMatch(
    /: versions (\d+, ){3}\d+ are counted: use `mintVersion\(\)` of `storage`, which never repeats one$/,
  );
});

test("the contract of a ledger names its methods, too", async () => {
  const errors = await errorsIn(ledgerContract, () => ({
    ...createMemoryLedger(),
    loadDigest: (() => Promise.resolve("0")) as never,
  }));

  expect(errors[0]).toContain("`loadDigest` answered with something that is not a Result");
});
