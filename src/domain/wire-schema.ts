import * as z from "zod";
import { type CalendarDate, isCalendarDate } from "./calendar-date.ts";
import { MAX_CHOICES } from "./choice.ts";
import { isCounts } from "./contribution-window.ts";
import { type FeatureSwitch, MAX_EPOCH } from "./feature-switch.ts";
import {
  type AttemptId,
  type ConsentCode,
  type Instant,
  isInstant,
  isOpaqueId,
  type LinkId,
  type RequestId,
  type SessionId,
} from "./identifiers.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import { MAX_FOLLOWED, PROTOCOL_VERSION } from "./message.ts";
import { isReceiptSignature } from "./receipt.ts";

// Each scalar is one hand-written check. Running zod over 90 numbers per link costs ten times their `JSON.parse`, and
// collects an issue for each number of a hostile batch.
export const linkId: z.ZodType<LinkId> = z.custom<LinkId>(isOpaqueId);
export const sessionId: z.ZodType<SessionId> = z.custom<SessionId>(isOpaqueId);
export const requestId: z.ZodType<RequestId> = z.custom<RequestId>(isOpaqueId);
export const attempt: z.ZodType<AttemptId> = z.custom<AttemptId>(isOpaqueId);
export const code: z.ZodType<ConsentCode> = z.custom<ConsentCode>(isOpaqueId);
export const date: z.ZodType<CalendarDate> = z.custom<CalendarDate>(isCalendarDate);
export const instant: z.ZodType<Instant> = z.custom<Instant>(isInstant);
export const receiptSignature: z.ZodType<string> = z.custom<string>(isReceiptSignature);
export const counts: z.ZodType<readonly number[]> = z.custom<readonly number[]>(isCounts);
export const choice: z.ZodType<number> = z.int().min(1).max(MAX_CHOICES);
export const epoch: z.ZodType<number> = z.int().min(0).max(MAX_EPOCH);
export const follows: z.ZodType<readonly RequestId[]> = z.custom<readonly RequestId[]>(
  (value) => Array.isArray(value) && value.length <= MAX_FOLLOWED && Array.from(value).every(isOpaqueId),
);
export const entryId: z.ZodType<string> = z.custom<string>(isOpaqueId);
export const ledgerPlace: z.ZodType<LedgerPlace> = z.strictObject({ position: z.int().min(1), entryId });
export const unreadRecords: z.ZodType<readonly unknown[]> = z.custom<readonly unknown[]>(Array.isArray);
export const version: z.ZodType<typeof PROTOCOL_VERSION> = z.literal(PROTOCOL_VERSION);
export const featureSwitch: z.ZodType<FeatureSwitch> = z
  .strictObject({ epoch, status: z.enum(["on", "off"]) })
  .refine((state) => state.epoch > 0 || state.status === "off");

/** Whether a value is an object whose own keys can be looked at. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
