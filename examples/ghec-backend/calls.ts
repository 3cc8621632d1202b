// ghec-backend/calls.ts
import { type Clock, dateOfInstant, type InstallationId } from "unified-contributions";
import {
  type AccountConsent,
  calendarDaysEndingOn,
  contributionsCollection,
  type Receiver,
} from "unified-contributions/ghec";

type Account = Pick<AccountConsent, "account">;

/** Returns the calls of the cloud's pages. Your session names account and browser, and the receiver checks each id. */
export function createCalls({ receiver, clock }: { readonly receiver: Receiver; readonly clock: Clock }) {
  return {
    /** A browser brings an attempt. The page names the server that asks. */
    ask: (request: AccountConsent) => receiver.offerConsent(request),

    /** The account's owner has pressed "Allow". The browser takes the code back to the server. */
    allow: (consent: AccountConsent) => receiver.giveConsent(consent),

    /** Returns the contributions of a profile as a visitor sees them. */
    calendar: ({ account }: Account) => {
      const today = dateOfInstant(clock.now());
      const own = { contributions: [{ date: today, contributionCount: 1 }], restrictedContributions: [] };
      const shown = { ...own, days: calendarDaysEndingOn(today), today, showsPrivateContributions: true };
      return receiver
        .shownCounts(account, today)
        .andThen((servers) => contributionsCollection({ ...shown, servers }));
    },

    /** The account's owner revokes the authorization of a server. */
    revoke: ({ server, account }: Account & { readonly server: InstallationId }) =>
      receiver.revokeAuthorization(server, account),

    /** The account was deleted. */
    end: ({ account }: Account) => receiver.deleteAccount(account),
  };
}
