import { ResultAsync } from "unified-contributions";
import {
  type CloudKey,
  importCloudKey,
  importSigningKey,
  type SigningKey,
} from "unified-contributions/adapters/http-signatures";
import { type Mistake, mistake } from "../demo/mistake.ts";
import type { Config } from "./config.ts";
import type { Secrets } from "./read-secrets.ts";

/** The keys of the wire. */
export interface Keys {
  /** The key with which the server signs its requests. */
  readonly signing: SigningKey;
  /** The keys with which the cloud signs its answers; empty if it does not sign them. */
  readonly cloud: readonly CloudKey[];
}

/** Imports the keys that a configuration names. */
export function importKeys({ cloud }: Config, secrets: Secrets): ResultAsync<Keys, Mistake> {
  const { privateKey: _, ...signing } = cloud.signingKey;
  const ofCloud = cloud.answerKeys.map(({ publicKey: __, ...key }, at) =>
    importCloudKey({ ...key, ...materialOf(secrets.publicKeys[at] ?? "") }).mapErr(
      named(`cloud.answerKeys.${at}`),
    ),
  );
  return importSigningKey({ ...signing, ...materialOf(secrets.privateKey) })
    .mapErr(named("cloud.signingKey"))
    .andThen((key) => ResultAsync.combine(ofCloud).map((keys) => ({ signing: key, cloud: keys })));
}

function named(key: string): (fault: { readonly message: string }) => Mistake {
  return ({ message }) => mistake(`${key}: ${message}`);
}

/** A JWK if it is JSON, otherwise PEM. */
function materialOf(
  text: string,
): { readonly jwk: Readonly<Record<string, unknown>> } | { readonly pem: string } {
  try {
    return { jwk: JSON.parse(text) };
  } catch {
    return { pem: text };
  }
}
