import {
  type AccountId,
  type AttemptId,
  type BrowserId,
  errAsync,
  type InstallationId,
  okAsync,
  type ResultAsync,
} from "unified-contributions";
import { createHttpHandler } from "unified-contributions/adapters/http";
import {
  createReceiptSigner,
  importSigningKey,
  type KeyPair,
} from "unified-contributions/adapters/http-signatures";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { createReceiver, type ReceiverOptions } from "unified-contributions/ghec";
import { createTestClock } from "unified-contributions/testing";

/** The instant at which the story of the vectors plays. */
export const VECTORS_NOW = "2026-03-01T12:00:00Z";

/** The header that names the installation of a vector. It stands for the host's authentication. */
export const INSTALLATION_HEADER = "x-vector-installation";

/** The public half of the key that signs the receipts of the vectors: the example of RFC 8037 (A.1). */
export const RECEIPT_KEY: KeyPair["publicKey"] = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
};

/** The private half, which RFC 8037 has published. */
const PRIVATE_KEY: KeyPair["privateKey"] = {
  ...RECEIPT_KEY,
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
};

/** The installation whose receipts the vectors sign. Those of others show an answer of a cloud that signs none. */
const SIGNED_INSTALLATION = "server-1";

/** Returns the signer of the vectors' receipts. With Ed25519, the same receipt has the same signature every time. */
function createVectorSigner(): NonNullable<ReceiverOptions["receiptSigner"]> {
  const key = importSigningKey({ algorithm: "ed25519", jwk: PRIVATE_KEY });
  const signer = createReceiptSigner({ key: async () => (await key)._unsafeUnwrap() });
  return {
    sign: (statements) =>
      statements.every(({ installation }) => installation === SIGNED_INSTALLATION)
        ? signer.sign(statements)
        : okAsync(statements.map(() => null)),
  };
}

/** The path of the cloud's own pages, as far as the vectors need them. A {@link HostStep} is posted here. */
export const HOST_PATH = "/host";

/** The acts of the cloud's own pages between requests. */
export type HostStep =
  | { readonly type: "connect-installation"; readonly installation: string }
  | { readonly type: "offer-consent"; readonly attempt: string; readonly browser: string }
  | {
      readonly type: "give-consent";
      readonly attempt: string;
      readonly browser: string;
      readonly account: string;
    };

/** A cloud on which the vectors are played. */
export interface VectorCloud {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Returns the random ids minted since the last call. */
  readonly takeMinted: () => readonly string[];
}

/** Returns a fresh cloud. It gives the same answers every time, and runs wherever the package does. */
export function createVectorCloud(): VectorCloud {
  let ids = 0;
  let minted: string[] = [];
  const random = {
    id: () => {
      const id = `minted-by-receiver-${String(++ids).padStart(4, "0")}`;
      minted.push(id);
      return id;
    },
  };
  const store = createMemoryReceiverStore();
  const receiver = createReceiver({
    store,
    ledger: createMemoryLedger(),
    clock: createTestClock(VECTORS_NOW),
    random,
    receiptSigner: createVectorSigner(),
  });
  const handler = createHttpHandler({
    receiver,
    authenticate: ({ headers }) => {
      const installation = headers.get(INSTALLATION_HEADER);
      return installation === null
        ? errAsync({ type: "authentication-required", message: "Every vector names its installation." })
        : okAsync(installation as InstallationId);
    },
  });
  const play = (step: HostStep): ResultAsync<unknown, { readonly type: string }> => {
    if (step.type === "connect-installation")
      return receiver.connectInstallation(step.installation as InstallationId);
    const request = { attempt: step.attempt as AttemptId, browser: step.browser as BrowserId };
    return step.type === "offer-consent"
      ? receiver.offerConsent(request)
      : receiver.giveConsent({ ...request, account: step.account as AccountId });
  };
  return {
    fetch: async (request) => {
      if (new URL(request.url).pathname !== HOST_PATH) return handler(request);
      const played = await play((await request.json()) as HostStep);
      return new Response(null, { status: played.isOk() ? 204 : 500 });
    },
    takeMinted: () => {
      const taken = minted;
      minted = [];
      return taken;
    },
  };
}
