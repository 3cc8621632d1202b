import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { StorageFault, VersionConflict } from "../../domain/fault.ts";
import type { LinkId, UserId } from "../../domain/identifiers.ts";
import type { DueQuery, LinkCommit, SenderStore, ServerCommit } from "../../ghes/ports.ts";
import { newLinkRecord } from "../../ghes/ports.ts";
import { mintVersion } from "../../storage/mint-version.ts";
import type { Row } from "./client.ts";
import { columnOfChoice } from "./ended-links.ts";
import { numberArray, textArray } from "./pack.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { flagIn, numberIn, numberOrNullIn, textIn } from "./read-row.ts";
import { statementsOf } from "./run-statement.ts";
import {
  dueLinkIn,
  linkRecordIn,
  redemptionIn,
  serverStateIn,
  valuesOfAudit,
  valuesOfReported,
  withdrawalIn,
} from "./sender-rows.ts";
import { senderStatements } from "./sender-statements.ts";
import { brokenUniqueIndex, storageFaultOf } from "./storage-fault-of.ts";
import { watchClient } from "./watch-client.ts";

const LINK_OF_ANOTHER: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "Another user has this link: a link belongs to one user. Check that the receiver gives no link twice.",
};

function linkFaultOf(error: unknown): StorageFault {
  return brokenUniqueIndex(error)?.startsWith("user_links_link") ? LINK_OF_ANOTHER : storageFaultOf(error);
}

/**
 * Returns a sender's storage in PostgreSQL 15 or later. Each method is one statement. `unified-contributions migrate`
 * makes the tables, and `checkPostgresSchema` says whether they fit. Each server needs a schema of its own.
 *
 * @throws TypeError if an option is wrong, which is a mistake in the program
 */
export function createPostgresSenderStore(options: PostgresOptions): SenderStore {
  const statements = senderStatements(checkOptions("createPostgresSenderStore", options).schema);
  const run = statementsOf(
    watchClient("createPostgresSenderStore", options, "sender-store", { ...statements }),
  );

  return {
    loadServer: () =>
      run(statements.loadServer, [], ([row = {}]) => ({
        value: serverStateIn(row),
        version: numberIn(row, "version"),
      })),

    commitServer: (commit) => {
      const { expectedVersion, server, audit, reported, withdrawn } = commit;
      const isStateAlone = audit === null && reported.length === 0 && withdrawn.length === 0;
      const committed = isStateAlone
        ? run(statements.commitState, [expectedVersion, JSON.stringify(server), mintVersion()], versionIn)
        : run(statements.commitServer, valuesOfServerCommit(commit), versionIn);
      return committed.andThen(orConflict);
    },

    loadLink: (user) =>
      run(statements.loadLink, [user], ([row]) =>
        row ? linkRecordIn(row, user) : { value: newLinkRecord(user), version: 0 },
      ),

    commitLink: (commit) => {
      const statement = commit.expectedVersion === 0 ? statements.insertLink : statements.updateLink;
      return run(statement, valuesOfLinkCommit(commit), versionIn, linkFaultOf).andThen(orConflict);
    },

    markChanged: (users) => run(statements.markChanged, [textArray(users)], () => undefined),

    dueLinks: (query) => run(statements.dueLinks, valuesOfDueQuery(query), (rows) => rows.map(dueLinkIn)),

    pendingWithdrawals: ({ connectionOrdinal, now, after, limit }) =>
      run(
        statements.pendingWithdrawals,
        [connectionOrdinal, now, after?.nextAskAt ?? 0, after?.linkId ?? "", limit],
        (rows) => rows.map(withdrawalIn),
      ),

    pendingRedemptions: ({ connectionOrdinal, after, limit }) =>
      run(statements.pendingRedemptions, [connectionOrdinal, after ?? "", limit], (rows) =>
        rows.map(redemptionIn),
      ),

    userOf: (attempt) =>
      run(statements.userOf, [attempt], ([row]) => (row ? textIn<UserId>(row, "user_id") : null)),

    usersOfLinks: (links) =>
      run(statements.usersOfLinks, [textArray(links)], (rows) =>
        rows.map((row) => ({
          user: textIn<UserId>(row, "user_id"),
          linkId: textIn<LinkId>(row, "link_id"),
          choice: numberOrNullIn(row, "choice"),
        })),
      ),

    forgetUser: ({ user, expectedVersion }) =>
      run(statements.forgetUser, [user, expectedVersion], ([row = {}]) => flagIn(row, "is_gone")).andThen(
        (isGone): ResultAsync<void, VersionConflict> =>
          isGone ? okAsync(undefined) : errAsync({ type: "version-conflict" }),
      ),

    pruneAudit: ({ before, limit }) =>
      run(statements.pruneAudit, [before, limit], ([row = {}]) => numberIn(row, "pruned")),
  };
}

function versionIn([row]: readonly Row[]): number | null {
  return row ? numberIn(row, "version") : null;
}

function orConflict(version: number | null): ResultAsync<number, VersionConflict> {
  return version === null ? errAsync({ type: "version-conflict" }) : okAsync(version);
}

/** The columns of a place behind all links of a session: no rank is above 0. */
const END = [1, ""] as const;

/** Returns the query, and the columns of the place behind which the page begins in each of the three ranges. */
function valuesOfDueQuery({ connectionOrdinal, epoch, sessionId, now, after, limit }: DueQuery): unknown[] {
  const session = after?.answeredIn ?? "";
  const place = after ? [-after.dueFrom, after.linkId] : [-Number.MAX_SAFE_INTEGER, ""];
  const isInPresent = session === sessionId && (after?.dueFrom ?? now) <= now;
  const inPresent = session > sessionId ? END : [-now, ""];
  return [
    ...[connectionOrdinal, epoch, sessionId, session, limit],
    ...place,
    ...(isInPresent ? place : inPresent),
    ...(session > sessionId ? [session, ...place] : [sessionId, ...END]),
  ];
}

function valuesOfServerCommit(commit: ServerCommit): readonly unknown[] {
  const { expectedVersion, server, audit, reported, withdrawn } = commit;
  // Each link once: if it stands there twice, the last answer counts.
  const answers = [...new Map(withdrawn.map((answer) => [answer.linkId, answer])).values()];
  return [
    ...[expectedVersion, JSON.stringify(server)],
    ...valuesOfAudit(audit),
    ...valuesOfReported(reported),
    textArray(answers.map(({ linkId }) => linkId)),
    textArray(answers.map(({ receipt }) => (receipt ? JSON.stringify(receipt) : ""))),
    numberArray(answers.map(({ answeredAt }) => answeredAt)),
    numberArray(answers.map(({ nextAskAt }) => nextAskAt)),
    numberArray(answers.map(({ choice }) => columnOfChoice(choice))),
    mintVersion(),
  ];
}

function valuesOfLinkCommit({
  expectedVersion,
  user,
  link,
  withdraw,
  audit,
}: LinkCommit): readonly unknown[] {
  const sending = link.status === "sending" ? link : null;
  const linkId = "consent" in link ? link.consent.linkId : null;
  return [
    ...[user, expectedVersion, JSON.stringify(link)],
    ...[linkId, sending?.connectionOrdinal ?? null, sending?.consent.epoch ?? null],
    ...[withdraw?.linkId ?? null, withdraw?.connectionOrdinal ?? null, withdraw?.requestedAt ?? null],
    ...valuesOfAudit(audit),
    mintVersion(),
    "attempt" in link ? link.attempt : null,
    link.status === "redeeming" ? link.connectionOrdinal : null,
    sending?.choice ?? null,
    withdraw && columnOfChoice(withdraw.choice),
  ];
}
