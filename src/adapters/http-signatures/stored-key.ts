import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import { importVerificationKey } from "./import-key.ts";
import type { Jwk } from "./key-material.ts";
import type { VerificationKey } from "./ports.ts";

const UNREADABLE: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "A stored key cannot be read: let no other program write to the keys, and register another.",
};

/** Returns a key that a directory has stored. It is checked again, because other programs can write to a store. */
export function readStoredKey(
  key: Omit<VerificationKey, "verify"> & { readonly jwk: Jwk },
): ResultAsync<VerificationKey, StorageFault> {
  return importVerificationKey(key).mapErr(() => UNREADABLE);
}
