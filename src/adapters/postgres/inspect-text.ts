import type { Instant } from "../../domain/identifiers.ts";
import type { DeletionReceipt } from "../../domain/receipt.ts";
import type { Tally } from "../../domain/tally.ts";
import type { AccountStanding, InstallationDetails } from "../../ghec/reader.ts";
import type { ServerInspection, UserInspection } from "../../ghes/inspect.ts";
import type { Settings } from "../../ghes/settings.ts";
import { type Attention, type DeletionStatus, SETTINGS_SENTENCES } from "../../ghes/settings-sentences.ts";
import { GATES, type SharingDecision } from "../../ghes/sharing.ts";

/** The lines for a person: one sentence or two on each. */
export type Lines = readonly string[];

/** Returns the state of the server, and its open work. */
export function serverLines(server: ServerInspection): Lines {
  const { sending, due, neverReported, withdrawals, oldestWithdrawalAt, redemptions } = server;
  const { leasedUntil, lastSyncAt, lastFailed, nextSyncAt } = server;
  const since = oldestWithdrawalAt === null ? "" : `, the oldest since ${timeOf(oldestWithdrawalAt)}`;
  return [
    gatesOf(server.settings),
    ...disablingLines(server),
    SESSIONS[server.session],
    leasedUntil === null ? "No sync runs." : `A sync runs, and has its lease until ${timeOf(leasedUntil)}.`,
    ...failureLines(server),
    lastSyncAt === null
      ? "No sync has reached its end yet."
      : `The last sync that reached its end did so at ${timeOf(lastSyncAt)}.`,
    ...(lastFailed === 0
      ? []
      : [
          `It could not send the counts of ${lastFailed} ${lastFailed === 1 ? "user" : "users"}: its report's failures say why.`,
        ]),
    nextSyncLine(nextSyncAt),
    `${countOf(sending, "user sends", "users send")}. Of these ${countOf(due, "is", "are")} due to be reported, and ${countOf(
      neverReported,
      "was",
      "were",
    )} never reported.`,
    `${countOf(withdrawals, "withdrawal waits for its receipt", "withdrawals wait for their receipts")}${since}.`,
    `${countOf(redemptions, "redemption waits for an answer", "redemptions wait for an answer")}.`,
  ].map(sentence);
}

const SESSIONS: Readonly<Record<ServerInspection["session"], string>> = {
  detached: "The server holds no session: the next sync asks for one, and then reports every user anew.",
  attached: "The server holds its session at GitHub Enterprise Cloud.",
  contested:
    "Another copy of this server holds the session, so reports wait and deletions go on. Stop the wrong copy, then call takeOver on the right one.",
};

function gatesOf(settings: Settings): string {
  switch (settings.status) {
    case "disconnected":
      return `${closed(0)}: GitHub Connect is off, and an enterprise owner has to enable it.`;
    case "disabled":
      return `${closed(1)}: unified contributions is off, and an enterprise owner has to enable it.`;
    case "enabled":
      return settings.epoch === null
        ? `${closed(1)}: GitHub Enterprise Cloud has not confirmed the enabling yet. The next sync asks for it.`
        : `Gates 1 and 2 of ${GATES.length} are open: unified contributions is on, in epoch ${settings.epoch}.`;
  }
}

function closed(place: number): string {
  return `Gate ${place + 1} of ${GATES.length} (${GATES[place]}) is closed`;
}

function disablingLines({ disabling }: ServerInspection): Lines {
  if (!disabling) return [];
  const { epoch, requestedAt, receipt } = disabling;
  return [
    receipt
      ? `GitHub Enterprise Cloud has disabled epoch ${receipt.epoch} at ${timeOf(receipt.disabledAt)}, by its receipt.`
      : `The disabling of epoch ${epoch} waits for its receipt since ${timeOf(requestedAt)}.`,
  ];
}

function failureLines({ failures, lastFault }: ServerInspection): Lines {
  if (failures === 0) return [];
  const which = failures === 1 ? "The last sync" : `The last ${failures} syncs`;
  if (!lastFault) return [`${which} got no answer.`];
  return [`${which} failed. ${lastFault.message}`];
}

