// ghes-backend/calls.ts
import type { Clock, UserId } from "unified-contributions";
import type { Redemption, Sender } from "unified-contributions/ghes";

interface User {
  readonly user: UserId;
}

/** Returns the calls of the server's pages. Your session names the user, and the sender checks each id. */
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

    /** An owner turns the feature on. `terms` says whether the current terms of service are accepted. */
    enable: ({ user }: User) =>
      sender
        .changeSettings({ type: "enable", ...byOwner(user), terms: { isAccepted: true } })
        .andThen(() => sender.sync()),

    /** An owner turns the feature off. The cloud is asked at once to delete what was sent. */
    disable: ({ user }: User) =>
      sender
        .changeSettings({ type: "disable", ...byOwner(user) })
        .andThen(() => sender.sync({ scope: "deletions" })),

    /** Returns the text of a user's settings page. */
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

    /** The user deselects it. The cloud is asked at once to delete what was sent. */
    "opt-out": ({ user }: User) =>
      sender
        .changeLink(user, { type: "opt-out", ...bySelf(user) })
        .andThen(() => sender.sync({ scope: "deletions" })),
  };
}
