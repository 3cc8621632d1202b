const NONCE = /^[\x20-\x7e]{16,128}$/;

/** Whether a value can be a nonce or a challenge: 16 to 128 printable ASCII characters. */
export function isNonce(value: unknown): value is string {
  return typeof value === "string" && NONCE.test(value);
}
