/**
 * Returns the cloud's public address in the one form in which it is compared: a URL without a slash at its end.
 *
 * Any other value is a mistake in the program and throws a `TypeError` that names the function.
 */
export function readPublicUrl(caller: string, value: unknown): string {
  const isAddress = typeof value === "string" && /^https?:\/\/[^/?#@]+(?:\/[^?#]*)?$/.test(value);
  if (!isAddress) {
    throw new TypeError(
      `${caller}: \`publicUrl\` has to be an address such as https://cloud.example, without a query.`,
    );
  }
  return new URL(value).href.replace(/\/$/, "");
}
