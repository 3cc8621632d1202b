import type { RequestDescriptor } from "http-message-sig";

/**
 * Returns a request in the form that `http-message-sig` reads, with the address that the signature must have.
 *
 * It has only these fields, so a field that a proxy adds cannot make it unreadable.
 */
export function describeRequest(
  request: { readonly method: string; readonly headers: { get(name: string): string | null } },
  targetUri: string,
  fields: readonly string[],
): RequestDescriptor {
  const present = fields.flatMap((name) => {
    const value = name.startsWith("@") ? null : request.headers.get(name);
    return value === null ? [] : [{ name, value }];
  });
  return { kind: "request", method: request.method, targetUri, fields: present };
}
