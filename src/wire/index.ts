/**
 * The words of the wire: messages, answers, the functions that read them, and their limits.
 *
 * @packageDocumentation
 */

export { type Answer, MAX_ENDED, type RecordOutcome } from "../domain/answer.ts";
export { MAX_EPOCH } from "../domain/feature-switch.ts";
export { parseRequestId, parseSessionId, type RequestId, type SessionId } from "../domain/identifiers.ts";
export {
  type DeliveryRecord,
  MAX_FOLLOWED,
  MAX_RECORDS,
  type Message,
  PROTOCOL_VERSION,
} from "../domain/message.ts";
export { parseAnswer } from "../domain/parse-answer.ts";
export { parseMessage, parseRecord } from "../domain/parse-message.ts";
export type { ReceiptStatement } from "../domain/receipt-statement.ts";
