import {
  type AccountId,
  type InstallationId,
  type LinkId,
  okAsync,
  ResultAsync,
} from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import type { ReceiverStore, ShownLink } from "unified-contributions/storage";

import { alter, type BrokenStore, broken } from "./break-receiver-store.ts";
import { noting } from "./openings.ts";

/** Shows what would be shown if the registration were another. */
function showingUnder(
  sound: ReceiverStore,
  change: (before: Registration) => Registration,
): Partial<ReceiverStore> {
  const server = "server-1" as InstallationId;
  return {
    loadShown: (account) =>
      sound.loadShown(account).andThen((shown) =>
        sound.loadRegistration(server).andThen((stored) => {
          if (!stored || shown.length > 0) return okAsync(shown);
          return alter(sound, server, change)
            .andThen(() => sound.loadShown(account))
            .andThen((more) => alter(sound, server, () => stored.value).map(() => more));
        }),
      ),
  };
}

export const SHOWN: readonly BrokenStore[] = [
  broken("RS7", "puts installations in the order of a language", (sound) => ({
    loadShown: (account) =>
      sound
        .loadShown(account)
        .map((shown) =>
          shown.toSorted((one, other) => one.installation.localeCompare(other.installation, "en")),
        ),
  })),
  broken("RS7", "does not say which link it shows", (sound) => ({
    loadShown: (account) =>
      sound.loadShown(account).map((shown) => shown.map((link) => ({ ...link, linkId: "" as LinkId }))),
  })),
  broken("RS7", "shows links of accounts whose ids begin alike", (sound) => ({
    loadShown: (account) =>
      ResultAsync.combine([sound.loadShown(account), sound.loadShown(`${account}-2` as AccountId)]).map(
        (shown) => shown.flat(),
      ),
  })),
  broken("RS7", "shows an empty window for a link that was never reported", (sound) => {
    const unreported = new Map<AccountId, ShownLink>();
    const known = new Set<AccountId>();
    const { known: attempts, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) => {
        const { installation, at: receivedAt } = redemption;
        const attempt = attempts.get(redemption.attempt);
        const account = attempt?.brought?.consent?.account;
        const linkId = attempt?.pushed.linkId as LinkId;
        const window = { first: "2026-03-01" as never, counts: [] };
        if (account !== undefined && !known.has(account))
          unreported.set(account, { installation, linkId, choice: 1, epoch: 1, window, receivedAt });
        if (account !== undefined) known.add(account);
        return noted.openLink(redemption);
      },
      applyDelivery: (delivery) => {
        unreported.clear();
        return sound.applyDelivery(delivery);
      },
      loadShown: (account) => {
        const empty = unreported.get(account);
        return sound.loadShown(account).map((shown) => (empty ? [...shown, empty] : shown));
      },
    };
  }),
  broken("RS7", "does not look whether the feature is on", (sound) =>
    showingUnder(sound, (before) => ({
      ...before,
      featureSwitch: { ...before.featureSwitch, status: "on" },
    })),
  ),
  broken("RS7", "does not look whether the installation is connected", (sound) =>
    showingUnder(sound, (before) => ({ ...before, isConnected: true })),
  ),
  broken("RS7", "shows links of the epoch before", (sound) =>
    showingUnder(sound, (before) => ({
      ...before,
      featureSwitch: { ...before.featureSwitch, epoch: before.featureSwitch.epoch - 1 },
    })),
  ),
  broken("RS7", "shows a link that was withdrawn", (sound) => {
    const accounts = new Map<LinkId, AccountId>();
    const windows = new Map<LinkId, ShownLink>();
    const withdrawn = new Set<LinkId>();
    const { known: attempts, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) => {
        const attempt = attempts.get(redemption.attempt);
        const account = attempt?.brought?.consent?.account;
        if (account !== undefined) accounts.set(attempt?.pushed.linkId as LinkId, account);
        return noted.openLink(redemption);
      },
      applyDelivery: (delivery) => {
        const { installation, at: receivedAt } = delivery;
        for (const { linkId, window } of delivery.reports) {
          if (window) withdrawn.delete(linkId);
          if (window) windows.set(linkId, { installation, linkId, choice: 1, epoch: 1, window, receivedAt });
        }
        return sound.applyDelivery(delivery).map((result) => {
          for (const [place, outcome] of (result?.withdrawals ?? []).entries()) {
            const isRemoved = outcome.type === "withdrawn" && outcome.receipt.removed !== null;
            if (isRemoved) withdrawn.add(delivery.withdrawals[place]?.linkId as LinkId);
          }
          return result;
        });
      },
      loadShown: (account) =>
        sound
          .loadShown(account)
          .map((shown) => [
            ...shown,
            ...[...withdrawn].flatMap((linkId) =>
              accounts.get(linkId) === account ? (windows.get(linkId) ?? []) : [],
            ),
          ]),
    };
  }),
];
