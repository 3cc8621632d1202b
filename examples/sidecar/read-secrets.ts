import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { safeTry } from "neverthrow";
import { ok, Result } from "unified-contributions";
import { type Mistake, mistake, refuse } from "../demo/mistake.ts";
import type { Config, SecretPlace } from "./config.ts";

/** The secrets that a configuration names. */
export interface Secrets {
  readonly clientSecret: string;
  /** The private half of the server's key, as PEM or as a JWK. */
  readonly privateKey: string;
  /** The public halves of the cloud's keys, in the order of the configuration. */
  readonly publicKeys: readonly string[];
  /** The address of the database; null if the storage is a folder. */
  readonly postgres: string | null;
}

/** Reads every secret that a configuration names; relative paths begin at the configuration's folder. */
export function readSecrets(
  { server, cloud, storage }: Config,
  configFile: string,
): Result<Secrets, Mistake> {
  const read = (key: string, place: SecretPlace) => readSecret(key, place, configFile);
  const publicKeys = cloud.answerKeys.map(({ publicKey }, at) =>
    read(`cloud.answerKeys.${at}.publicKey`, publicKey),
  );
  return safeTry(function* () {
    // Read again for each request; here it is only checked.
    yield* read("server.token", server.token).andThen(checkToken);
    return ok({
      clientSecret: yield* read("server.oauth.clientSecret", server.oauth.clientSecret),
      privateKey: yield* read("cloud.signingKey.privateKey", cloud.signingKey.privateKey),
      publicKeys: yield* Result.combine(publicKeys),
      postgres: "postgres" in storage ? yield* read("storage.postgres", storage.postgres) : null,
    });
  });
}

/** Refuses a token with a space or a line break in it, which would not fit into a header. */
function checkToken(token: string): Result<string, Mistake> {
  return /^[!-~]+$/.test(token)
    ? ok(token)
    : refuse("server.token: this is not a token. It has to be one word of printable ASCII characters.");
}

/** Reads one secret, without the line end behind it. */
export function readSecret(key: string, place: SecretPlace, configFile: string): Result<string, Mistake> {
  if ("env" in place) {
    const found = process.env[place.env] ?? "";
    if (found !== "") return ok(found);
    return refuse(`${key}: the environment variable ${place.env} is not set: set it to the secret.`);
  }
  const file = inFolderOf(configFile, place.file);
  return Result.fromThrowable(
    () => readFileSync(file, "utf8").trim(),
    () => mistake(`${key}: there is no file ${file} that may be read: write the secret into it.`),
  )().andThen((found) =>
    found === "" ? refuse(`${key}: the file ${file} is empty: write the secret into it.`) : ok(found),
  );
}

/** A path of the configuration, which may begin at the configuration's folder. */
export function inFolderOf(configFile: string, path: string): string {
  return resolve(dirname(configFile), path);
}
