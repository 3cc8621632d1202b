import { isInnerList, parseDictionary, serializeDictionary } from "structured-headers";

/** The digests that RFC 9530 calls active (section 5). The others prove nothing. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ["sha-256", "SHA-256"],
  ["sha-512", "SHA-512"],
]);

/** Returns the `Content-Digest` of these bytes (RFC 9530), with SHA-256. */
export async function contentDigest(body: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", body);
  return serializeDictionary(new Map([["sha-256", [digest, new Map()]]]));
}

/** Whether a `Content-Digest` belongs to these bytes: it has an active digest, and each active digest is right. */
export async function isContentDigestOf(field: string, body: Uint8Array): Promise<boolean> {
  const claims = readDigests(field);
  for (const [hash, claimed] of claims) {
    if (!isSame(await crypto.subtle.digest(hash, body), claimed)) return false;
  }
  return claims.length > 0;
}

function readDigests(field: string): readonly (readonly [hash: string, claimed: unknown])[] {
  try {
    return [...parseDictionary(field)].flatMap(([name, member]) => {
      const hash = HASHES.get(name);
      return hash === undefined ? [] : [[hash, isInnerList(member) ? null : member[0]] as const];
    });
  } catch {
    return [];
  }
}

function isSame(digest: ArrayBuffer, claimed: unknown): boolean {
  if (!(claimed instanceof ArrayBuffer) || claimed.byteLength !== digest.byteLength) return false;
  const bytes = new Uint8Array(claimed);
  return new Uint8Array(digest).every((byte, index) => byte === bytes[index]);
}
