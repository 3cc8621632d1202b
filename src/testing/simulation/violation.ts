/** An invariant of the protocol that did not hold. */
export interface InvariantViolation {
  /** The invariant's number in the protocol, or `no-throw`: nothing in this library throws. */
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "no-throw";
  /** The observation. */
  readonly message: string;
}
