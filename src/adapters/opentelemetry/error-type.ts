/** The description of an error. */
interface Fault {
  readonly type: string;
  readonly reason?: string | null;
}

/**
 * Returns the value of `error.type`: the class of the thrown value, or else the reason of the fault, or its type.
 *
 * It is never a message, which may hold anything.
 */
export function errorTypeOf(fault: Fault | null, cause?: unknown): string | null {
  return classOf(cause) ?? fault?.reason ?? fault?.type ?? null;
}

const CLASS_NAME = /^[A-Za-z_$][\w$]{0,63}$/;

/** Returns the name of the thrown value's class, or null if it has none. */
export function classOf(cause: unknown): string | null {
  if (typeof cause !== "object" || cause === null) return null;
  const { constructor: made } = cause as { readonly constructor?: unknown };
  const name = typeof made === "function" ? made.name : "";
  return CLASS_NAME.test(name) ? name : null;
}
