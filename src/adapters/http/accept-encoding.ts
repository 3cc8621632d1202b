/** A longer field is not looked at: no client needs one, and each look would cost what the client chooses. */
const MAX_FIELD = 256;

/** Whether an `Accept-Encoding` takes gzip (RFC 9110, section 12.5.3): it is listed, and not with a quality of zero. */
export function takesGzip(field: string | null): boolean {
  if (field === null || field.length > MAX_FIELD) return false;
  return field.split(",").some((coding) => {
    const [name = "", ...parameters] = coding.split(";").map((part) => part.trim().toLowerCase());
    return name === "gzip" && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
