import { type ChildProcess, spawn } from "node:child_process";
import {
  generateKeyPair,
  importSigningKey,
  type SigningKey,
} from "unified-contributions/adapters/http-signatures";
import { askChild, reportOfChild } from "../../support/child-talk.ts";
import type { CloudOrder, CloudReport, Settled } from "./cloud-talk.ts";

/** A server that the process knows, with its key. */
export interface SettledServer {
  readonly key: SigningKey;
  readonly settled: Settled;
}

/** The ports of the process, and the servers that it knows. */
export interface Listening {
  readonly port: number;
  readonly http2Port: number;
  readonly servers: readonly SettledServer[];
}

/** Starts a process with a handler over real sockets. Whoever starts it kills it. */
export function startCloud(): ChildProcess {
  const args = ["--expose-gc", "scripts/run.js", "test/trials/load/cloud-process.ts"];
  return spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

/** Makes the keys of so many servers, and lets the process know them, each with so many links. */
export async function settle(cloud: ChildProcess, count: number, links: number): Promise<Listening> {
  const made = await Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const { privateKey, publicKey } = (await generateKeyPair("ed25519"))._unsafeUnwrap();
      const keyId = `server-${number}`;
      const key = (await importSigningKey({ keyId, algorithm: "ed25519", jwk: privateKey }))._unsafeUnwrap();
      return { key, settler: { keyId, jwk: publicKey } };
    }),
  );
  const settlers = made.map(({ settler }) => settler);
  const { settled, port, http2Port } = await ask(cloud, { type: "settle", settlers, links }, "listening");
  const servers = made.map(({ key }, at): SettledServer => ({ key, settled: settled[at] as Settled }));
  return { port, http2Port, servers };
}

/** Asks how much memory the process has, after a collection of garbage or as it is. */
export function weigh(cloud: ChildProcess, { collects = true } = {}): Promise<ReportOf<"memory">> {
  return ask(cloud, { type: "weigh", collects }, "memory");
}

type ReportOf<Type extends CloudReport["type"]> = Extract<CloudReport, { readonly type: Type }>;

function ask<Type extends CloudReport["type"]>(
  cloud: ChildProcess,
  order: CloudOrder,
  type: Type,
): Promise<ReportOf<Type>> {
  return askChild<CloudReport, Type>(cloud, order, type);
}

/** The next report of this type; rejects where the process ends without it. */
export function reportOf<Type extends CloudReport["type"]>(
  cloud: ChildProcess,
  type: Type,
): Promise<ReportOf<Type>> {
  return reportOfChild<CloudReport, Type>(cloud, type);
}
