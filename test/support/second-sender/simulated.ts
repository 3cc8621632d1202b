import { ResultAsync } from "neverthrow";
import type { AttemptId, LinkId, UserId } from "unified-contributions";
import type { MakeServer, SimulatedSender, SimulatedServer } from "unified-contributions/testing/simulation";
import { createMemoryDocumentStore } from "./memory-store.js";
import { createSecondSender } from "./second-sender.js";
import type { DocumentStore, SecondSender } from "./types.d.ts";

/** Servers that run the second sender, for the simulation. */
export const makeSecondServer: MakeServer = (backup) => {
  let store = createMemoryDocumentStore(backup as string | undefined);
  const server: SimulatedServer = {
    snapshot: () => store.snapshot(),
    restore: async (given) => {
      store = createMemoryDocumentStore(given as string);
    },
    createSender: (parts, makeTroubled) => {
      const { read, commit } = makeTroubled(() => store);
      const troubled: DocumentStore = {
        load: () => read((current) => new ResultAsync(Promise.resolve(current.load()))),
        commit: (expected, document) =>
          commit((current) => new ResultAsync(Promise.resolve(current.commit(expected, document)))),
      };
      return simulated(
        createSecondSender({ ...parts, store: troubled } as Parameters<typeof createSecondSender>[0]),
      );
    },
    isWithdrawalPending: async () => {
      const { document } = (await store.load())._unsafeUnwrap();
      if (document.redemptions.length > 0) return true;
      return document.withdrawals.some(
        ({ isDone, receipt, unknowns }) => !isDone && receipt === null && unknowns === 0,
      );
    },
  };
  return server;
};

function simulated(sender: SecondSender): SimulatedSender {
  return {
    changeSettings: (command) => new ResultAsync(sender.changeSettings(command)),
    connect: (user) =>
      new ResultAsync(sender.connect(user)).map(({ attempt }) => ({ attempt: attempt as AttemptId })),
    redeem: (redemption) => new ResultAsync(sender.redeem(redemption)),
    changeLink: (user, command) => new ResultAsync(sender.changeLink(user, command)),
    contributionsChanged: (users) => new ResultAsync(sender.contributionsChanged(users)),
    status: () => new ResultAsync(sender.status()),
    sharing: (user: UserId) =>
      new ResultAsync(sender.sharing(user)).map(({ link, ...rest }) => ({
        ...rest,
        link:
          "consent" in link
            ? {
                status: link.status,
                consent: { linkId: link.consent.linkId as LinkId },
                choice: link.choice,
              }
            : link,
      })),
    sync: (options) => new ResultAsync(sender.sync(options)),
    takeOver: () => new ResultAsync(sender.takeOver()),
  };
}
