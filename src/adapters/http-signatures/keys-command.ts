import { err, errAsync, ok, okAsync, Result, ResultAsync } from "neverthrow";
import { parseInstallationId } from "../../domain/identifiers.ts";
import { isSignatureAlgorithm, type SignatureAlgorithm, WEB_CRYPTO } from "./algorithm.ts";
import { generateKeyPair, importSigningKey } from "./import-key.ts";
import {
  type Jwk,
  type KeyMaterial,
  NOT_A_KEY,
  type ReadKey,
  readKey,
  UNKNOWN_ALGORITHM,
  type UnusableKey,
  unusable,
} from "./key-material.ts";
import { proveKey } from "./key-proof.ts";
import { isPublicUrl } from "./public-url.ts";
import { publicMembersOf, thumbprintOf } from "./thumbprint.ts";

/** The usage text of the command. */
export const KEYS_USAGE = `Usage: unified-contributions keys <command> <file> [options]

  new    make a key, write its private half into a new file, and print the rest
  show   print the id and the public half of a key, which may go to anyone
  check  say whether the cloud takes a key, and whether it signs
  prove  sign the cloud's challenge, and print what the cloud registers, as JSON

The file is PEM or a JWK. show and check take a private or a public key. No command prints the private half of a file.

  --algorithm <algorithm>  ed25519, ecdsa-p256-sha256 or rsa-pss-sha512; new makes ed25519 if it is left out, and the
                           others see what the key is
  --challenge <text>       with prove: the challenge of the cloud
  --installation <id>      with prove: the installation that will own the key
  --cloud <url>            with prove: the cloud's public address, as the server was told it`;

/** The command line, split at its options. */
export interface KeysArguments {
  readonly words: readonly string[];
  readonly algorithm?: string | undefined;
  readonly challenge?: string | undefined;
  readonly installation?: string | undefined;
  readonly cloud?: string | undefined;
}

/** The parts of the process that the command needs. */
export interface KeysProcess {
  /** Returns a file's text. */
  read(path: string): Promise<string>;
  /** Writes a file that only its owner may read; rejects with the code `EEXIST` if the file exists. */
  writeNew(path: string, text: string): Promise<void>;
  print(text: string): void;
}

/** A mistake that the operator can correct. */
export interface KeysMistake {
  readonly type: string;
  /** A sentence that says what is wrong and what to do; never holds anything of a key. */
  readonly message: string;
}

/** A key of a file, complete enough to be shown. */
interface FoundKey {
  readonly algorithm: SignatureAlgorithm;
  /** The private half, or null if the file has only the public one. */
  readonly signing: ReadKey | null;
  readonly verifying: ReadKey;
}

const ALGORITHMS = Object.keys(WEB_CRYPTO) as SignatureAlgorithm[];
const UNKNOWN_KEY = unusable(
  "Not a key that can be used: give PEM or a JWK of an Ed25519, P-256 or RSA key.",
);
const NOT_JSON = unusable("The file is neither PEM nor JSON: give PEM or a JWK.");
const NO_FILE: KeysMistake = mistake("The file cannot be read: check its name, and whether you may read it.");
const NOT_WRITTEN: KeysMistake = mistake("The file cannot be written: check its folder. No key was kept.");
const THERE_ALREADY: KeysMistake = mistake(
  "There is such a file already, and it was not changed: name another.",
);
const NO_PRIVATE_HALF: KeysMistake = mistake(
  "Only the private half of a key proves anything: name the file that holds it.",
);
const NO_CLOUD: KeysMistake = mistake("--cloud has to be an address such as https://cloud.example.");
const DOES_NOT_SIGN: KeysMistake = mistake(
  "The key does not sign what its public half verifies: make another key.",
);

/** Runs the command line and returns its output. The error is for the operator. */
export function runKeysCommand(args: KeysArguments, process: KeysProcess): ResultAsync<void, KeysMistake> {
  const { words, algorithm } = args;
  const [command, path, ...more] = words;
  if (path === undefined || path === "" || more.length > 0) return errAsync(mistake(KEYS_USAGE));
  if (!(algorithm === undefined || isSignatureAlgorithm(algorithm))) return errAsync(UNKNOWN_ALGORITHM);
  if (command === "new") return makeKey(path, algorithm ?? "ed25519", process);
  if (!isReading(command)) return errAsync(mistake(KEYS_USAGE));
  return ResultAsync.fromPromise(process.read(path), () => NO_FILE)
    .andThen(materialIn)
    .andThen((material) => findKey(material, algorithm))
    .andThen((key) => READING[command](key, process, args));
}

const READING = { show, check, prove };

function isReading(command: string | undefined): command is keyof typeof READING {
  return command !== undefined && Object.hasOwn(READING, command);
}

function makeKey(
  path: string,
  algorithm: SignatureAlgorithm,
  process: KeysProcess,
): ResultAsync<void, KeysMistake> {
  return generateKeyPair(algorithm).andThen(({ privateKey }) =>
    pemOf("PRIVATE KEY", privateKey, algorithm)
      .andThen((pem) => ResultAsync.fromPromise(process.writeNew(path, pem), whyNotWritten))
      .andThen(() => findKey({ jwk: privateKey }, algorithm))
      .andThen((key) => show(key, process)),
  );
}

function whyNotWritten(error: unknown): KeysMistake {
  return (error as { readonly code?: unknown }).code === "EEXIST" ? THERE_ALREADY : NOT_WRITTEN;
}

