import { ok, ResultAsync } from "neverthrow";
import { commitDecision } from "../domain/decision.ts";
import type { Clock } from "../domain/environment.ts";
import { callPort, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import type { Instant, LinkId, UserId } from "../domain/identifiers.ts";
import { callInTime } from "../domain/in-time.ts";
import { dateIn } from "../domain/time-zone.ts";
import { changeLink } from "./commit.ts";
import type { SenderConfiguration } from "./options.ts";
import type { PayloadRefusal } from "./payload.ts";
import type { LinkRecord, SenderStore, SourceFault } from "./ports.ts";
import type { LoggedAuditEntry, SenderReader } from "./reader.ts";
import type { ServerState } from "./server-state.ts";
import type { DeletionStatus } from "./settings-sentences.ts";
import { sharingOf } from "./sharing.ts";
import { readContributions } from "./sync/reading.ts";
import { reportOf } from "./sync/requests.ts";
import { isGivenUpOn } from "./sync/schedule.ts";
import { endLink, type UserLink } from "./user-link.ts";

/**
 * The link in the {@link Preview} of a user who has none yet. GitHub Enterprise Cloud makes a random id when the user
 * connects.
 */
const PREVIEW_LINK: LinkId = "00000000-0000-0000-0000-000000000000" as LinkId;

/** The record that the sender would send about a user. */
export interface Preview {
  /** The record as JSON, byte for byte as a report carries it. Its link is all zeros if the user has none yet. */
  readonly record: string;
  /**
   * Whether the gates are open. If so, the next sync sends the record unless GitHub Enterprise Cloud already has it.
   */
  readonly isSent: boolean;
}

/** Returns the record that a report would carry, from what the source says now. Nothing is stored or sent. */
export function previewOf(
  configuration: SenderConfiguration,
  server: ServerState,
  stored: LinkRecord,
): ResultAsync<Preview, PayloadRefusal | SourceFault> {
  const { clock, timeZone } = configuration;
  const now = clock.now();
  const { link, decision } = sharingOf(server, stored, now);
  const linkId = "consent" in link ? link.consent.linkId : PREVIEW_LINK;
  const choice = choiceOf(link);
  const today = dateIn(timeZone, now);
  const reading = { ...configuration, signal: new AbortController().signal };
  return ResultAsync.fromSafePromise(readContributions(reading, [stored.user], today))
    .andThen(([built]) => built as NonNullable<typeof built>)
    .map(({ payload }) => ({
      record: JSON.stringify(reportOf({ linkId, choice }, payload)),
      isSent: decision.isAllowed,
    }));
}

/** Returns the choice under which a user sends, or would send next. */
function choiceOf(link: UserLink): number {
  if (link.status === "sending") return link.choice;
  return link.status === "connected" ? link.choice + 1 : 1;
}

/** The outcome of forgetting a user. */
export type Forgetting =
  /** The store no longer holds anything that names the user. */
  | { readonly status: "forgotten" }
  /** The deletion of the user's counts is not acknowledged yet. Sync the deletions, then call again. */
  | { readonly status: "waiting"; readonly deletion: DeletionStatus };

/** Ends a user's link. Removes the record once the deletion that this asked for has its receipt (SS13). */
export function forgetUser(
  { store, clock }: Pick<SenderConfiguration, "store" | "clock">,
  server: ServerState,
  user: UserId,
): ResultAsync<Forgetting, StorageFault> {
  const at = clock.now();
  return changeLink<never>(store, server, user, at, ({ link }, context) =>
    ok(endLink(link, { type: "end", at, reason: "user-deleted" }, context)),
  ).andThen(() =>
    commitDecision<LinkRecord, "forget", Forgetting, never>(
      {
        load: () => callPort(() => store.loadLink(user), STORAGE_THREW),
        commit: (_, expectedVersion) =>
          callPort<void, StorageFault | VersionConflict>(
            () => store.forgetUser({ user, expectedVersion }),
            STORAGE_THREW,
          ),
      },
      (record) => {
        const waiting = waitingOf(server, record, at);
        return ok(
          waiting
            ? { write: null, value: { status: "waiting", deletion: waiting } }
            : { write: "forget", value: { status: "forgotten" } },
        );
      },
    ),
  );
}

/** Returns the deletion that is not acknowledged yet, or null. */
function waitingOf(server: ServerState, record: LinkRecord, now: Instant): DeletionStatus | null {
  const { deletion, earlierDeletion } = sharingOf(server, record, now);
  const isWaiting = (status: DeletionStatus): boolean =>
    status.status === "pending" || (status.status === "not-found" && !isGivenUpOn(status.requestedAt, now));
  return [deletion, earlierDeletion].find(isWaiting) ?? null;
}

/** How many entries of the audit log one call reads or removes. */
const PAGE = 1_000;

/** Everything that is stored about one user, for an access request. */
export interface UserExport extends LinkRecord {
  /** The entries of the audit log about the user, oldest first. */
  readonly audit: readonly LoggedAuditEntry[];
}

/** The parts that an export needs. Each call of the storage may take two minutes. */
interface UserExportParts {
  readonly clock: Clock;
  readonly store: Pick<SenderStore, "loadLink">;
  readonly reader: Pick<SenderReader, "loadAudit">;
}

/** Returns everything that this server has stored about a user, as plain data for JSON. */
export function exportUser(
  { store, reader, clock }: UserExportParts,
  user: UserId,
): ResultAsync<UserExport, StorageFault> {
  return callInTime(clock, () => store.loadLink(user)).andThen(({ value }) =>
    loadAudit({ reader, clock }, user, []).map((audit) => ({ ...value, audit })),
  );
}

function loadAudit(
  parts: Pick<UserExportParts, "reader" | "clock">,
  user: UserId,
  found: readonly LoggedAuditEntry[],
): ResultAsync<readonly LoggedAuditEntry[], StorageFault> {
  const after = found.at(-1)?.id ?? 0;
  const load = () => parts.reader.loadAudit({ user, after, limit: PAGE });
  return callInTime(parts.clock, load).andThen((page) =>
    page.length < PAGE ? ok([...found, ...page]) : loadAudit(parts, user, [...found, ...page]),
  );
}

/** Removes entries of the audit log that were made before an instant. Returns how many it removed. */
export function pruneAudit(
  store: Pick<SenderStore, "pruneAudit">,
  before: Instant,
): ResultAsync<number, StorageFault> {
  return callPort(() => store.pruneAudit({ before, limit: PAGE }), STORAGE_THREW).andThen((pruned) =>
    pruned < PAGE ? ok(pruned) : pruneAudit(store, before).map((more) => pruned + more),
  );
}
