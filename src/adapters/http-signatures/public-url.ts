/**
 * Returns the cloud's public address in the one form in which it is compared: a URL without a slash at its end.
 *
 * Any other value is a mistake in the program and throws a `TypeError` that names the function.
 */
export function readPublicUrl(caller: string, value: unknown): string {
  if (!isPublicUrl(value)) {
    throw new TypeError(
      `${caller}: \`publicUrl\` has to be an address such as https://cloud.example, without a query.`,
    );
  }
  return new URL(value).href.replace(/\/$/, "");
}

/** Whether a value can be the cloud's public address: a URL without credentials, query and fragment. */
export function isPublicUrl(value: unknown): value is string {
  if (typeof value !== "string" || !/^https?:\/\/[^/?#@]+(?:\/[^?#]*)?$/.test(value)) return false;
  try {
    return new URL(value).href !== "";
  } catch {
    return false;
  }
}
