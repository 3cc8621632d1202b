// You will see a user opt out, and the signed receipt that her server keeps. An auditor who has only the cloud's public
// key verifies it, with this library and without it. A changed receipt proves nothing.
import { createPublicKey, verify } from "node:crypto";
import {
  createReceiptSigner,
  generateKeyPair,
  importCloudKey,
  importSigningKey,
  verifyReceipt,
} from "unified-contributions/adapters/http-signatures";
import { createTestWorld } from "unified-contributions/testing";

// The cloud makes a key, and gives its public half to everyone.
const algorithm = "ed25519";
const { privateKey, publicKey } = (await generateKeyPair(algorithm))._unsafeUnwrap();
const key = (await importSigningKey({ algorithm, jwk: privateKey }))._unsafeUnwrap();
const receiptSigner = createReceiptSigner({ key: () => key });

// Both sides, with a cloud that signs its receipts. Ann opts out.
const world = createTestWorld({ receiver: { receiptSigner } });
await world.enable();
await world.join("ann");
await world.contribute("ann", "2026-02-28T09:00:00Z", "2026-03-01T09:00:00Z");
await world.sync();
await world.leave("ann");
await world.sync();

const { deletion } = await world.sharing("ann");
const signature = (deletion.status === "deleted" && deletion.receipt.signature) || "";
console.log(`Ann's server says: ${deletion.status}`);

// An auditor verifies the receipt by itself.
const known = (await importCloudKey({ algorithm, jwk: publicKey }))._unsafeUnwrap();
await show("With this library", signature);

// So does any other program that knows JWS (RFC 7515).
const [header = "", payload = "", signed = ""] = signature.split(".");
const nodeKey = createPublicKey({ key: { ...publicKey }, format: "jwk" });
const isSigned = verify(null, Buffer.from(`${header}.${payload}`), nodeKey, Buffer.from(signed, "base64url"));
const { kid, ...named } = JSON.parse(Buffer.from(header, "base64url").toString());
console.log(
  `With node:crypto: ${isSigned}, ${JSON.stringify(named)}, by ${kid === known.keyId ? "this key" : kid}`,
);

// A receipt of another server would pass for this one's, if only its text were looked at.
const statement = JSON.parse(Buffer.from(payload, "base64url").toString());
const forged = Buffer.from(JSON.stringify({ ...statement, installation: "server-2" })).toString("base64url");
await show("For another server", `${header}.${forged}.${signed}`);

async function show(what: string, jws: string): Promise<void> {
  const said = await verifyReceipt([known], jws).match(
    (stated) => JSON.stringify({ ...stated, ...("linkId" in stated && { linkId: "…" }) }),
    ({ type }) => type,
  );
  console.log(`${what}: ${said}`);
}

// Ann's server says: deleted
// With this library: {"type":"deletion","installation":"server-1","linkId":"…","choice":1,"deletedAt":1772366400000,"removed":{"first":"2025-12-02","last":"2026-03-01"}}
// With node:crypto: true, {"alg":"EdDSA","typ":"unified-contributions-receipt"}, by this key
// For another server: signature-invalid
