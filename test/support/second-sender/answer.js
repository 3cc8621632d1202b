/** @import { Answer, Current, Message, Outcome, Place, Switch } from "./types.d.ts" */

const ID = /^[A-Za-z0-9_-]{16,64}$/;
const MAX_ENDED = 1_000;
const MAX_CHOICES = 1_000;
const MAX_EPOCH = 2_147_483_647;

/** @type {Readonly<Record<Message["type"], readonly string[]>>} */
const ANSWERS = {
  attach: ["attached", "attach-refused"],
  enable: ["switched"],
  disable: ["disabled"],
  deliver: ["delivered", "detached"],
  complete: ["completed", "detached"],
  push: ["pushed", "push-refused"],
  redeem: ["redeemed", "redemption-refused"],
};

/**
 * Reads the answer to a message: null where it is none, which acknowledges nothing.
 *
 * @param {unknown} input
 * @param {Message} message
 * @returns {Answer | null}
 */
export function readAnswer(input, message) {
  const answer = fields(input);
  if (answer?.["version"] !== 1) return null;
  if (answer["type"] === "rejected") return { type: "rejected", reason: String(answer["reason"]) };
  if (answer["requestId"] !== message.requestId) return null;
  if (!ANSWERS[message.type].includes(String(answer["type"]))) return null;
  const featureSwitch = readSwitch(answer["featureSwitch"]);
  if (!featureSwitch) return null;
  const count = message.type === "deliver" ? message.records.length : 0;
  return readBody(answer, featureSwitch, count);
}

/**
 * @param {Record<string, unknown>} answer
 * @param {Switch} featureSwitch
 * @param {number} count how many outcomes there have to be
 * @returns {Answer | null}
 */
function readBody(answer, featureSwitch, count) {
  switch (answer["type"]) {
    case "attached": {
      const sessionId = readId(answer["sessionId"]);
      return sessionId === null ? null : { type: "attached", featureSwitch, sessionId };
    }
    case "attach-refused": {
      const current = readCurrent(answer["current"]);
      return current && { type: "attach-refused", featureSwitch, current };
    }
    case "disabled": {
      const receipt = fields(answer["receipt"]);
      const epoch = readWhole(receipt?.["epoch"]);
      const disabledAt = readWhole(receipt?.["disabledAt"]);
      if (epoch === null || disabledAt === null) return null;
      return { type: "disabled", featureSwitch, receipt: { epoch, disabledAt } };
    }
    case "delivered": {
      const outcomes = readOutcomes(answer["outcomes"], count);
      return outcomes && { type: "delivered", featureSwitch, outcomes };
    }
    case "detached": {
      const outcomes = readOutcomes(answer["outcomes"], count);
      const current = readCurrent(answer["current"]);
      return outcomes && current && { type: "detached", featureSwitch, current, outcomes };
    }
    case "redeemed": {
      const linkId = readId(answer["linkId"]);
      const epoch = readWhole(answer["epoch"]);
      return linkId === null || epoch === null ? null : { type: "redeemed", featureSwitch, linkId, epoch };
    }
    case "switched":
    case "pushed":
    case "push-refused":
    case "redemption-refused":
      return { type: answer["type"], featureSwitch };
    default: {
      const ended = readEnded(answer["ended"]);
      const place = readPlace(answer["heardTo"]);
      const hasMore = answer["hasMore"];
      if (!ended || place === undefined || typeof hasMore !== "boolean") return null;
      return { type: "completed", featureSwitch, ended, heardTo: place, hasMore };
    }
  }
}

/**
 * @param {unknown} input
 * @returns {{ linkId: string, choice: number | null, receipt: unknown }[] | null}
 */
function readEnded(input) {
  if (!Array.isArray(input) || input.length > MAX_ENDED) return null;
  const ended = input.flatMap((each) => {
    const linkId = readId(fields(each)?.["linkId"]);
    const choice = readChoice(fields(each)?.["choice"]);
    const receipt = fields(fields(each)?.["receipt"]);
    return linkId !== null && choice !== undefined && receipt && readWhole(receipt["deletedAt"]) !== null
      ? [{ linkId, choice, receipt }]
      : [];
  });
  return ended.length === input.length ? ended : null;
}

/**
 * Reads a place, or null; undefined where it is neither.
 *
 * @param {unknown} input
 * @returns {Place | null | undefined}
 */
function readPlace(input) {
  if (input === null) return null;
  const position = readWhole(fields(input)?.["position"]);
  const entryId = readId(fields(input)?.["entryId"]);
  return position === null || entryId === null ? undefined : { position, entryId };
}

/**
 * @param {unknown} input
 * @param {number} count
 * @returns {Outcome[] | null}
 */
function readOutcomes(input, count) {
  if (!Array.isArray(input) || input.length !== count) return null;
  const outcomes = input.map(readOutcome);
  return outcomes.every((outcome) => outcome !== null) ? outcomes : null;
}

/**
 * @param {unknown} input
 * @returns {Outcome | null}
 */
function readOutcome(input) {
  const outcome = fields(input);
  switch (outcome?.["type"]) {
    case "kept":
    case "unknown":
    case "not-applied":
      return { type: outcome["type"] };
    case "ended":
    case "withdrawn": {
      const receipt = fields(outcome["receipt"]);
      if (!receipt || readWhole(receipt["deletedAt"]) === null) return null;
      if (outcome["type"] === "withdrawn") return { type: "withdrawn", receipt };
      const choice = readChoice(outcome["choice"]);
      return choice === undefined ? null : { type: "ended", choice, receipt };
    }
    case "refused":
      return { type: "refused", reason: String(outcome["reason"]) };
    default:
      return null;
  }
}

/**
 * Reads a choice, or null for a link itself; undefined where it is neither.
 *
 * @param {unknown} input
 * @returns {number | null | undefined}
 */
function readChoice(input) {
  if (input === null) return null;
  const choice = readWhole(input);
  return choice !== null && choice >= 1 && choice <= MAX_CHOICES ? choice : undefined;
}

/**
 * @param {unknown} input
 * @returns {Switch | null}
 */
function readSwitch(input) {
  const given = fields(input);
  const epoch = readWhole(given?.["epoch"]);
  const status = given?.["status"];
  if (epoch === null || epoch > MAX_EPOCH) return null;
  if (status === "on") return epoch > 0 ? { epoch, status } : null;
  return status === "off" ? { epoch, status } : null;
}

/**
 * @param {unknown} input
 * @returns {Current | null}
 */
function readCurrent(input) {
  const given = fields(input);
  const id = readId(given?.["id"]);
  const isVacant = given?.["isVacant"];
  return id !== null && typeof isVacant === "boolean" ? { id, isVacant } : null;
}

/**
 * @param {unknown} input
 * @returns {string | null}
 */
function readId(input) {
  return typeof input === "string" && ID.test(input) ? input : null;
}

/**
 * @param {unknown} input
 * @returns {number | null}
 */
function readWhole(input) {
  return typeof input === "number" && Number.isSafeInteger(input) && input >= 0 ? input : null;
}

/**
 * @param {unknown} input
 * @returns {Record<string, unknown> | null}
 */
function fields(input) {
  return typeof input === "object" && input !== null && !Array.isArray(input)
    ? /** @type {Record<string, unknown>} */ (input)
    : null;
}
