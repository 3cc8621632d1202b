// You will see a server prove its key to the cloud and sign its requests. It rotates the key while it is at work, from
// Ed25519 to ECDSA. Then an attacker who read one of its requests sends it again, changes it, and tries the revoked key.
//
//   node scripts/run.js examples/http-signatures/main.ts --listen 8918 --key key.pub.pem
//
// listens there instead and knows that Ed25519 key as `key-1`: docs/http-signatures-operation.md signs for it.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { getRequestListener } from "@hono/node-server";
import { okAsync } from "unified-contributions";
import { createHttpTransport } from "unified-contributions/adapters/http";
import {
  createRequestSigner,
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
  proveKey,
  type SignatureAlgorithm,
  type SigningKey,
} from "unified-contributions/adapters/http-signatures";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import type { RequestId } from "unified-contributions/wire";
import { createCloud, createRegisteringCloud, SERVER } from "./cloud.ts";

const JSON_TYPE = { "content-type": "application/json" };
const { values } = parseArgs({ options: { listen: { type: "string" }, key: { type: "string" } } });

if (values.listen === undefined) await tell();
else await listen(Number(values.listen), values.key ?? "key.pub.pem");

async function tell(): Promise<void> {
  const publicUrl = "https://cloud.example";
  const cloud = await createRegisteringCloud(publicUrl);
  const answers: Request[] = [];
  let current = await newKey("key-1", "ed25519");
  const url = "https://cloud.example/unified-contributions";
  const sign = createRequestSigner({ key: () => current, clock: systemClock, random: systemRandom });
  const transport = createHttpTransport({
    url,
    sign,
    // In place of the network, so that the requests can be kept and played with.
    fetch: (address, init) => {
      const request = new Request(address, init);
      answers.push(request.clone());
      return cloud.handler(request);
    },
  });

  console.log(`key-1: ${await ask()}`);
  current = await newKey("key-2", "ecdsa-p256-sha256");
  console.log(`key-2, while key-1 is live, too: ${await ask()}`);
  await cloud.revoke("key-1");
  console.log(`key-2, after key-1 was revoked: ${await ask()}`);

  const [old, , last] = answers;
  if (!(old && last)) throw new Error("Nothing was sent.");
  console.log(`sent again: ${await problemOf(last.clone())}`);
  const body = new TextEncoder().encode("[]");
  const unsent = await sign(new Request(url, { method: "POST", headers: JSON_TYPE, body }), body);
  console.log(`with another body: ${await problemOf(new Request(unsent, { body: "{}" }))}`);
  console.log(`to another address: ${await problemOf(new Request(`${last.url}?to=another`, last.clone()))}`);
  console.log(`with the revoked key: ${await problemOf(old)}`);

  /** A new key of the server, registered with the cloud: the cloud gives a challenge, and the key signs it. */
  async function newKey(keyId: string, algorithm: SignatureAlgorithm): Promise<SigningKey> {
    const { privateKey, publicKey: jwk } = (await generateKeyPair(algorithm))._unsafeUnwrap();
    const key = (await importSigningKey({ keyId, algorithm, jwk: privateKey }))._unsafeUnwrap();
    const { challenge } = (await cloud.registrar.challenge(SERVER))._unsafeUnwrap();
    const subject = { installation: SERVER, challenge, publicUrl };
    const proof = (await proveKey({ key, publicKey: { jwk }, ...subject }))._unsafeUnwrap();
    const application = { installation: SERVER, algorithm, keyId, jwk, challenge, proof };
    (await cloud.registrar.registerKey(application))._unsafeUnwrap();
    return key;
  }

  /** Whether the cloud answers a message of the server, or why not. */
  function ask(): Promise<string> {
    const requestId = systemRandom.id() as RequestId;
    const message = { version: 1, requestId, type: "enable", after: 0 } as const;
    return transport.send(message, new AbortController().signal).match(
      () => "answered",
      (fault) => fault.message,
    );
  }

  async function problemOf(request: Request): Promise<string> {
    const { type } = (await (await cloud.handler(request)).json()) as { readonly type: string };
    return type.slice(type.lastIndexOf(":") + 1);
  }
}

async function listen(port: number, file: string): Promise<void> {
  const server = createServer((incoming, outgoing) => listener(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // A directory of the host's own, with the one key that the command line names.
  const pem = readFileSync(file, "utf8");
  const key = (
    await importVerificationKey({ installation: SERVER, algorithm: "ed25519", pem })
  )._unsafeUnwrap();
  const cloud = await createCloud(origin, { find: (keyId) => okAsync(keyId === "key-1" ? key : null) });
  const listener = getRequestListener(cloud.handler);
  console.log(`RECEIVER=${origin}/unified-contributions`);
  process.once("SIGTERM", async () => {
    await cloud.handler.shutdown();
    server.close();
    server.closeAllConnections();
  });
}

// key-1: answered
// key-2, while key-1 is live, too: answered
// key-2, after key-1 was revoked: answered
// sent again: signature-replayed
// with another body: content-digest-mismatch
// to another address: signature-invalid
// with the revoked key: unknown-key
