// The wire vectors: a story told to the package's own receiver through its own handler, every request and answer to the
// byte. Another implementation can test itself with them.
import { type CalendarDate, CONTRIBUTION_SOURCE } from "unified-contributions";
import { PROTOCOL_VERSION } from "unified-contributions/wire";
import {
  createVectorCloud,
  HOST_PATH,
  type HostStep,
  INSTALLATION_HEADER,
  RECEIPT_KEY,
  VECTORS_NOW,
} from "./vector-cloud.ts";

/** A request to the byte, and its installation. */
export interface VectorRequest {
  readonly installation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, in UTF-8; or the exact bytes, in base64. */
  readonly body: string | { readonly base64: string };
}

/** An answer of the protocol to the byte. Of a problem it holds only the promised parts. */
export interface VectorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly problem?: string;
}

/** One step of the story: a page of the cloud's, or a request and its answer. */
export interface VectorStep {
  readonly title: string;
  readonly host?: HostStep;
  readonly request?: VectorRequest;
  readonly answer?: VectorAnswer;
  /** The random ids of the receiver that this step is the first to show, in the order of their minting. */
  readonly minted: readonly string[];
}

const SERVER = "server-1";
const ORIGIN = "https://cloud.example";
const SHOWN_HEADERS = ["allow", "accept", "accept-encoding", "content-type", "retry-after"];

/** Fixed bytes that are not made again, because the output of gzip differs from one zlib to the next. */
const GZIPPED_ENABLE =
  "H4sIAAAAAAAAA6tWKkstKs7Mz1OyMtRRKkotLE0tLvFMUbKCsXUzU3QNDAwMLZR0lEoqC1KVrJRS8xKTclKVdJQS00pSi5SsDGoBdnYRIEYAAAA=";

const counts = [...Array.from({ length: 87 }, (_, day) => (day * 7) % 5), 0, 1, 65_535];
const report = {
  ...{ type: "report", linkId: "", choice: 1, source: CONTRIBUTION_SOURCE },
  ...{ first: "2025-12-02", counts },
};

