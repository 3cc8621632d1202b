import fc from "fast-check";
import type { AccountId, InstallationId, LinkId } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  type MemoryReceiverSnapshot,
} from "unified-contributions/adapters/memory";
import type { RecordedEntry } from "unified-contributions/storage";
import { test } from "vitest";
import { openLinkAt } from "../../support/consents.ts";
import { createGhec, report, withdraw } from "../../support/ghec-cloud.ts";
import { HQ, LAB, MONA_ACCOUNT, OCTO_ACCOUNT, requestId } from "../../support/values.ts";

/** What happens to a cloud, one thing after another. */
type Happening =
  | { readonly type: "consent"; readonly account: AccountId; readonly installation: InstallationId }
  | { readonly type: "withdraw"; readonly account: AccountId; readonly installation: InstallationId }
  | { readonly type: "revoke"; readonly account: AccountId; readonly installation: InstallationId }
  | { readonly type: "delete-account"; readonly account: AccountId }
  | { readonly type: "disable"; readonly installation: InstallationId }
  | { readonly type: "disconnect"; readonly installation: InstallationId }
  /** A primary dies, and its replica has not got the last so many commits. */
  | { readonly type: "store-forgets"; readonly commits: number }
  | { readonly type: "ledger-forgets"; readonly commits: number };

const account = fc.constantFrom(OCTO_ACCOUNT, MONA_ACCOUNT);
const installation = fc.constantFrom(HQ, LAB);
const commits = fc.integer({ min: 1, max: 8 });
const aHappening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("consent" as const), account, installation }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("withdraw" as const), account, installation }) },
  fc.record({ type: fc.constant("revoke" as const), account, installation }),
  fc.record({ type: fc.constant("delete-account" as const), account }),
  fc.record({ type: fc.constant("disable" as const), installation }),
  fc.record({ type: fc.constant("disconnect" as const), installation }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant("store-forgets" as const), commits }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("ledger-forgets" as const), commits }) },
);

