import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import {
  createKeyRegistrar,
  createRequestSigner,
  createRequestVerifier,
  type KeyChallenge,
  proveKey,
} from "unified-contributions/adapters/http-signatures";
import {
  createPostgresKeyDirectory,
  createPostgresNonceStore,
} from "unified-contributions/adapters/postgres";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { describe, expect, it } from "vitest";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import type { Errand } from "../../support/postgres/verify-elsewhere.ts";
import { ADDRESS, BODY, createKey, createPost, SERVER_1 } from "../../support/signatures.ts";

const publicUrl = "https://cloud.example";

/** A cloud whose processes share one database, and a server that has proven its key to it. */
async function createSharedCloud() {
  const database = await projectDatabase();
  const options = { client: database.client, schema: await freshSchema(database, "nonces", "keys") };
  const directory = createPostgresKeyDirectory(options);
  const key = await createKey("ed25519");
  const registrar = createKeyRegistrar({ directory, clock: systemClock, random: systemRandom, publicUrl });
  const { challenge }: KeyChallenge = (await registrar.challenge(SERVER_1))._unsafeUnwrap();
  const publicKey = { jwk: key.pair.publicKey };
  const subject = { installation: SERVER_1, challenge, publicUrl };
  const proof = (await proveKey({ key: key.signing, publicKey, ...subject }))._unsafeUnwrap();
  const application = { ...subject, ...publicKey, algorithm: "ed25519", keyId: "key-1", proof } as const;
  (await registrar.registerKey(application))._unsafeUnwrap();

  const sign = createRequestSigner({ key: () => key.signing, clock: systemClock, random: systemRandom });
  const verify = createRequestVerifier({
    ...{ directory, nonces: createPostgresNonceStore(options), clock: systemClock, publicUrl },
  });
  return {
    directory,
    createRequest: () => sign(createPost(), BODY),
    /** The outcome of a request in this process. */
    here: async (request: Request): Promise<string> =>
      (await verify(request, BODY)).match(
        (installation) => installation,
        ({ type }) => type,
      ),
    /** The outcome of a request in a process that begins with it. */
    elsewhere: (request: Request, nonces: Errand["nonces"] = "postgres"): Promise<string> =>
      verifyElsewhere({
        ...{ connection: serverConnection(), schema: options.schema, publicUrl, nonces },
        ...{ url: ADDRESS, headers: [...request.headers], body: new TextDecoder().decode(BODY) },
      }),
  };
}

async function verifyElsewhere(errand: Errand): Promise<string> {
  const args = ["scripts/run.js", "test/support/postgres/verify-elsewhere.ts"];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(errand));
  return await text(child.stdout);
}

describe("a repeated request", () => {
  it("is refused by another process, unless each process has its own memory", async () => {
    const cloud = await createSharedCloud();
    const request = await cloud.createRequest();

    expect(await cloud.here(request)).toBe(SERVER_1);

    expect(await cloud.elsewhere(request)).toBe("signature-replayed");
    expect(await cloud.elsewhere(request, "memory")).toBe(SERVER_1);
  });

  it("is refused after a restart", async () => {
    const cloud = await createSharedCloud();
    const request = await cloud.createRequest();

    expect(await cloud.elsewhere(request)).toBe(SERVER_1);

    expect(await cloud.elsewhere(request)).toBe("signature-replayed");
    expect(await cloud.here(request)).toBe("signature-replayed");
  });

  it("is taken by only one of many processes that get it at once", async () => {
    const cloud = await createSharedCloud();
    const request = await cloud.createRequest();

    const outcomes = await Promise.all([
      cloud.here(request),
      cloud.elsewhere(request),
      cloud.elsewhere(request),
    ]);

    expect(outcomes.sort()).toEqual([SERVER_1, "signature-replayed", "signature-replayed"]);
  });
});

describe("a key that one process has revoked", () => {
  it("is refused by another process from then on", async () => {
    const cloud = await createSharedCloud();
    expect(await cloud.here(await cloud.createRequest())).toBe(SERVER_1);

    (await cloud.directory.revoke("key-1", systemClock.now()))._unsafeUnwrap();

    expect(await cloud.elsewhere(await cloud.createRequest())).toBe("unknown-key");
    expect(await cloud.here(await cloud.createRequest())).toBe("unknown-key");
  });
});
