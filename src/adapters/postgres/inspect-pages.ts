import { err, ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import {
  type InstallationId,
  type Instant,
  type LinkId,
  parseInstallationId,
  parseLinkId,
  type UserId,
} from "../../domain/identifiers.ts";
import type { InstallationStanding, LoggedInstallationEntry } from "../../ghec/reader.ts";
import type { LoggedAuditEntry, WaitingWithdrawal } from "../../ghes/reader.ts";
import { linkContextOf } from "../../ghes/server-state.ts";
import { type Mistake, mistake } from "./command-connection.ts";
import { type Lines, quoted, timeOf } from "./inspect-text.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import { createPostgresReceiverReader } from "./receiver-reader.ts";
import { createPostgresSenderReader } from "./sender-reader.ts";

/** The options of a page. */
export interface PageOptions {
  /** The value of `--after`, which the page before has printed. */
  readonly after?: string | undefined;
  /** The value of `--limit`. */
  readonly limit?: string | undefined;
}

/** A page for programs. */
interface Page<Item> {
  readonly items: readonly Item[];
  /** The `--after` of the next page, or null if this page is the last. */
  readonly next: string | null;
}

/** The page and its lines. */
interface FoundPage {
  readonly value: Page<unknown>;
  readonly lines: Lines;
}

/** Reads a page from a database. */
export type LookAtPage = (options: PostgresOptions) => ResultAsync<FoundPage, StorageFault | Mistake>;

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;
const NOT_AFTER = mistake("--after has to be what the page before has printed as its last line.");

/** Returns a look at the installations, in the order of their ids. */
export function lookAtInstallations({ after, limit }: PageOptions): Result<LookAtPage, Mistake> {
  return limitIn(limit).andThen((most) =>
    (after === undefined ? ok(null) : parseInstallationId(after).mapErr(() => NOT_AFTER)).map(
      (behind): LookAtPage =>
        (options) =>
          createPostgresReceiverReader(options)
            .loadInstallations({ after: behind, limit: most + 1 })
            .map(
              paged(
                most,
                ({ installation }) => installation,
                installationLine,
                "No installation is registered.",
              ),
            ),
    ),
  );
}

/** Returns a look at the withdrawals that wait, in the order in which the sender asks for them. */
export function lookAtWithdrawals({ after, limit }: PageOptions): Result<LookAtPage, Mistake> {
  return limitIn(limit).andThen((most) =>
    withdrawalIn(after).map(
      (behind): LookAtPage =>
        (options) => {
          const reader = createPostgresSenderReader(options);
          return reader.loadServer().andThen((server) => {
            const { connectionOrdinal } = linkContextOf(server);
            const found =
              connectionOrdinal === null
                ? okAsync([])
                : reader.loadWithdrawals({ connectionOrdinal, after: behind, limit: most + 1 });
            return found.map(
              paged(
                most,
                ({ nextAskAt, linkId }) => `${nextAskAt}:${linkId}`,
                withdrawalLine,
                "No withdrawal waits.",
              ),
            );
          });
        },
    ),
  );
}

/** Returns a look at the audit log of a server, or of one user of it, the oldest entry first. */
export function lookAtAudit(user: UserId | null, page: PageOptions): Result<LookAtPage, Mistake> {
  return lookAtLog(page, auditLine, (options, query) =>
    createPostgresSenderReader(options).loadAudit({ user, ...query }),
  );
}

/** Returns a look at the audit log of an installation, the oldest entry first. */
export function lookAtInstallationAudit(
  installation: InstallationId,
  page: PageOptions,
): Result<LookAtPage, Mistake> {
  return lookAtLog(page, installationAuditLine, (options, query) =>
    createPostgresReceiverReader(options).loadAudit({ installation, ...query }),
  );
}

/** Returns a look at a page of a log whose entries have ascending numbers. */
function lookAtLog<Entry extends { readonly id: number }>(
  { after = "0", limit }: PageOptions,
  lineOf: (entry: Entry) => string,
  load: (
    options: PostgresOptions,
    query: { readonly after: number; readonly limit: number },
  ) => ResultAsync<readonly Entry[], StorageFault>,
): Result<LookAtPage, Mistake> {
  return limitIn(limit).andThen((most) => {
    if (!/^\d{1,15}$/.test(after)) return err(NOT_AFTER);
    const pageOf = paged(most, ({ id }: Entry) => `${id}`, lineOf, "The audit log has no entry here.");
    return ok<LookAtPage>((options) => load(options, { after: Number(after), limit: most + 1 }).map(pageOf));
  });
}

/** Returns the first `most` items with their lines, and a line for the next page if there is one more item. */
function paged<Item>(
  most: number,
  placeOf: (item: Item) => string,
  lineOf: (item: Item) => string,
  none: string,
): (found: readonly Item[]) => FoundPage {
  return (found) => {
    const items = found.slice(0, most);
    const last = items.at(-1);
    const next = last !== undefined && found.length > most ? placeOf(last) : null;
    const lines = items.length === 0 ? [none] : items.map(lineOf);
    return {
      value: { items, next },
      lines: next === null ? lines : [...lines, `Next page: --after ${next}`],
    };
  };
}

function limitIn(limit: string | undefined): Result<number, Mistake> {
  if (limit === undefined) return ok(DEFAULT_LIMIT);
  const most = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  return most >= 1 && most <= MAX_LIMIT
    ? ok(most)
    : err(mistake("--limit has to be a whole number from 1 to 1,000."));
}

function withdrawalIn(
  after: string | undefined,
): Result<{ readonly nextAskAt: Instant; readonly linkId: LinkId } | null, Mistake> {
  if (after === undefined) return ok(null);
  const [, nextAskAt, linkId] = /^(\d{1,15}):(.+)$/.exec(after) ?? [];
  return parseLinkId(linkId)
    .map((id) => ({ nextAskAt: Number(nextAskAt) as Instant, linkId: id }))
    .mapErr(() => NOT_AFTER);
}

function installationLine({
  installation,
  isConnected,
  featureSwitch,
  session,
}: InstallationStanding): string {
  const { epoch, status } = featureSwitch;
  const connected = isConnected ? "connected" : "not connected";
  const switched = epoch === 0 ? "never switched on" : `${status} in epoch ${epoch}`;
  return `${quoted(installation)}: ${connected}, ${switched}, ${session.isAttached ? "a server holds" : "no server holds"} the session.`;
}

function withdrawalLine({ user, requestedAt, nextAskAt, hasReceipt }: WaitingWithdrawal): string {
  const named = user === null ? "A forgotten user" : quoted(user);
  const asked = nextAskAt === 0 ? "with the next sync" : `at ${timeOf(nextAskAt)}`;
  const receipt = hasReceipt
    ? "the receipt is here, and is asked for once more"
    : "no receipt yet, asked for";
  return `${named}: withdrawn at ${timeOf(requestedAt)}, ${receipt} ${asked}.`;
}

function auditLine({ id, entry: { action, actor, user, createdAt } }: LoggedAuditEntry): string {
  const by = actor === null ? "the host or the cloud" : quoted(actor);
  const of = user === null ? "" : `, of ${quoted(user)}`;
  return `${id}  ${timeOf(createdAt)}  ${action}, by ${by}${of}`;
}

function installationAuditLine({ id, entry }: LoggedInstallationEntry): string {
  const { action, actor, epoch, createdAt } = entry;
  return `${id}  ${timeOf(createdAt)}  ${action}, by the ${actor}, in epoch ${epoch}`;
}
