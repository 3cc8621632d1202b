/** A longer field is ignored. No client needs one, and the client would choose the cost of reading it. */
const MAX_FIELD = 256;

/** Whether an `Accept-Encoding` accepts gzip: it lists gzip with a quality above zero (RFC 9110, section 12.5.3). */
export function takesGzip(field: string | null): boolean {
  if (field === null || field.length > MAX_FIELD) return false;
  return field.split(",").some((coding) => {
    const [name = "", ...parameters] = coding.split(";").map((part) => part.trim().toLowerCase());
    return name === "gzip" && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
