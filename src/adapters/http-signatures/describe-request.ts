import type { RequestDescriptor } from "http-message-sig";

/**
 * A request as `http-message-sig` reads it: the address as the signature has to have it, and of the fields only these,
 * so that whatever a proxy adds cannot make it unreadable.
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
