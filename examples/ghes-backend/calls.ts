// ghes-backend/calls.ts
import type { Clock, UserId } from "unified-contributions";
import type { Redemption, Sender } from "unified-contributions/ghes";

interface User {
  readonly user: UserId;
}

/** Returns what the server's pages call. Your session names the user; the sender checks each id. */
export function createCalls({ sender, clock }: { readonly sender: Sender; readonly clock: Clock }) {
  const bySelf = (user: UserId) => ({ by: user, at: clock.now() });
  /** Stands for your own answer to "is this an owner of the enterprise?" */
  const byOwner = (userId: UserId) => ({
    by: { userId, isEnterpriseOwner: userId === "olivia" },
    at: clock.now(),
  });

  return {
    /** GitHub Connect was turned on, to this platform, by an owner of both sides. */
    "github-connect": ({ user }: User) => {
      const platform = { type: "github.com" } as const;
      return sender.changeSettings({ type: "connect", ...byOwner(user), platform, isCloudOwner: true });
    },

    /** An owner lets users send. `terms` says whether the current terms of service are accepted. */
    enable: ({ user }: User) =>
      sender
        .changeSettings({ type: "enable", ...byOwner(user), terms: { isAccepted: true } })
        .andThen(() => sender.sync()),

    /** An owner lets nobody send. What was sent is deleted at once. */
    disable: ({ user }: User) =>
      sender
        .changeSettings({ type: "disable", ...byOwner(user) })
        .andThen(() => sender.sync({ scope: "deletions" })),

    /** Returns what the settings page says to a user. */
    settings: ({ user }: User) =>
      sender.sharing(user).map(({ decision, deletion }) => ({
        counts: decision.isAllowed ? "The counts are sent." : decision.message,
        deletion: deletion.status,
      })),

    /** The user presses "Connect". The browser keeps the attempt in a cookie, and goes to the cloud with it. */
    connect: ({ user }: User) => sender.connect(user),

    /** A browser comes back with a code. Without the cookie the user is null, and the attempt ends. */
    redeem: (redemption: Redemption) => sender.redeem(redemption).map(({ link }) => link.status),

    /** The user selects "Send my contribution counts". */
    "opt-in": ({ user }: User) =>
      sender.changeLink(user, { type: "opt-in", ...bySelf(user) }).andThen(() => sender.sync()),

    /** The user deselects it. What was sent is deleted at once. */
    "opt-out": ({ user }: User) =>
      sender
        .changeLink(user, { type: "opt-out", ...bySelf(user) })
        .andThen(() => sender.sync({ scope: "deletions" })),
  };
}
