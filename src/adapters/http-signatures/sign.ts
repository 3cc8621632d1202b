import type { Clock, Random } from "../../domain/environment.ts";
import { refuseUnknownOptions, requirePorts } from "../../domain/require-ports.ts";
import { contentDigest } from "./content-digest.ts";
import { describeRequest, signInto } from "./message-signature.ts";
import type { SigningKey } from "./ports.ts";
import { SIGNATURE_TAG } from "./read-signature.ts";
import { requireSeconds } from "./require-seconds.ts";

/** The options of a request signer. */
export interface RequestSignerOptions {
  /** Returns the present signing key. It is called for each request, so a rotation needs no restart. */
  readonly key: () => SigningKey | Promise<SigningKey>;
  readonly clock: Pick<Clock, "now">;
  /** The source of the nonces. */
  readonly random: Pick<Random, "id">;
  /**
   * How long a signature is valid, in whole seconds from 1 to 86,400; 300 if left out.
   *
   * The verifier may accept it for a shorter time.
   */
  readonly validForSeconds?: number;
}

/**
 * Returns the signed request of one attempt. Each attempt gets a new signature.
 *
 * The body is the bytes that are sent, after compression, and the returned request carries them. Rejects if the key is
 * not available or does not sign.
 */
export type SignRequest = (request: Request, body: Uint8Array) => Promise<Request>;

const FACTORY = "createRequestSigner";
const VALID_FOR_SECONDS = 300;
const LABEL = "contributions";

const OPTIONS: Readonly<Record<keyof RequestSignerOptions, true>> = {
  key: true,
  clock: true,
  random: true,
  validForSeconds: true,
};

/**
 * Returns the signer of a server's requests (RFC 9421), body included (RFC 9530), for `sign` of the HTTP transport.
 *
 * A wrong option is a mistake in the program and throws a `TypeError`.
 */
export function createRequestSigner(options: RequestSignerOptions): SignRequest {
  requirePorts(FACTORY, options, { clock: ["now"], random: ["id"] });
  refuseUnknownOptions(FACTORY, options, OPTIONS);
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
    const described = describeRequest(
      { method: request.method, headers },
      withoutFragment(request.url),
      components,
    );
    const order = { label: LABEL, components, parameters, signer };
    return new Request(request, { headers: await signInto(headers, described, order), body });
  };
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/, "");
}