function show({ algorithm, verifying }: FoundKey, { print }: KeysProcess): ResultAsync<void, KeysMistake> {
  const jwk = publicMembersOf(verifying.members);
  return thumbprintOf(jwk).andThen((id) =>
    pemOf("PUBLIC KEY", jwk, algorithm).map((pem) =>
      print(`id: ${id}\nalgorithm: ${algorithm}\njwk: ${JSON.stringify(jwk)}\n\n${pem}`),
    ),
  );
}

function check(
  { algorithm, signing, verifying }: FoundKey,
  { print }: KeysProcess,
): ResultAsync<void, KeysMistake> {
  const signs = signing === null ? okAsync(undefined) : checkPair(algorithm, signing, verifying);
  const half = signing === null ? "public" : "private";
  return signs
    .andThen(() => thumbprintOf(verifying.members))
    .map((id) => print(`A ${half} key for ${algorithm} that the cloud takes, with the id ${id}.\n`));
}

function prove(
  { algorithm, signing, verifying }: FoundKey,
  { print }: KeysProcess,
  { challenge = "", installation: id, cloud = "" }: KeysArguments,
): ResultAsync<void, KeysMistake> {
  if (signing === null) return errAsync(NO_PRIVATE_HALF);
  if (!isPublicUrl(cloud)) return errAsync(NO_CLOUD);
  const jwk = publicMembersOf(verifying.members);
  return parseInstallationId(id)
    .asyncAndThen((installation) =>
      importSigningKey({ algorithm, jwk: signing.members }).andThen((key) =>
        proveKey({ key, publicKey: { jwk }, installation, challenge, publicUrl: cloud }).map((proof) => ({
          ...{ installation, algorithm, jwk, challenge, proof },
        })),
      ),
    )
    .map((application) => print(`${JSON.stringify(application)}\n`));
}

/**
 * Checks that the halves belong together. A file can hold the private number of one key and the public one of another.
 */
function checkPair(
  algorithm: SignatureAlgorithm,
  signing: ReadKey,
  verifying: ReadKey,
): ResultAsync<void, KeysMistake> {
  const { use } = WEB_CRYPTO[algorithm];
  const bytes = new TextEncoder().encode("unified-contributions keys check");
  const trial = async (): Promise<boolean> => {
    const signature = new Uint8Array(await crypto.subtle.sign(use, signing.imported, bytes));
    return await crypto.subtle.verify(use, verifying.imported, signature, bytes);
  };
  return ResultAsync.fromPromise(trial(), () => DOES_NOT_SIGN).andThen((isPair) =>
    isPair ? ok(undefined) : err(DOES_NOT_SIGN),
  );
}

function materialIn(text: string): Result<KeyMaterial, UnusableKey> {
  if (text.includes("-----BEGIN")) return ok({ pem: text });
  return Result.fromThrowable(
    (): unknown => JSON.parse(text),
    () => NOT_JSON,
  )().andThen((jwk) => (typeof jwk === "object" && jwk !== null ? ok({ jwk: jwk as Jwk }) : err(NOT_JSON)));
}

/** Returns a key for the algorithm that is asked for, or for the first one that fits. */
function findKey(
  material: KeyMaterial,
  algorithm: SignatureAlgorithm | undefined,
): ResultAsync<FoundKey, UnusableKey> {
  const tries = (algorithm === undefined ? ALGORITHMS : [algorithm]).map((one) => readHalves(material, one));
  return new ResultAsync(
    Promise.all(tries).then((results): Result<FoundKey, UnusableKey> => {
      const found = results.find((result) => result.isOk());
      if (found !== undefined) return found;
      // An algorithm's finding about its own key is worth more than the finding that the key is for another algorithm.
      const errors = results.flatMap((result) => (result.isErr() ? [result.error] : []));
      return err(errors.find(({ message }) => message !== NOT_A_KEY) ?? UNKNOWN_KEY);
    }),
  );
}

function readHalves(
  material: KeyMaterial,
  algorithm: SignatureAlgorithm,
): ResultAsync<FoundKey, UnusableKey> {
  const isPrivate = "pem" in material ? material.pem.includes("PRIVATE KEY-----") : "d" in material.jwk;
  if (!isPrivate)
    return readKey(algorithm, material, "verify").map((verifying) => ({
      algorithm,
      signing: null,
      verifying,
    }));
  return readKey(algorithm, material, "sign").andThen((signing) =>
    readKey(algorithm, { jwk: publicMembersOf(signing.members) }, "verify").map((verifying) => ({
      ...{ algorithm, signing, verifying },
    })),
  );
}

/** Returns a key as PEM, in lines of 64 characters (RFC 7468). */
function pemOf(
  label: "PRIVATE KEY" | "PUBLIC KEY",
  jwk: Jwk,
  algorithm: SignatureAlgorithm,
): ResultAsync<string, UnusableKey> {
  const { subtle } = crypto;
  const isPrivate = label === "PRIVATE KEY";
  const usage = isPrivate ? "sign" : "verify";
  const write = async (): Promise<string> => {
    const key = await subtle.importKey("jwk", { ...jwk }, WEB_CRYPTO[algorithm].key, true, [usage]);
    const der = new Uint8Array(await subtle.exportKey(isPrivate ? "pkcs8" : "spki", key));
    const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
  };
  return ResultAsync.fromPromise(write(), () => UNKNOWN_KEY);
}

function mistake(message: string): KeysMistake {
  return { type: "mistake", message };
}
