/** The refusal to register a key. */
export interface KeyRefusal {
  readonly type: KeyRefusalType;
  /** A sentence that says what is wrong and what to do; never holds anything of the key. */
  readonly message: string;
}

/** The codes of {@link KeyRefusal}. */
export type KeyRefusalType =
  /** The challenge is not the installation's present one, was used, or has expired. */
  | "unknown-challenge"
  /** Another key had this id before. */
  | "reused-key-id"
  /** The key itself was registered before, under any id and for any installation. */
  | "reused-key";

const MESSAGES: Readonly<Record<KeyRefusalType, string>> = {
  "unknown-challenge":
    "The challenge is not this installation's, was used or has expired: ask for a new one, and sign that.",
  "reused-key-id":
    "Another key had this id before: register the new key under an id of its own, its thumbprint for example.",
  "reused-key":
    "This key was registered before. If the answer was lost, the directory finds it. A revoked key does not return: make a new one.",
};

/** Returns the refusal of this code. */
export function keyRefusal(type: KeyRefusalType): KeyRefusal {
  return { type, message: MESSAGES[type] };
}