/** A cloud whose two storages can forget, and what was acknowledged as deleted in it. */
function createForgetfulCloud() {
  const stores: MemoryReceiverSnapshot[] = [createMemoryReceiverStore().snapshot()];
  const ledgers: (readonly RecordedEntry[])[] = [[]];
  const dead = new Set<LinkId>();
  const opened: {
    readonly linkId: LinkId;
    readonly account: AccountId;
    readonly installation: InstallationId;
  }[] = [];
  let said = 0;
  let ids = 0;

  /** A process that starts, does one thing with what is stored, and ends. */
  async function withProcess<Done>(
    act: (cloud: ReturnType<typeof createGhec>) => Promise<Done>,
  ): Promise<Done> {
    const store = createMemoryReceiverStore(stores.at(-1));
    const ledger = createMemoryLedger(ledgers.at(-1));
    const cloud = createGhec({ store, ledger });
    // No two processes mint the same ids.
    cloud.options.random.id = () => `minted-${String(++ids).padStart(12, "0")}`;
    const done = await act(cloud);
    stores.push(store.snapshot());
    ledgers.push(ledger.snapshot());
    return done;
  }

  const message = (type: string, fields: object) => ({
    version: 1,
    type,
    requestId: requestId(++said),
    ...fields,
  });

  /** Switches a server on, attaches it and reports a new link of an account; what it opens replaces the earlier one. */
  const consent = (of: AccountId, at: InstallationId) =>
    withProcess(async ({ receiver, store }) => {
      const standing = () =>
        store.snapshot().registrations.find(({ value }) => value.installation === at)?.value;
      (await receiver.connectInstallation(at))._unsafeUnwrap();
      const epoch = standing()?.featureSwitch.epoch ?? 0;
      (await receiver.handle(at, message("enable", { after: epoch })))._unsafeUnwrap();
      const featureSwitch = standing()?.featureSwitch;
      const attach = message("attach", { replaces: standing()?.session.id, featureSwitch });
      (await receiver.handle(at, attach))._unsafeUnwrap();
      const { linkId } = await openLinkAt(receiver, at, of);
      for (const earlier of opened) {
        if (earlier.account === of && earlier.installation === at) dead.add(earlier.linkId);
      }
      opened.push({ linkId, account: of, installation: at });
      const sessionId = standing()?.session.id;
      const records = [report(linkId)];
      const deliver = message("deliver", { sessionId, follows: [attach.requestId], records });
      (await receiver.handle(at, deliver))._unsafeUnwrap();
    });

  const kill = (isDead: (link: (typeof opened)[number]) => boolean): void => {
    for (const link of opened) if (isDead(link)) dead.add(link.linkId);
  };

  return {
    async happen(happening: Happening): Promise<void> {
      switch (happening.type) {
        case "consent":
          return consent(happening.account, happening.installation);
        case "withdraw": {
          const link = opened.findLast(
            (one) => one.account === happening.account && one.installation === happening.installation,
          );
          if (!link) return;
          return withProcess(async ({ receiver }) => {
            const records = [withdraw(link.linkId)];
            const deliver = message("deliver", { sessionId: null, follows: [], records });
            (await receiver.handle(link.installation, deliver))._unsafeUnwrap();
            dead.add(link.linkId);
          });
        }
        case "revoke":
          return withProcess(async ({ receiver }) => {
            (await receiver.revokeAuthorization(happening.installation, happening.account))._unsafeUnwrap();
            kill((one) => one.account === happening.account && one.installation === happening.installation);
          });
        case "delete-account":
          return withProcess(async ({ receiver }) => {
            (await receiver.deleteAccount(happening.account))._unsafeUnwrap();
            kill((one) => one.account === happening.account);
          });
        case "disable":
          return withProcess(async ({ receiver, store }) => {
            const { installation: at } = happening;
            const standing = store.snapshot().registrations.find(({ value }) => value.installation === at);
            const epoch = standing?.value.featureSwitch.epoch ?? 0;
            (await receiver.handle(at, message("disable", { epoch })))._unsafeUnwrap();
            kill((one) => one.installation === at);
          });
        case "disconnect":
          return withProcess(async ({ receiver }) => {
            const ended = await receiver.disconnectInstallation(happening.installation);
            if (ended.isOk()) kill((one) => one.installation === happening.installation);
          });
        case "store-forgets":
          stores.splice(Math.max(1, stores.length - happening.commits));
          return;
        case "ledger-forgets":
          ledgers.splice(Math.max(1, ledgers.length - happening.commits));
          return;
      }
    },
    /** Reconciles, as every process does within a minute. */
    heal: () =>
      withProcess(async ({ receiver }) => {
        (await receiver.reconcile())._unsafeUnwrap();
      }),
    /** The links that are shown though they were acknowledged as deleted: to all, and to a process that only reads. */
    wronglyShown: () =>
      withProcess(async ({ receiver, store }) => {
        const wrong: string[] = [];
        for (const of of [OCTO_ACCOUNT, MONA_ACCOUNT]) {
          const links = (await store.loadShown(of))._unsafeUnwrap();
          const shown = (await receiver.shownCounts(of))._unsafeUnwrap();
          for (const link of links) {
            if (dead.has(link.linkId)) wrong.push(`the store shows ${link.linkId}`);
          }
          if (shown.length > links.filter(({ linkId }) => !dead.has(linkId)).length)
            wrong.push(`${of} is shown`);
        }
        return wrong;
      }),
  };
}

test("whatever either storage forgets, and whenever, nothing acknowledged as deleted is shown once both were compared", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aHappening, { maxLength: 25 }), async (happenings) => {
      const cloud = createForgetfulCloud();
      for (const happening of happenings) {
        await cloud.happen(happening);
        if (happening.type.endsWith("forgets")) await cloud.heal();
        const wrong = await cloud.wronglyShown();
        if (wrong.length > 0) throw new Error(wrong.join(", "));
      }
    }),
    { numRuns: 200 },
  );
});
