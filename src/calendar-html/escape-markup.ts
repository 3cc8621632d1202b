const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Returns a text in the form that HTML and XML need, between tags and in quoted attributes.
 *
 * Control characters and halves of surrogate pairs become U+FFFD, because one of them makes XML refuse a whole picture.
 */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, "\uFFFD")
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
