import type { SourceFault } from "../../ghes/ports.ts";

function fault(message: string): SourceFault {
  return { type: "source-fault", message };
}

// The faults of one user. None repeats the login.

export const NO_LOGIN: SourceFault = fault(
  "The host has no login for the user: let `loginOf` answer with the login on the instance, or end the user's link.",
);
export const NOT_FOUND: SourceFault = fault(
  "The instance has no user of this login: it was deleted or renamed, or the user is suspended. Correct `loginOf`, or end the user's link.",
);
export const FORBIDDEN: SourceFault = fault(
  "The instance does not let the token see this user: check the token's permissions, and whether the user is suspended.",
);
export const TOO_HEAVY: SourceFault = fault(
  "The instance cannot count this user alone within its limits for one query: raise its limits, or count in the database.",
);
export const BROKEN_OFF: SourceFault = fault(
  "The instance broke off its answer for this user alone: see its log, and whether a proxy on the way cuts long answers.",
);
export const REFUSED: SourceFault = fault(
  "The instance answered for this user with an error that has no known meaning: see its log.",
);
export const NO_ANSWER: SourceFault = fault(
  "The instance answered nothing for this user, and did not say why: see its log.",
);
export const ANOTHER_USER: SourceFault = fault(
  "The instance answered with the contributions of another login than the one that was asked for: correct `loginOf`.",
);
export const NO_CALENDAR: SourceFault = fault(
  "The instance answered with a contribution calendar that lacks days, or has counts that make no sense: see its version.",
);

// The faults of all remaining users.

export const LACKS_SCOPE: SourceFault = fault(
  "The token lacks a scope that the query needs: give it `read:user`, as docs/github-graphql.md says.",
);
export const BAD_TOKEN: SourceFault = fault(
  "The instance does not take the token: it is wrong, revoked or expired. Make a new one.",
);
export const NO_TOKEN: SourceFault = fault("The host gave no token: let `token` answer with one.");
export const COME_LATER: SourceFault = fault(
  "The instance limits the rate of queries and asks to come later: raise its limits for the token, or sync fewer users.",
);
export const QUERY_REFUSED: SourceFault = fault(
  "The instance does not understand the query: check that the address ends in /api/graphql, and the instance's version.",
);
export const UNREACHABLE: SourceFault = fault(
  "The instance could not be reached: check its address, its certificate, and any proxy on the way.",
);
export const NOT_GRAPHQL: SourceFault = fault(
  "The answer is not from the GraphQL API: check the address, and whether a proxy or a sign-in page stands in between.",
);
export const ABORTED: SourceFault = fault("Reading was given up before the instance had answered.");
