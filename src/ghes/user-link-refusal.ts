import { err, type Result } from "neverthrow";

/** A refusal of a command, with its reason. The link is unchanged. */
export interface UserLinkRefusal {
  readonly type:
    | "not-yourself"
    | "github-connect-disabled"
    | "unified-contributions-disabled"
    | "already-connected"
    | "not-connected"
    | "no-such-attempt"
    | "attempt-expired"
    | "reconnect-required"
    | "too-many-choices"
    | "still-redeeming"
    | "too-many-attempts"
    | "redemption-refused"
    | "link-ended";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<UserLinkRefusal["type"], string>> = {
  "not-yourself": "Users decide for themselves only: the user has to ask.",
  "github-connect-disabled": "GitHub Connect is off: an enterprise owner has to enable it first.",
  "unified-contributions-disabled":
    "Unified contributions is off or not confirmed yet: an enterprise owner has to enable it.",
  "already-connected": "An account is connected: disconnect it first to connect another.",
  "not-connected": "No account is connected: connect one first.",
  "no-such-attempt": "No such attempt to connect is under way: start connecting again.",
  "attempt-expired": "The attempt to connect has expired: start connecting again.",
  "reconnect-required": "The earlier consent has ended: connect the account again, then opt in.",
  "too-many-choices":
    "The user has opted in too often under this consent: disconnect the account, and connect it again.",
  "still-redeeming":
    "GitHub Enterprise Cloud has not confirmed the last attempt yet: try again after the next sync.",
  "too-many-attempts": "Too many users are connecting at once: try again in ten minutes.",
  "redemption-refused":
    "GitHub Enterprise Cloud does not know this consent any more: start connecting again.",
  "link-ended": "The consent has been withdrawn on GitHub Enterprise Cloud: start connecting again.",
};

/** Returns the refusal of this name. */
export function refusalOf(type: UserLinkRefusal["type"]): UserLinkRefusal {
  return { type, message: MESSAGES[type] };
}

/** Returns a refused command. */
export function refuse(type: UserLinkRefusal["type"]): Result<never, UserLinkRefusal> {
  return err(refusalOf(type));
}
