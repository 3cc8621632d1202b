/**
 * Requests that prove which server sent them, and answers that prove that the cloud gave them.
 *
 * HTTP message signatures (RFC 9421) cover the address, the body's digest (RFC 9530), the time and a nonce. Requests
 * use `sign` of the HTTP transport and `authenticate` of its handler. Answers use `signAnswers` of the handler and
 * `verifyAnswers` of the transport. Receipts that stand alone use `receiptSigner` of the receiver.
 *
 * It needs two more packages: `npm install http-message-sig structured-headers`.
 *
 * @packageDocumentation
 */

export type { SignatureAlgorithm } from "./algorithm.ts";
export { createAnswerSigner } from "./answer-signer.ts";
export { createAnswerVerifier } from "./answer-verifier.ts";
export {
  generateKeyPair,
  importCloudKey,
  importSigningKey,
  importVerificationKey,
  type KeyPair,
  keyThumbprint,
} from "./import-key.ts";
export { createMemoryKeyDirectory } from "./key-directory.ts";
export type { Jwk, KeyMaterial, UnusableKey } from "./key-material.ts";
export { proveKey } from "./key-proof.ts";
export type { KeyRefusal } from "./key-refusal.ts";
export {
  createKeyRegistrar,
  type KeyApplication,
  type KeyChallenge,
  type KeyRegistrar,
  type UnprovenKey,
} from "./key-registrar.ts";
export { createMemoryNonceStore } from "./nonce-store.ts";
export type {
  CloudKey,
  KeyDirectory,
  KeyRegistry,
  NonceStore,
  OfferedChallenge,
  ProvenKey,
  SigningKey,
  VerificationKey,
} from "./ports.ts";
export { SIGNATURE_TAG } from "./read-signature.ts";
export { createReceiptSigner } from "./receipt-signer.ts";
export type { SignatureRefusal } from "./refusal.ts";
export { createRequestSigner } from "./sign.ts";
export { type AuthenticateRequest, createRequestVerifier } from "./verify.ts";
export { type UnprovenReceipt, verifyReceipt } from "./verify-receipt.ts";
