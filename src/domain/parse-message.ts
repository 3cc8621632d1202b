import { err, ok, type Result } from "neverthrow";
import * as z from "zod";
import type { RecordRefusal, RejectionReason } from "./answer.ts";
import { CONTRIBUTION_SOURCE } from "./contribution-payload.ts";
import { isOpaqueId, type RequestId } from "./identifiers.ts";
import {
  type DeliverMessage,
  type DeliveryRecord,
  MAX_RECORDS,
  type Message,
  PROTOCOL_VERSION,
} from "./message.ts";
import {
  attempt,
  choice,
  code,
  counts,
  date,
  epoch,
  featureSwitch,
  follows,
  isRecord,
  ledgerPlace,
  linkId,
  requestId,
  sessionId,
  unreadRecords,
  version,
} from "./wire-schema.ts";

/** A `deliver` whose records have not been read yet. */
export interface UnreadDelivery extends Omit<DeliverMessage, "records"> {
  readonly records: readonly unknown[];
}

/** A message with a valid envelope. Read the records of a `deliver` one by one with {@link parseRecord}. */
export type UnreadMessage = Exclude<Message, DeliverMessage> | UnreadDelivery;

/** The refusal of a message that was not understood as a whole. */
export interface MessageRejection {
  readonly reason: RejectionReason;
  /** The id of the request, or null if it cannot be read. */
  readonly requestId: RequestId | null;
}

/**
 * The schema of each type of message. It does not look into the records of a `deliver`.
 *
 * @internal
 */
export const messages: {
  readonly [Type in Message["type"]]: z.ZodType<Extract<UnreadMessage, { type: Type }>>;
} = {
  attach: z.strictObject({
    version,
    type: z.literal("attach"),
    requestId,
    replaces: sessionId.nullable(),
    featureSwitch,
  }),
  enable: z.strictObject({ version, type: z.literal("enable"), requestId, after: epoch }),
  disable: z.strictObject({ version, type: z.literal("disable"), requestId, epoch }),
  deliver: z.strictObject({
    version,
    type: z.literal("deliver"),
    requestId,
    sessionId: sessionId.nullable(),
    follows,
    records: unreadRecords,
  }),
  complete: z.strictObject({
    version,
    type: z.literal("complete"),
    requestId,
    sessionId,
    follows,
    heardTo: ledgerPlace.nullable(),
  }),
  push: z.strictObject({ version, type: z.literal("push"), requestId, attempt }),
  redeem: z.strictObject({ version, type: z.literal("redeem"), requestId, attempt, code }),
};

/**
 * The schema of each type of record.
 *
 * @internal
 */
export const records: {
  readonly [Type in DeliveryRecord["type"]]: z.ZodType<Extract<DeliveryRecord, { type: Type }>>;
} = {
  report: z.strictObject({
    type: z.literal("report"),
    linkId,
    choice,
    source: z.literal(CONTRIBUTION_SOURCE),
    first: date,
    counts,
  }),
  hold: z.strictObject({ type: z.literal("hold"), linkId, choice }),
  withdraw: z.strictObject({ type: z.literal("withdraw"), linkId, choice: choice.nullable() }),
};

/**
 * Returns the message in what came over the wire, or the reason to reject it.
 *
 * An unexpected key rejects the message; its value is neither read nor repeated. A value that throws when it is read,
 * which JSON cannot produce, is malformed.
 */
export function parseMessage(input: unknown): Result<UnreadMessage, MessageRejection> {
  try {
    return readMessage(input);
  } catch {
    return err({ reason: "malformed-message", requestId: null });
  }
}

function readMessage(input: unknown): Result<UnreadMessage, MessageRejection> {
  const refuse = (reason: RejectionReason): Result<never, MessageRejection> =>
    err({
      reason,
      requestId: isRecord(input) && isOpaqueId(input["requestId"]) ? (input["requestId"] as RequestId) : null,
    });

  if (!isRecord(input)) return refuse("malformed-message");
  // The version comes first, because other versions have other keys and types.
  if (Number.isInteger(input["version"]) && input["version"] !== PROTOCOL_VERSION)
    return refuse("unsupported-version");
  const type = input["type"];
  if (typeof type !== "string" || !Object.hasOwn(messages, type)) return refuse("malformed-message");

  const parsed = messages[type as Message["type"]].safeParse(input);
  if (!parsed.success) return refuse(hasUnexpectedKey(parsed.error) ? "unexpected-key" : "malformed-message");
  if (parsed.data.type !== "deliver") return ok(parsed.data);
  if (parsed.data.records.length > MAX_RECORDS) return refuse("too-many-records");
  // Each entry is read once here. If one throws, nothing has been done yet.
  return ok({ ...parsed.data, records: [...parsed.data.records] });
}

/** Returns one record of a `deliver`, or the name of the refusal of this record alone (R13). */
export function parseRecord(input: unknown): Result<DeliveryRecord, RecordRefusal> {
  try {
    return readRecord(input);
  } catch {
    return err("malformed-record");
  }
}

function readRecord(input: unknown): Result<DeliveryRecord, RecordRefusal> {
  if (!isRecord(input)) return err("malformed-record");
  const type = input["type"];
  if (typeof type !== "string") return err("malformed-record");
  if (!Object.hasOwn(records, type)) return err("unknown-type");
  const parsed = records[type as DeliveryRecord["type"]].safeParse(input);
  if (parsed.success) return ok(parsed.data);
  return err(hasUnexpectedKey(parsed.error) ? "unexpected-key" : "malformed-record");
}

function hasUnexpectedKey(error: z.ZodError): boolean {
  return error.issues.some((issue) => issue.code === "unrecognized_keys");
}
