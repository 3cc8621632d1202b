/**
 * Returns the cloud's public address in the one form in which it is compared: as a URL is written, without a slash at its
 * end. Anything else is a mistake in the program and throws a `TypeError` that names the function.
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
