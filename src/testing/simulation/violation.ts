/** An invariant of the protocol that did not hold. */
export interface InvariantViolation {
  /**
   * The invariant's number in the protocol. `no-throw` stands for "nothing in this library throws", and `signature` for
   * "a kept signature states the receipt that it stands beside".
   */
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "no-throw" | "signature";
  /** The observation. */
  readonly message: string;
}
