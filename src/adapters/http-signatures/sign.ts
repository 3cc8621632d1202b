import { appendSignature, createSignature } from "http-message-sig";
import type { Clock, Random } from "../../domain/environment.ts";
import { requirePorts } from "../../domain/require-ports.ts";
import { contentDigest } from "./content-digest.ts";
import { describeRequest } from "./describe-request.ts";
import type { SigningKey } from "./ports.ts";
import { SIGNATURE_TAG } from "./read-signature.ts";
import { requireSeconds } from "./require-seconds.ts";

/** What a request signer is made of. */
export interface RequestSignerOptions {
  /** The key to sign with at present; asked for each request, so that a rotation needs no restart. */
  readonly key: () => SigningKey | Promise<SigningKey>;
  readonly clock: Pick<Clock, "now">;
  /** Gives the nonces. */
  readonly random: Pick<Random, "id">;
  /**
   * For how long a signature is good, in whole seconds from 1 to 86,400; 300 if left out. The verifier may take it for
   * less.
   */
  readonly validForSeconds?: number;
}

/**
 * Signs one attempt to send a request; each attempt is signed anew. The body is the bytes that are sent, after
 * compression, and the request that comes back carries them. Rejects where the key cannot be had or does not sign.
 */
export type SignRequest = (request: Request, body: Uint8Array) => Promise<Request>;

const FACTORY = "createRequestSigner";
const VALID_FOR_SECONDS = 300;
const LABEL = "contributions";

/**
 * Makes what signs a server's requests as RFC 9421 has it, body included (RFC 9530): the `sign` of the HTTP transport. A
 * wrong option is a mistake in the program and throws a `TypeError`.
 */
export function createRequestSigner(options: RequestSignerOptions): SignRequest {
  requirePorts(FACTORY, options, { clock: ["now"], random: ["id"] });
  const { key, clock, random, validForSeconds = VALID_FOR_SECONDS } = options;
  if (typeof key !== "function") throw new TypeError(`${FACTORY}: \`key\` has to be a function.`);
  requireSeconds(FACTORY, "validForSeconds", validForSeconds, 1, 86_400);
  return async (request, body) => {
    const signer = await key();
    const headers = new Headers(request.headers);
    headers.set("content-digest", await contentDigest(body));
    const components = [
      "@method",
      "@target-uri",
      "content-digest",
      "content-type",
      "content-encoding",
    ].filter((component) => component.startsWith("@") || headers.get(component) !== null);
    const created = Math.floor(clock.now() / 1000);
    const expires = created + validForSeconds;
    const parameters = { created, expires, nonce: random.id(), keyid: signer.keyId, tag: SIGNATURE_TAG };
    const signed = await createSignature(
      describeRequest({ method: request.method, headers }, withoutFragment(request.url), components),
      { label: LABEL, components, parameters, signer },
    );
    return new Request(request, { headers: appendSignature(headers, signed), body });
  };
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/, "");
}