function nextSyncLine(nextSyncAt: Instant | null): string {
  return nextSyncAt === null
    ? "No sync is planned while GitHub Connect is off."
    : `The next sync is due at ${timeOf(nextSyncAt)}.`;
}

/** Returns the state of a user, and the obstacles of their counts. */
export function userLines(user: UserInspection): Lines {
  const { status, decision, attention, lastReportAt, isDue, deletion, nextSyncAt } = user;
  return [
    `The link of the user ${quoted(user.user)} is ${status}.`,
    decisionLine(decision),
    ...(attention ? [ATTENTIONS[attention]] : []),
    lastReportAt === null
      ? "GitHub Enterprise Cloud has no report of this user."
      : `GitHub Enterprise Cloud took the last report at ${timeOf(lastReportAt)}.`,
    ...(decision.isAllowed ? [isDue ? "A report is due: the next sync sends it." : NOT_DUE] : []),
    deletionLine(deletion),
    ...withdrawalLines(user),
    nextSyncLine(nextSyncAt),
  ];
}

const NOT_DUE = "No report is due: the host has announced no change since the last one.";

function decisionLine(decision: SharingDecision): string {
  return decision.isAllowed
    ? `All ${GATES.length} gates are open: the counts are sent.`
    : `${closed(GATES.indexOf(decision.gate))}: ${decision.message}`;
}

const ATTENTIONS: Readonly<Record<Attention, string>> = {
  "another-copy-is-running": SESSIONS.contested,
  "sync-is-failing": "The last syncs got no answer: `inspect server` says why.",
  "link-not-found":
    "GitHub Enterprise Cloud does not know the link. Check which installation the server's key belongs to; else the user has to connect again.",
  "report-is-overdue":
    "No report has arrived for 26 hours. Check that the syncs run, then look for the user in the failures of their reports.",
};

function deletionLine(deletion: DeletionStatus): string {
  switch (deletion.status) {
    case "none":
      return "No deletion was asked for.";
    case "pending":
      return `A deletion was asked for at ${timeOf(deletion.requestedAt)} and is not acknowledged yet: the counts may still be shown.`;
    case "not-found":
      return `A deletion was asked for at ${timeOf(deletion.requestedAt)}. Since ${timeOf(deletion.since)} GitHub Enterprise Cloud does not know the link, which is not a receipt.`;
    case "deleted":
      return `The last deletion is acknowledged: ${receiptText(deletion.receipt)}.`;
    case "left-to-cloud": {
      const { requestedAt } = deletion;
      const asked = requestedAt === null ? "" : `A deletion was asked for at ${timeOf(requestedAt)}. `;
      return `${asked}${SETTINGS_SENTENCES.deletion[deletion.status]}`;
    }
    case "by-owner":
    case "by-cloud":
    case "aged-out":
      return SETTINGS_SENTENCES.deletion[deletion.status];
  }
}

function withdrawalLines({ withdrawal }: UserInspection): Lines {
  if (!withdrawal) return [];
  const { requestedAt, nextAskAt, hasReceipt } = withdrawal;
  if (hasReceipt) return [`The receipt is asked for once more at ${timeOf(nextAskAt)}, to be sure.`];
  const waits = `The withdrawal waits since ${timeOf(requestedAt)}`;
  return nextAskAt === 0
    ? [`${waits}, and no answer has come: the next sync sends it.`]
    : [`${waits}, and the last answer was no receipt: it is sent again at ${timeOf(nextAskAt)}.`];
}

/** Returns the state of an installation, and its open work. */
export function installationLines(installation: InstallationDetails): Lines {
  const { links, isRecorded } = installation;
  const { open, withCounts, unswept, unrecorded, newestCountsAt } = links;
  const newest = newestCountsAt === null ? "" : ` The newest came at ${timeOf(newestCountsAt)}.`;
  return [
    connectionLine(installation),
    switchLine(installation),
    sessionLine(installation),
    `${countOf(open, "account lets it send", "accounts let it send")}, and the counts of ${numberOf(withCounts)} are held.${newest}`,
    `${countOf(unswept, "link of an epoch that is over waits", "links of epochs that are over wait")} for the sweep.`,
    `${countOf(unrecorded, "deleted link waits", "deleted links wait")} for the ledger, and nothing is acknowledged before.`,
    ...(isRecorded ? [] : ["The end of an epoch waits for the ledger."]),
  ].map(sentence);
}

