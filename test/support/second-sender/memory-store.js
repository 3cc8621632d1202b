import { err, ok } from "neverthrow";
import { newDocument } from "./document.js";

/** @import { DocumentStore, SenderDocument } from "./types.d.ts" */

/**
 * Keeps the document in memory, as text.
 *
 * @param {string} [backup] what `snapshot` gave
 * @returns {DocumentStore & { snapshot(): string }}
 */
export function createMemoryDocumentStore(backup) {
  let text = backup ?? JSON.stringify(newDocument());
  // A number would mean something else in a storage that was made from a backup.
  let version = Symbol("version");
  return {
    snapshot: () => text,
    load: async () => ok({ version, document: /** @type {SenderDocument} */ (JSON.parse(text)) }),
    commit: async (expected, document) => {
      if (expected !== version) return err({ type: "version-conflict" });
      text = JSON.stringify(document);
      version = Symbol("version");
      return ok(version);
    },
  };
}
