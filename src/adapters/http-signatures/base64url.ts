/** Returns bytes in base64url without padding (RFC 7515, section 2). */
export function base64urlOf(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Returns the bytes of base64url, or null if it is not the one form of its bytes. */
export function bytesOfBase64url(text: string): Uint8Array | null {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return base64urlOf(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}
