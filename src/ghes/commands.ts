import { err, ok, type Result } from "neverthrow";
import * as z from "zod";
import {
  type AttemptId,
  type Instant,
  type InvalidIdentifier,
  isHostId,
  isInstant,
  isOpaqueId,
  parseUserId,
  type UserId,
} from "../domain/identifiers.ts";
import { isSignalOption } from "../domain/in-time.ts";
import type { SyncOptions } from "./options.ts";
import type { SettingsCommand } from "./settings.ts";
import type { UserLinkCommand } from "./user-link.ts";

/** A command is malformed, and nothing was changed. The error never repeats the input. */
export interface InvalidCommand {
  readonly type: "invalid-command";
  /** The field that is wrong, such as `by.userId`. It is empty if the command as a whole is wrong. */
  readonly field: string;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const MAX_URL_LENGTH = 2_048;

// Each text has one check, and its bounds come first. After a failed bound zod still runs a regular expression, over
// any length of text.
function isSubdomain(value: unknown): boolean {
  return typeof value === "string" && value.length <= 63 && SUBDOMAIN.test(value);
}

function isUrl(value: unknown): boolean {
  return typeof value === "string" && value.length <= MAX_URL_LENGTH && /^https?:\/\/[!-~]+$/.test(value);
}

const userId = z.custom<UserId>(isHostId);
const at = z.custom<Instant>(isInstant);
const attempt = z.custom<AttemptId>(isOpaqueId);
const by = z.strictObject({ userId, isEnterpriseOwner: z.boolean() });
const terms = z.discriminatedUnion("isAccepted", [
  z.strictObject({ isAccepted: z.literal(true) }),
  z.strictObject({ isAccepted: z.literal(false), url: z.custom<string>(isUrl) }),
]);
const platform = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("github.com") }),
  z.strictObject({
    type: z.literal("ghe.com"),
    subdomain: z.custom<string>(isSubdomain),
  }),
]);

const settingsCommand = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("connect"), by, at, platform, isCloudOwner: z.boolean() }),
  z.strictObject({ type: z.literal("disconnect"), by, at }),
  z.strictObject({ type: z.literal("enable"), by, at, terms }),
  z.strictObject({ type: z.literal("disable"), by, at }),
]);

const byUser = { by: userId, at };
const userLinkCommand = z.discriminatedUnion("type", [
  z.strictObject({ ...byUser, type: z.literal("cancel-connecting"), attempt }),
  z.strictObject({ ...byUser, type: z.literal("opt-in") }),
  z.strictObject({ ...byUser, type: z.literal("opt-out") }),
  z.strictObject({ ...byUser, type: z.literal("disconnect") }),
  z.strictObject({
    type: z.literal("end"),
    at,
    // Only the receiver's answers say the other reasons: they end a link without withdrawing it.
    reason: z.enum(["authorization-revoked", "account-deleted", "user-suspended", "user-deleted"]),
  }),
]);

/** Reads a command about the enterprise's settings. Returns it, or says which field is wrong. */
export function parseSettingsCommand(input: unknown): Result<SettingsCommand, InvalidCommand> {
  return read(settingsCommand, input, "`connect`, `disconnect`, `enable` or `disable`");
}

/** Reads a command about a user's link. Returns it, or says which field is wrong. */
export function parseUserLinkCommand(input: unknown): Result<UserLinkCommand, InvalidCommand> {
  return read(userLinkCommand, input, "`cancel-connecting`, `opt-in`, `opt-out`, `disconnect` or `end`");
}

function read<Command>(
  schema: z.ZodType<Command>,
  input: unknown,
  types: string,
): Result<Command, InvalidCommand> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return ok(parsed.data);
  // A path is made of this schema's own keys. The messages of zod could repeat the input.
  const field = parsed.error.issues
    .slice(0, 1)
    .flatMap(({ path }) => path)
    .join(".");
  return err({ type: "invalid-command", field, message: messageAbout(field, types) });
}

/** A sentence for each field of a command that says what the field has to be. */
const EXPECTED: Readonly<Record<string, string>> = {
  at: "milliseconds since 1970 as a whole number, not a Date",
  by: "who asks: the user's id, or for settings an object of `userId` and `isEnterpriseOwner`",
  "by.userId": "a user's id of 1 to 255 characters without control characters",
  "by.isEnterpriseOwner": "true or false",
  attempt: "the attempt that `connect` has answered",
  reason: "`authorization-revoked`, `account-deleted`, `user-suspended` or `user-deleted`",
  terms: "an object of `isAccepted` and, only if that is false, `url`",
  "terms.isAccepted": "true or false",
  "terms.url": "an http or https address of at most 2,048 visible ASCII characters",
  platform: "an object of `type` and, only for ghe.com, `subdomain`",
  "platform.type": "`github.com` or `ghe.com`",
  "platform.subdomain": "1 to 63 of a–z, 0–9 and hyphens, with no hyphen at either end",
  isCloudOwner: "true or false",
};

function messageAbout(field: string, types: string): string {
  const expected = field === "type" ? types : EXPECTED[field];
  return expected === undefined
    ? "The command has to be an object with the keys of its type, and no other key."
    : `The command's field \`${field}\` has to be ${expected}.`;
}

/** The options of a sync are malformed, and nothing was done. */
export interface InvalidOptions {
  readonly type: "invalid-options";
  readonly field: "options" | "before" | keyof SyncOptions;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** Checks the options of a sync. Returns them, or says which option is wrong. */
export function parseSyncOptions(options: SyncOptions): Result<SyncOptions, InvalidOptions> {
  if (typeof options !== "object" || options === null) return invalid("options", "an object");
  const { scope, signal, onProgress } = options;
  if (scope !== undefined && scope !== "everything" && scope !== "deletions") {
    return invalid("scope", '"everything" or "deletions"');
  }
  if (!isSignalOption(signal)) return invalid("signal", "an AbortSignal");
  if (onProgress !== undefined && typeof onProgress !== "function")
    return invalid("onProgress", "a function");
  return ok(options);
}

/** Checks the instant before which entries are removed. Returns it, or says what is wrong. */
export function parseBefore(before: Instant): Result<Instant, InvalidOptions> {
  if (isInstant(before)) return ok(before);
  return err({
    type: "invalid-options",
    field: "before",
    message: "`before` has to be a whole number of milliseconds since 1970, not a Date.",
  });
}

function invalid(field: InvalidOptions["field"], rule: string): Result<never, InvalidOptions> {
  return err({ type: "invalid-options", field, message: `\`${field}\` has to be ${rule}, or be left out.` });
}

/** Checks a list of users. Returns it, or says which id is wrong. Anything but an array fails as an invalid user. */
export function parseUsers(users: readonly UserId[]): Result<readonly UserId[], InvalidIdentifier> {
  for (const user of Array.isArray(users) ? users : [null]) {
    const parsed = parseUserId(user);
    if (parsed.isErr()) return err(parsed.error);
  }
  return ok(users);
}
