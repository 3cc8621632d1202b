import { err, type Result } from "unified-contributions";

/** Something the reader can put right: one sentence, and no stack. */
export interface Mistake {
  readonly type: "mistake";
  readonly message: string;
}

/** Says what is wrong and what to do. */
export function mistake(message: string): Mistake {
  return { type: "mistake", message };
}

/** {@link mistake} as a Result. */
export function refuse(message: string): Result<never, Mistake> {
  return err(mistake(message));
}
