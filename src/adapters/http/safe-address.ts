const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The rule for a client's address, as the end of a sentence. */
export const SAFE_ADDRESS_RULE: string =
  "an https: address without credentials and fragment; http: leads to this machine only";

/** Returns an address that secrets may be sent to, normalized, or null if the value is not one. */
export function safeAddress(given: unknown): string | null {
  if (typeof given !== "string") return null;
  let url: InstanceType<typeof URL>;
  try {
    url = new URL(given);
  } catch {
    return null;
  }
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
  return isSafe && url.username === "" && url.password === "" && url.hash === "" ? url.href : null;
}
