import type { TransportFault, TransportFaultReason } from "../../domain/fault.ts";
import { PROBLEMS, type ProblemCode } from "./problem.ts";

type Words = readonly [reason: TransportFaultReason, message: string];

/** Returns a fault with the time that the other side asked to wait. */
export function faultOf([reason, message]: Words, retryAfterMs: number | null = null): TransportFault {
  return { type: "transport-fault", reason, retryAfterMs, message };
}

export const ABORTED: Words = ["aborted", "The signal ended the request before its answer came."];
export const TIMED_OUT: Words = [
  "timed-out",
  "No answer came in time: check the connection to GitHub Enterprise Cloud, and any proxy on the way.",
];
export const NOT_SIGNED: Words = [
  "unauthenticated",
  "The request could not be signed, so it was not sent: check the server's key.",
];
export const NOT_THE_CLOUDS: Words = [
  "untrusted",
  "The answer is not signed with a key of GitHub Enterprise Cloud that this server knows. Look for a proxy on the way " +
    "that makes or changes answers, and compare the keys.",
];
export const CUT_OFF: Words = [
  "incomplete-answer",
  "The answer broke off: check the connection, and any proxy on the way.",
];
export const TOO_LARGE: Words = [
  "malformed-answer",
  "The answer is larger than any answer of a receiver: check that the address leads to one.",
];
export const NOT_JSON: Words = [
  "malformed-answer",
  "The answer is not JSON: check that the address leads to a receiver and not to a proxy.",
];

/** The problems that are more than a refusal of the request as it is. */
const REASONS: { readonly [Code in ProblemCode]?: TransportFaultReason } = {
  "not-found": "malformed-answer",
  "body-timeout": "timed-out",
  "body-incomplete": "unreachable",
  "authentication-required": "unauthenticated",
  "authentication-failed": "unauthenticated",
  "signature-invalid": "unauthenticated",
  "signature-malformed": "unauthenticated",
  "signature-insufficient": "unauthenticated",
  "signature-replayed": "unauthenticated",
  "algorithm-refused": "unauthenticated",
  "content-digest-mismatch": "unauthenticated",
  "installation-refused": "unauthenticated",
  "signature-expired": "clock-skewed",
  "signature-not-yet-valid": "clock-skewed",
  "unknown-key": "unknown-key",
  "wrong-audience": "wrong-audience",
  "too-many-requests": "busy",
  "internal-error": "outcome-unknown",
  "authentication-unavailable": "busy",
  "receiver-unavailable": "busy",
  "outcome-unknown": "outcome-unknown",
  "shutting-down": "busy",
};

/** Returns the words for a receiver's own refusal. They repeat nothing of the answer. */
export function wordsOfProblem(code: ProblemCode): Words {
  const { title, detail } = PROBLEMS[code];
  return [REASONS[code] ?? "refused", `${title}. ${detail.replaceAll("`", "")}`];
}

/** Returns the words for an answer by its status alone, from a receiver's framework or from something before it. */
export function wordsOfStatus(status: number, isHtml: boolean): Words {
  const who = isHtml ? `A web page answered (status ${status})` : `Something answered with status ${status}`;
  if (status === 407)
    return ["refused", "The proxy wants credentials: give them to the server's proxy settings."];
  if (status === 401 || status === 403)
    return [
      "unauthenticated",
      `${who}: check the server's credentials, and whether a proxy stands in between.`,
    ];
  if (status === 429 || status >= 500)
    return ["busy", `${who}: GitHub Enterprise Cloud, or a proxy before it, asks to come later.`];
  if (status >= 300 && status < 400)
    return ["malformed-answer", `${who}, a redirection, which is not followed: give the final address.`];
  if (status === 413)
    return ["refused", `${who}: a proxy on the way refuses requests of up to 1 MiB. Raise its limit.`];
  return [
    "malformed-answer",
    `${who}, not a receiver: check the address, and whether a proxy or a sign-in page stands in between.`,
  ];
}

const TIMEOUT = /TIMEDOUT|_TIMEOUT/;
const TLS = /CERT|TLS|SSL|EPROTO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/;
const NO_NAME = /ENOTFOUND|EAI_AGAIN/;
/** Platforms without codes, such as Deno, say it in words that include the address. No word of theirs is repeated. */
const TLS_IN_WORDS = /peer certificate|corrupt message|TLS handshake/i;
const NO_NAME_IN_WORDS = /dns error/;

/** Returns the words for a request that got no answer, by the value that `fetch` rejected with. */
export function wordsOfRejection(error: unknown): Words {
  const { codes, texts } = chainOf(error);
  if (TIMEOUT.test(codes)) return TIMED_OUT;
  if (TLS.test(codes) || TLS_IN_WORDS.test(texts))
    return [
      "untrusted",
      "TLS failed: the certificate is not trusted here, has expired or is for another name. If a proxy inspects " +
        "TLS or the authority is private, give its certificate to the server.",
    ];
  if (NO_NAME.test(codes) || NO_NAME_IN_WORDS.test(texts))
    return ["unreachable", "The name in the address cannot be resolved: check the address, and the DNS."];
  return [
    "unreachable",
    "No connection, or it was cut before an answer came: check the network, the firewall and the proxy.",
  ];
}

const MAX_CHAIN = 5;

/** Returns the codes and the texts of an error and of its causes. */
function chainOf(error: unknown): { readonly codes: string; readonly texts: string } {
  const codes: string[] = [];
  const texts: string[] = [];
  let cause = error;
  for (let depth = 0; depth < MAX_CHAIN && typeof cause === "object" && cause !== null; depth++) {
    if ("code" in cause && typeof cause.code === "string") codes.push(cause.code);
    if ("message" in cause && typeof cause.message === "string") texts.push(cause.message);
    cause = "cause" in cause ? cause.cause : null;
  }
  return { codes: codes.join(" "), texts: texts.join(" ") };
}
