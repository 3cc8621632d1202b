// The words of the process that receives and of the benchmark, its parent.
import type { InstallationId } from "unified-contributions";

/** The place where the process stores, and the servers that it knows. */
export interface BoxOrder {
  readonly connection: { readonly host: string; readonly user: string };
  /** The schemas of the receiver's tables, of the nonces and of the ledger. */
  readonly schema: string;
  readonly nonces: string;
  readonly ledgerSchema: string;
  /** The public key of each installation, whose id is the key's, too. */
  readonly keys: readonly {
    readonly installation: InstallationId;
    readonly jwk: Readonly<Record<string, unknown>>;
  }[];
}

/** An answer of the process: its port once it listens, or its CPU time so far, in milliseconds. */
export type BoxReport =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "cpu"; readonly ms: number };

/** The address that the signatures name. */
export const PUBLIC_URL = "https://cloud.example";

/** The path of the handler. */
export const PATH = "/unified-contributions";