/** Plays the story, which is the same every time. */
export async function playVectors(): Promise<unknown> {
  const cloud = createVectorCloud();
  const steps: VectorStep[] = [];
  let unseen: readonly string[] = [];

  async function host(title: string, step: HostStep): Promise<string> {
    const played = await cloud.fetch(hostRequest(ORIGIN, step));
    if (!played.ok) throw new Error(`${title}: refused`);
    const minted = cloud.takeMinted();
    steps.push({ title, host: step, minted });
    return minted.at(-1) ?? "";
  }

  async function send(
    title: string,
    given: Partial<VectorRequest> & Pick<VectorRequest, "body">,
  ): Promise<string> {
    const headers = { "content-type": "application/json", ...given.headers };
    const defaults = { installation: SERVER, method: "POST", path: "/unified-contributions" };
    const request: VectorRequest = { ...defaults, ...given, headers };
    const { text, ...answer } = await readVectorAnswer(await cloud.fetch(vectorRequest(ORIGIN, request)));
    // An id may be minted in one step and shown in a later one.
    unseen = [...unseen, ...cloud.takeMinted()];
    const minted = unseen.filter((id) => text.includes(id));
    unseen = unseen.filter((id) => !minted.includes(id));
    steps.push({ title, request, answer, minted });
    return minted.at(-1) ?? "";
  }

  const sendMessage = (
    title: string,
    requestId: string,
    message: object,
    installation = SERVER,
  ): Promise<string> =>
    send(title, {
      installation,
      body: JSON.stringify({ version: PROTOCOL_VERSION, requestId: `request-id-${requestId}`, ...message }),
    });
  const follows = (...requestIds: readonly string[]): readonly string[] =>
    requestIds.map((id) => `request-id-${id}`);

  const vacant = await host("GitHub Connect is turned on", {
    type: "connect-installation",
    installation: SERVER,
  });
  const off = { epoch: 0, status: "off" };
  await sendMessage("a server that knows of no session is told the vacant one", "00001", {
    type: "attach",
    replaces: null,
    featureSwitch: off,
  });
  // A session is named like the request that attaches it.
  const sessionId = "request-id-00002";
  await sendMessage("and takes it", "00002", {
    type: "attach",
    replaces: vacant,
    featureSwitch: off,
  });
  await sendMessage("the same request again gets the same answer", "00002", {
    type: "attach",
    replaces: vacant,
    featureSwitch: off,
  });
  await sendMessage("the owner enables the feature", "00003", { type: "enable", after: 0 });
  await send("compressed, and late: the switch stands as it is", {
    headers: { "content-encoding": "gzip" },
    body: { base64: GZIPPED_ENABLE },
  });
  const attempt = "attempt-of-octocat";
  const connecting = { attempt, browser: "browser-of-octocat" };
  await sendMessage("a user is about to be sent to the cloud", "00019", { type: "push", attempt });
  await host("their browser brings the attempt", { type: "offer-consent", ...connecting });
  await sendMessage("the attempt again is answered as before", "00020", { type: "push", attempt });
  const code = await host("an account's owner consents", {
    type: "give-consent",
    ...connecting,
    account: "octocat",
  });
  await sendMessage("a code that does not fit the attempt opens nothing", "00021", {
    type: "redeem",
    attempt,
    code: "code-that-is-wrong",
  });
  await sendMessage(
    "nor does it for another installation",
    "00022",
    { type: "redeem", attempt, code },
    "server-2",
  );
  const linkId = await sendMessage("the browser has come back, and its code is redeemed", "00023", {
    type: "redeem",
    attempt,
    code,
  });
  await sendMessage("a redemption again gets the same link", "00024", { type: "redeem", attempt, code });
  const another = { attempt: "attempt-of-hubot-", browser: "browser-of-hubot-" };
  await sendMessage("another user", "00025", { type: "push", attempt: another.attempt });
  const anotherCode = await host("consents on the page at once", {
    type: "give-consent",
    ...another,
    account: "hubot",
  });
  const anotherLinkId = await sendMessage("and comes back", "00026", {
    type: "redeem",
    attempt: another.attempt,
    code: anotherCode,
  });

  const deliver = { type: "deliver", sessionId, follows: follows("00002") };
  const first = { ...deliver, records: [{ ...report, linkId }] };
  await sendMessage("90 days of counts are kept", "00004", first);
  await sendMessage("the same request again is answered as before", "00004", first);
  await sendMessage("each record is answered by itself", "00005", {
    ...deliver,
    follows: follows("00002", "00004"),
    records: [
      { ...report, linkId: "unknown-link-0001" },
      { ...report, linkId, login: "octocat" },
      { type: "forget", linkId },
      { ...report, linkId, counts: [65_536] },
      { ...report, linkId, first: "2026-02-30" },
      { ...report, linkId, first: "2026-03-04" as CalendarDate, counts: [1] },
      { ...report, linkId: anotherLinkId, counts: [0] },
      { ...report, linkId: anotherLinkId, counts: [1] },
      { type: "hold", linkId, choice: 1 },
      { type: "hold", linkId: "unknown-link-0002", choice: 1 },
    ],
  });
  await sendMessage("every link was reported or held", "00006", {
    type: "complete",
    sessionId,
    follows: follows("00005"),
    heardTo: null,
  });
  await sendMessage("a user opts out: the counts are deleted, with a receipt", "00007", {
    ...deliver,
    follows: follows("00006"),
    records: [
      { type: "withdraw", linkId, choice: 1 },
      { type: "withdraw", linkId: "unknown-link-0001", choice: 1 },
    ],
  });
  await sendMessage(
    "a withdrawal again gets the first receipt, and no report of the link comes with it",
    "00008",
    {
      ...deliver,
      follows: follows("00007"),
      records: [
        { type: "withdraw", linkId, choice: 1 },
        { ...report, linkId },
      ],
    },
  );
  await sendMessage("a report of the ended choice gets the receipt, too", "00031", {
    ...deliver,
    follows: follows("00008"),
    records: [{ ...report, linkId }],
  });
  await sendMessage("the user opts in again: the next choice is kept", "00032", {
    ...deliver,
    follows: follows("00031"),
    records: [{ ...report, linkId, choice: 2 }],
  });
  await sendMessage("a late withdrawal of the first choice leaves it", "00033", {
    ...deliver,
    follows: follows("00032"),
    records: [{ type: "withdraw", linkId, choice: 1 }],
  });
  await sendMessage("the user disconnects: the link itself ends", "00034", {
    ...deliver,
    follows: follows("00033"),
    records: [{ type: "withdraw", linkId, choice: null }],
  });
  const entryId = await sendMessage("a sync ends, and is told what was deleted", "00029", {
    type: "complete",
    sessionId,
    follows: follows("00034"),
    heardTo: null,
  });
  await sendMessage("what was heard is not told again", "00030", {
    type: "complete",
    sessionId,
    follows: follows("00029"),
    heardTo: { position: 2, entryId },
  });
  await sendMessage(
    "a request that follows none of the session's: no report is applied, a withdrawal is",
    "00009",
    {
      ...deliver,
      follows: follows("00001"),
      records: [
        { ...report, linkId },
        { type: "withdraw", linkId: anotherLinkId, choice: null },
      ],
    },
  );
  await sendMessage("nor is it complete", "00010", {
    type: "complete",
    sessionId,
    follows: follows("00001"),
    heardTo: null,
  });
  await sendMessage("a session that does not stand is not replaced", "00011", {
    type: "attach",
    replaces: vacant,
    featureSwitch: { epoch: 1, status: "on" },
  });
  await sendMessage("a redemption of a link that has ended says so", "00027", {
    type: "redeem",
    attempt,
    code,
  });
  await sendMessage("the owner disables the feature", "00012", { type: "disable", epoch: 1 });
  await sendMessage("no attempt is taken while it is off", "00028", {
    type: "push",
    attempt: "attempt-too-late-1",
  });
  await sendMessage("a version that is not spoken is told the range that is", "00013", {
    version: 2,
    type: "enable",
    after: 1,
  });
  await sendMessage("a key too many", "00014", { type: "enable", after: 1, login: "octocat" });
  await sendMessage("a type that is none", "00015", { type: "forget" });
  await sendMessage("more than 1,000 records", "00016", { ...deliver, records: Array(1_001).fill({}) });
  await sendMessage(
    "an installation that nobody has registered is registered by its first message, switched off",
    "00017",
    { type: "disable", epoch: 0 },
    "server-2",
  );
  await sendMessage("an epoch that cannot have been minted", "00018", {
    type: "attach",
    replaces: sessionId,
    featureSwitch: { epoch: 3, status: "on" },
  });
  await sendMessage("nor can the one after it be minted", "00035", { type: "enable", after: 3 });
  await send("JSON that is no message", { body: "[]" });
  await send("no JSON", { body: '{"version":1' });
  await send("a key twice", { body: '{"version":1,"version":1}' });
  await send("17 levels", { body: `${"[".repeat(17)}${"]".repeat(17)}` });
  await send("no gzip", { headers: { "content-encoding": "gzip" }, body: "{}" });
  await send("another encoding", { headers: { "content-encoding": "br" }, body: "{}" });
  await send("another type", { headers: { "content-type": "text/plain" }, body: "{}" });
  await send("another method", { method: "GET", body: "" });
  await send("another path", { path: "/", body: "{}" });

  return {
    about:
      "Play the steps in their order against a fresh receiver whose clock stands at `now`, and compare. `host` is an " +
      "act of the cloud's own pages. A receiver mints its own ids: put them in place of those of `minted`. A `signature` " +
      "is over such ids, by `receiptKey`: compare what it states, or leave it out if yours signs none. A released " +
      "vector never changes, except the end of `supported`, which grows with new versions.",
    protocolVersion: PROTOCOL_VERSION,
    now: VECTORS_NOW,
    receiptKey: RECEIPT_KEY,
    steps,
  };
}

/** Returns the request that does what a page of the cloud does. */
export function hostRequest(origin: string, step: HostStep): Request {
  return new Request(origin + HOST_PATH, { method: "POST", body: JSON.stringify(step) });
}

/** Returns the request of a vector, as it is sent to a cloud at an origin. */
export function vectorRequest(origin: string, vector: VectorRequest): Request {
  const { installation, method, path, body } = vector;
  const headers = { ...vector.headers, [INSTALLATION_HEADER]: installation };
  const bytes =
    typeof body === "string" ? body : Uint8Array.from(atob(body.base64), (byte) => byte.charCodeAt(0));
  return new Request(origin + path, { method, headers, ...(method === "GET" ? {} : { body: bytes }) });
}

/** Returns the parts of an answer that a vector holds, and all of its text. */
export async function readVectorAnswer(
  answered: Response,
): Promise<VectorAnswer & { readonly text: string }> {
  const text = await answered.text();
  const shown = [...answered.headers].filter(([name]) => SHOWN_HEADERS.includes(name));
  return {
    status: answered.status,
    headers: Object.fromEntries(shown),
    ...(answered.status === 200 ? { body: text } : { problem: JSON.parse(text).type }),
    text,
  };
}
