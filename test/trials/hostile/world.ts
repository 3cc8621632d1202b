import {
  type AccountId,
  CONTRIBUTION_SOURCE,
  type InstallationId,
  type LinkId,
  okAsync,
} from "unified-contributions";
import { createHttpHandler, type HttpHandlerOptions } from "unified-contributions/adapters/http";
import {
  createMemoryNonceStore,
  createRequestSigner,
  createRequestVerifier,
} from "unified-contributions/adapters/http-signatures";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { createReceiver } from "unified-contributions/ghec";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import type { RequestId, SessionId } from "unified-contributions/wire";
import type { SignRequest } from "../../../src/adapters/http-signatures/sign.ts";
import { openLinkAt } from "../../support/consents.ts";
import { createKey } from "../../support/signatures.ts";

const HOSTILE = "server-1" as InstallationId;
const VICTIM = "server-2" as InstallationId;
export const KEY_IDS: readonly string[] = ["key-ed25519", "key-ecdsa", "key-rsa"];
export const ADDRESS = "https://cloud.example/unified-contributions";

/** Made once: an RSA key takes a while. */
const KEYS = createKeys();

async function createKeys() {
  return new Map([
    ["key-ed25519", await createKey("ed25519", "key-ed25519", HOSTILE)],
    ["key-ecdsa", await createKey("ecdsa-p256-sha256", "key-ecdsa", HOSTILE)],
    ["key-rsa", await createKey("rsa-pss-sha512", "key-rsa", HOSTILE)],
    ["key-victim", await createKey("ed25519", "key-victim", VICTIM)],
  ]);
}

/** A message of version 1 as a JavaScript value, to be spoiled. */
export type Spoilable = Record<string, unknown>;

/**
 * A cloud behind the real handler and the real verifier, and two servers with a link each: one that may be hostile, or
 * whose requests somebody tampers with, and one whose data nothing of it may touch.
 */
export async function createHostileWorld(seed: number, options: Partial<HttpHandlerOptions> = {}) {
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const random = createTestRandom(seed);
  const store = createMemoryReceiverStore();
  const ledger = createMemoryLedger();
  const receiver = createReceiver({ store, ledger, clock, random });
  const keys = await KEYS;
  const authenticate = createRequestVerifier({
    directory: { find: (keyId) => okAsync(keys.get(keyId)?.verification ?? null) },
    nonces: createMemoryNonceStore({ limit: 1_000_000, limitPerInstallation: 1_000_000 }),
    clock,
    publicUrl: "https://cloud.example",
  });
  // All that is hostile comes from one installation here, as fast as it can.
  const pace = { requestsPerSecond: 1_000_000, requestBurst: 1_000_000 };
  const handler = createHttpHandler({ receiver, authenticate, ...pace, ...options });

  function signerOf(keyId: string): SignRequest {
    const key = keys.get(keyId);
    if (!key) throw new RangeError(`There is no ${keyId}.`);
    return createRequestSigner({ key: () => key.signing, clock, random });
  }

  /** Sends a message as its server would, and answers with what the receiver says. */
  async function say(keyId: string, message: Spoilable): Promise<Spoilable> {
    const body = encoded(message);
    const request = await signerOf(keyId)(postOf(body), body);
    return (await (await handler(request)).json()) as Spoilable;
  }

  async function settle(installation: InstallationId, keyId: string) {
    const account = `account-of-${installation}` as AccountId;
    const { session: vacant } = (await receiver.connectInstallation(installation))._unsafeUnwrap();
    const attach = random.id() as RequestId;
    const off = { epoch: 0, status: "off" };
    const attached = await say(
      keyId,
      envelope("attach", attach, { replaces: vacant.id, featureSwitch: off }),
    );
    await say(keyId, envelope("enable", random.id(), { after: 0 }));
    const { linkId } = await openLinkAt(receiver, installation, account);
    const delivered = random.id() as RequestId;
    const sessionId = attached["sessionId"] as SessionId;
    const records = [reportOf(linkId)];
    await say(keyId, envelope("deliver", delivered, { sessionId, follows: [attach], records }));
    return { installation, account, linkId, sessionId, last: delivered };
  }

  const hostile = await settle(HOSTILE, "key-ed25519");
  const victim = await settle(VICTIM, "key-victim");

  return {
    ...{ clock, random, receiver, keys, handler, hostile, victim, signerOf, say },
    /** The last request of the hostile server that was admitted. */
    lastRequest(): RequestId {
      const of = store
        .snapshot()
        .registrations.find(({ value: registration }) => registration.installation === HOSTILE);
      return of?.value.session.lastRequestId ?? hostile.last;
    },
    /** All that is stored, as text; with `chain: false` without what each admitted request of the hostile server moves. */
    stored({ chain = true } = {}): string {
      const { registrations, links } = store.snapshot();
      const seen = registrations.map(({ value: registration, version }) => {
        const isMoved = !chain && registration.installation === HOSTILE;
        const session = { ...registration.session, lastRequestId: null };
        return isMoved ? { value: { ...registration, session } } : { value: registration, version };
      });
      return JSON.stringify([seen, links]);
    },
  };
}

/** The world as {@link createHostileWorld} makes it. */
export type HostileWorld = Awaited<ReturnType<typeof createHostileWorld>>;

/** A whole message. */
export function envelope(type: string, requestId: string, fields: Spoilable): Spoilable {
  return { version: 1, requestId, type, ...fields };
}

/** A report of 90 days, right in all of it. */
export function reportOf(link: LinkId | string): Spoilable {
  const counts = Array.from({ length: 90 }, (_, day) => (day * 7) % 13);
  const what = { type: "report", linkId: link, choice: 1, source: CONTRIBUTION_SOURCE };
  return { ...what, first: "2025-12-02", counts };
}

/** A `deliver` of one record in the hostile server's chain, which would be taken if the record was right. */
export function deliver({ hostile, random }: HostileWorld, ...records: readonly Spoilable[]): Spoilable {
  const { sessionId, last } = hostile;
  return envelope("deliver", random.id(), { sessionId, follows: [last], records });
}

/** A report that would be taken. */
export function report(world: HostileWorld): Spoilable {
  return deliver(world, reportOf(world.hostile.linkId));
}

/** A withdrawal that would be taken. */
export function withdraw(world: HostileWorld, linkId: LinkId): Spoilable {
  return deliver(world, { type: "withdraw", linkId, choice: null });
}

/** A disabling that would be taken. */
export function disable({ random }: HostileWorld): Spoilable {
  return envelope("disable", random.id(), { epoch: 1 });
}

/** A message as the bytes that are sent. */
export function encoded(message: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** A POST of these bytes, not yet signed. */
export function postOf(
  body: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Request {
  return new Request(ADDRESS, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

/** What a response says in one word: the problem's code, or what the receiver's answer is. */
export async function outcomeOf(response: Response): Promise<string> {
  const said = (await response.json()) as Spoilable;
  const { type } = said;
  if (response.status !== 200) return String(type).split(":").at(-1) ?? "";
  if (type === "rejected") return `rejected ${said["reason"]}`;
  if (type !== "delivered" && type !== "detached") return String(type);
  const outcomes = said["outcomes"] as readonly { readonly type: string; readonly reason?: string }[];
  const words = outcomes.map((outcome) => outcome.reason ?? outcome.type);
  return [type, ...new Set(words)].join(" ");
}
