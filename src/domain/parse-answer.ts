import { err, ok, type Result } from "neverthrow";
import * as z from "zod";
import {
  type Answer,
  type DeliveredAnswer,
  type DetachedAnswer,
  MAX_ENDED,
  type RecordOutcome,
} from "./answer.ts";
import type { TransportFault } from "./fault.ts";
import { MAX_RECORDS, type Message } from "./message.ts";
import {
  choice,
  date,
  epoch,
  featureSwitch,
  instant,
  isRecord,
  ledgerPlace,
  linkId,
  receiptSignature,
  requestId,
  sessionId,
  version,
} from "./wire-schema.ts";

const envelope = { version, requestId, featureSwitch };
const current = z.strictObject({ id: sessionId, isVacant: z.boolean() });
const removed = z.strictObject({ first: date, last: date });
const signature = receiptSignature.exactOptional();
const receipt = z.strictObject({ deletedAt: instant, removed: removed.nullable(), signature });
const outcomes = z
  .array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("kept") }),
      z.strictObject({ type: z.literal("ended"), choice: choice.nullable(), receipt }),
      z.strictObject({ type: z.literal("unknown") }),
      z.strictObject({ type: z.literal("withdrawn"), receipt }),
      z.strictObject({ type: z.literal("not-applied") }),
      z.strictObject({
        type: z.literal("refused"),
        reason: z.enum([
          "malformed-record",
          "unexpected-key",
          "unknown-type",
          "clock-ahead",
          "duplicate-link",
        ]),
      }),
    ]),
  )
  .max(MAX_RECORDS);

/**
 * The schema of each type of answer.
 *
 * @internal
 */
export const answers: { readonly [Type in Answer["type"]]: z.ZodType<Extract<Answer, { type: Type }>> } = {
  attached: z.strictObject({ ...envelope, type: z.literal("attached"), sessionId }),
  "attach-refused": z.strictObject({ ...envelope, type: z.literal("attach-refused"), current }),
  switched: z.strictObject({ ...envelope, type: z.literal("switched") }),
  disabled: z.strictObject({
    ...envelope,
    type: z.literal("disabled"),
    receipt: z.strictObject({ epoch, disabledAt: instant, signature }),
  }),
  delivered: z.strictObject({ ...envelope, type: z.literal("delivered"), outcomes }),
  detached: z.strictObject({ ...envelope, type: z.literal("detached"), current, outcomes }),
  completed: z.strictObject({
    ...envelope,
    type: z.literal("completed"),
    ended: z.array(z.strictObject({ linkId, choice: choice.nullable(), receipt })).max(MAX_ENDED),
    heardTo: ledgerPlace.nullable(),
    hasMore: z.boolean(),
  }),
  pushed: z.strictObject({ ...envelope, type: z.literal("pushed") }),
  "push-refused": z.strictObject({
    ...envelope,
    type: z.literal("push-refused"),
    reason: z.enum(["disabled", "too-many-attempts"]),
  }),
  redeemed: z.strictObject({ ...envelope, type: z.literal("redeemed"), linkId, epoch }),
  "redemption-refused": z.strictObject({
    ...envelope,
    type: z.literal("redemption-refused"),
    reason: z.enum(["no-such-consent", "link-ended"]),
  }),
  rejected: z.strictObject({
    version,
    type: z.literal("rejected"),
    requestId: requestId.nullable(),
    reason: z.enum([
      "malformed-message",
      "unexpected-key",
      "unsupported-version",
      "too-many-records",
      "epoch-too-far",
    ]),
    supported: z.strictObject({ first: z.int().min(1), last: z.int().min(1) }),
  }),
};

const ANSWERS_TO: { readonly [Type in Message["type"]]: readonly Answer["type"][] } = {
  attach: ["attached", "attach-refused", "rejected"],
  enable: ["switched", "rejected"],
  disable: ["disabled", "rejected"],
  deliver: ["delivered", "detached", "rejected"],
  complete: ["completed", "detached", "rejected"],
  push: ["pushed", "push-refused", "rejected"],
  redeem: ["redeemed", "redemption-refused", "rejected"],
};

/**
 * Returns the answer to a message, or a fault of the transport if the input is not that answer.
 *
 * A fault changes nothing: a proxy's page or the answer to another request acknowledges nothing (S3).
 */
export function parseAnswer(message: Message, input: unknown): Result<Answer, TransportFault> {
  const type = isRecord(input) ? input["type"] : undefined;
  if (typeof type !== "string" || !Object.hasOwn(answers, type))
    return err(malformed("is not one of this protocol"));
  if (!ANSWERS_TO[message.type].includes(type as Answer["type"]))
    return err(malformed("does not fit the message"));
  const parsed = answers[type as Answer["type"]].safeParse(input);
  if (!parsed.success) return err(malformed("is not one of this protocol"));
  const answer = parsed.data;
  if (answer.requestId !== message.requestId) return err(malformed("belongs to another request"));
  return "outcomes" in answer && !answersEachRecord(message, answer)
    ? err(malformed("does not answer each record once"))
    : ok(answer);
}

function answersEachRecord(message: Message, { type, outcomes }: DeliveredAnswer | DetachedAnswer): boolean {
  const records = message.type === "deliver" ? message.records : [];
  const reported = type === "delivered" ? REPORTED : NOT_REPORTED;
  return (
    outcomes.length === records.length &&
    records.every((record, index) => {
      const possible = record.type === "withdraw" ? WITHDRAWN : reported;
      return possible.includes((outcomes[index] as RecordOutcome).type);
    })
  );
}

const REPORTED: readonly RecordOutcome["type"][] = ["kept", "ended", "unknown", "not-applied", "refused"];
const NOT_REPORTED: readonly RecordOutcome["type"][] = ["not-applied", "refused"];
const WITHDRAWN: readonly RecordOutcome["type"][] = ["withdrawn", "unknown", "refused"];

function malformed(what: string): TransportFault {
  return {
    type: "transport-fault",
    reason: "malformed-answer",
    retryAfterMs: null,
    message: `The answer ${what}: check that the address leads to a receiver and not to a proxy.`,
  };
}
