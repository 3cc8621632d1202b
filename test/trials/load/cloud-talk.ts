import type { Jwk } from "unified-contributions/adapters/http-signatures";

/** A server that is to be known: its public key; its key id is its installation, too. */
export interface Settler {
  readonly keyId: string;
  readonly jwk: Jwk;
}

/** A server that may report: its session, the request that its next one follows, and its links. */
export interface Settled {
  readonly keyId: string;
  readonly sessionId: string;
  readonly last: string;
  readonly links: readonly string[];
}

/** What the process under load is told. */
export type CloudOrder =
  | { readonly type: "settle"; readonly settlers: readonly Settler[]; readonly links: number }
  /** Say how much memory there is, after a collection of garbage or as it is. */
  | { readonly type: "weigh"; readonly collects: boolean };

/** What it tells. */
export type CloudReport =
  | {
      readonly type: "listening";
      readonly port: number;
      readonly http2Port: number;
      readonly settled: readonly Settled[];
    }
  | {
      readonly type: "memory";
      readonly heapUsed: number;
      readonly rss: number;
      /** Outside of the heap, array buffers among it. */
      readonly external: number;
      /** How many connections are open. */
      readonly connections: number;
    }
  /** It has ended; these were the last requests admitted, one of each server. */
  | { readonly type: "ended"; readonly admitted: readonly string[] };