function connectionLine({ installation, isConnected, connectionId }: InstallationDetails): string {
  const named = `The installation ${quoted(installation)}`;
  if (!isConnected) return `${named} is not connected: GitHub Connect is off, and nothing of it is shown.`;
  return connectionId === null
    ? `${named} is connected, by a connection without an id.`
    : `${named} is connected, by the connection ${quoted(connectionId)}.`;
}

function switchLine({ featureSwitch: { epoch, status }, disabledAt }: InstallationDetails): string {
  if (status === "on") return `The switch is on, in epoch ${epoch}.`;
  if (epoch === 0)
    return "The switch was never on: the owner has not enabled the feature, or the server has not said so.";
  const since = disabledAt === null ? "" : ` since ${timeOf(disabledAt)}`;
  return `The switch is off${since}, in epoch ${epoch}: nothing of it is shown, and no report is taken.`;
}

function sessionLine({ session: { isAttached, isCompleted } }: InstallationDetails): string {
  if (!isAttached)
    return "No server holds the session: none has called since the installation was registered.";
  return isCompleted
    ? "A server holds the session, and has completed a sync in it."
    : "A server holds the session, and has not completed a sync in it yet.";
}

const NO_SERVER =
  "The account lets no server send: it never connected, or every consent ended. `inspect user` on the server says which.";

/** Returns the servers that an account lets send, and the counts of them that are held. */
export function accountLines({ senders, unrecorded }: AccountStanding): Lines {
  const servers = senders.map(({ installation, openedAt, heardAt, countsAt, isOpen }) => {
    const named = `The account lets ${quoted(installation)} send since ${timeOf(openedAt)}`;
    if (!isOpen) return `${named}, but the installation is off or was enabled anew: nothing of it is shown.`;
    if (countsAt !== null) return `${named}, and its last counts came at ${timeOf(countsAt)}.`;
    return heardAt === null
      ? `${named}, and no counts of it are there: none have come yet, or its user has opted out.`
      : `${named}, and its last counts came at ${timeOf(heardAt)}. They have aged out, or they are hidden until the server reports them anew.`;
  });
  const waiting =
    unrecorded.length === 0
      ? []
      : [`Deleted links that wait for the ledger: ${unrecorded.length}. \`inspect receipts\` shows them.`];
  return [...(servers.length === 0 ? [NO_SERVER] : servers), ...waiting];
}

/** Returns the receipts that are stored under an account. */
export function receiptLines({ unrecorded }: AccountStanding): Lines {
  if (unrecorded.length === 0) {
    return [
      "No receipt stands under the account. Once the ledger has a deletion, its receipt names no account.",
    ];
  }
  return unrecorded.map(
    ({ installation, receipt }) =>
      `${quoted(installation)}: ${receiptText(receipt)}. The ledger is not known to have it yet.`,
  );
}

function receiptText({ deletedAt, removed, signature }: DeletionReceipt): string {
  const days = removed ? `the days ${removed.first} to ${removed.last}` : "no counts were kept";
  const isSigned = signature === undefined ? "" : ", with a signature that --json shows";
  return `deleted at ${timeOf(deletedAt)}, ${days}${isSigned}`;
}

/** Returns a time in UTC, to the second. */
export function timeOf(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Returns an id in quotes, without characters that control a terminal. */
export function quoted(id: string): string {
  return JSON.stringify(id);
}

/** Returns a text with a capital letter at its beginning. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function numberOf({ atLeast, isExact }: Tally): string {
  return `${isExact ? "" : "at least "}${atLeast}`;
}

function countOf(tally: Tally, one: string, more: string): string {
  return `${numberOf(tally)} ${tally.atLeast === 1 ? one : more}`;
}
