import { type InstallationId, type Instant, type LinkId, ResultAsync } from "unified-contributions";
import type { Delivery } from "unified-contributions/storage";

import { answering, type BrokenStore, broken, delivering, withReceipts } from "./break-receiver-store.ts";

export const RECORDS: readonly BrokenStore[] = [
  broken("RS4", "keeps 30 days", (sound) =>
    delivering(sound, ({ reports }) => ({
      reports: reports.map(({ linkId, choice, window }) => ({
        linkId,
        choice,
        window: window && { ...window, counts: window.counts.slice(0, 30) },
      })),
    })),
  ),
  broken("RS4", "says of a foreign link that it is no stranger", (sound) => {
    const owners = new Map<LinkId, InstallationId>();
    const isForeign = ({ installation }: Delivery, link: LinkId | undefined): boolean =>
      link !== undefined && (owners.get(link) ?? installation) !== installation;
    return {
      pushAttempt: (pushed) => {
        owners.set(pushed.linkId, pushed.installation);
        return sound.pushAttempt(pushed);
      },
      ...answering(sound, ({ reports }, delivery) => ({
        reports: reports.map((outcome, place) =>
          isForeign(delivery, delivery.reports[place]?.linkId) ? { type: "not-applied" } : outcome,
        ),
      })),
    };
  }),
  broken("RS4", "keeps reports while the feature is off", (sound) =>
    answering(sound, ({ isDetached, registration, reports }) => ({
      reports:
        registration.featureSwitch.status === "off" && !isDetached
          ? reports.map(() => ({ type: "kept" }))
          : reports,
    })),
  ),
  broken("RS4", "takes the time of a hold for that of its report", (sound) => {
    const heldAt = new Map<LinkId, Instant>();
    return {
      ...delivering(sound, ({ reports, at }) => {
        for (const { linkId, window } of reports) if (!window) heldAt.set(linkId, at);
        return {};
      }),
      loadShown: (account) =>
        sound
          .loadShown(account)
          .map((shown) =>
            shown.map((link) => ({ ...link, receivedAt: heldAt.get(link.linkId) ?? link.receivedAt })),
          ),
    };
  }),
  broken("RS4", "knows no link that was never reported", (sound) => {
    const reported = new Set<LinkId>();
    return answering(sound, ({ reports }, delivery) => ({
      reports: reports.map((outcome, place) => {
        const report = delivery.reports[place];
        if (report?.window) reported.add(report.linkId);
        return outcome.type === "kept" && report && !reported.has(report.linkId)
          ? { type: "unknown" }
          : outcome;
      }),
    }));
  }),
  broken("RS4", "knows no deleted link", (sound) =>
    answering(sound, ({ reports }) => ({
      reports: reports.map((outcome) => (outcome.type === "ended" ? { type: "unknown" } : outcome)),
    })),
  ),
  broken("RS4", "answers what is unrecorded as often as it is named", (sound) =>
    answering(sound, ({ unrecorded }, delivery) => ({
      unrecorded: [...delivery.withdrawals, ...delivery.reports].flatMap((named) =>
        unrecorded.filter(({ linkId }) => linkId === named.linkId),
      ),
    })),
  ),
  broken("RS4", "answers nothing that is unrecorded in a request that is detached", (sound) =>
    answering(sound, ({ isDetached, unrecorded }) => (isDetached ? { unrecorded: [] } : { unrecorded })),
  ),
  broken("RS4", "answers what is recorded, too", (sound) =>
    answering(sound, ({ reports, withdrawals }, delivery) => ({
      unrecorded: [
        ...delivery.reports.map(({ linkId }, place) => ({ linkId, choice: null, outcome: reports[place] })),
        ...delivery.withdrawals.map((named, place) => ({ ...named, outcome: withdrawals[place] })),
      ].flatMap(({ linkId, choice, outcome }) => {
        if (outcome?.type === "ended") return [{ linkId, choice: outcome.choice, receipt: outcome.receipt }];
        return outcome?.type === "withdrawn" ? [{ linkId, choice, receipt: outcome.receipt }] : [];
      }),
    })),
  ),
  broken("RS4", "answers the records in the order in which it wrote them", (sound) =>
    answering(sound, ({ reports, withdrawals }) => ({
      reports: reports.toSorted((one, other) => one.type.localeCompare(other.type)),
      withdrawals: withdrawals.toSorted((one, other) => one.type.localeCompare(other.type)),
    })),
  ),
  broken("RS4", "takes 500 records", (sound) =>
    delivering(sound, ({ reports }) => ({ reports: reports.slice(0, 500) })),
  ),
  broken("RS4", "does not say what a withdrawal removed", (sound) =>
    answering(sound, ({ withdrawals }, delivery) => ({
      withdrawals: withReceipts(withdrawals, (receipt) =>
        receipt.deletedAt === delivery.at ? { ...receipt, removed: null } : receipt,
      ),
    })),
  ),
  broken("RS4", "says that a withdrawal removed nothing in so many days", (sound) =>
    answering(sound, ({ withdrawals }, delivery) => ({
      withdrawals: withReceipts(withdrawals, (receipt) =>
        receipt.deletedAt === delivery.at && receipt.removed === null
          ? { ...receipt, removed: { first: "", last: "" } as never }
          : receipt,
      ),
    })),
  ),
  broken("RS4", "gives the receipt of a repeated withdrawal a new date", (sound) => {
    const withdrawnBefore = new Set<string>();
    return answering(sound, ({ withdrawals }, delivery) => ({
      withdrawals: withdrawals.map((outcome, place) => {
        const named = JSON.stringify(delivery.withdrawals[place]);
        const isAgain = withdrawnBefore.has(named);
        withdrawnBefore.add(named);
        return isAgain && outcome.type === "withdrawn"
          ? { ...outcome, receipt: { ...outcome.receipt, deletedAt: delivery.at } }
          : outcome;
      }),
    }));
  }),
  broken("RS4", "withdraws nothing in a request that is detached", (sound) =>
    delivering(sound, ({ sessionId, follows, withdrawals }, stored) => {
      const stands = stored?.value.session;
      const last = stands?.lastRequestId ?? null;
      const isCurrent = stands?.id === sessionId && last !== null && follows.includes(last);
      return { withdrawals: isCurrent ? withdrawals : [] };
    }),
  ),
  broken("RS4", "withdraws nothing of an epoch that is not open", (sound) => {
    const epochs = new Map<LinkId, number>();
    return {
      openLink: (redemption) =>
        sound.openLink(redemption).map((result) => {
          if (result.type === "redeemed") epochs.set(result.linkId, result.epoch);
          return result;
        }),
      ...answering(sound, ({ registration, withdrawals }, delivery) => ({
        withdrawals: withdrawals.map((outcome, place) => {
          const { epoch, status } = registration.featureSwitch;
          const isOpen =
            status === "on" && epochs.get(delivery.withdrawals[place]?.linkId as LinkId) === epoch;
          const isFirst = outcome.type === "withdrawn" && outcome.receipt.deletedAt === delivery.at;
          return isFirst && !isOpen ? { type: "unknown" } : outcome;
        }),
      })),
    };
  }),
  broken("RS4", "withdraws links of other installations", (sound) => {
    const owners = new Map<LinkId, InstallationId>();
    return {
      pushAttempt: (pushed) => {
        owners.set(pushed.linkId, pushed.installation);
        return sound.pushAttempt(pushed);
      },
      applyDelivery: (delivery) =>
        sound.applyDelivery(delivery).andThen((result) =>
          ResultAsync.combine(
            delivery.withdrawals.flatMap((named) => {
              const installation = owners.get(named.linkId);
              if (installation === undefined || installation === delivery.installation) return [];
              const foreign = {
                ...delivery,
                installation,
                sessionId: null,
                reports: [],
                withdrawals: [named],
              };
              return [sound.applyDelivery(foreign)];
            }),
          ).map(() => result),
        ),
    };
  }),
  broken("RS4", "withdraws all links of the installation", (sound) => {
    const opened: Delivery["withdrawals"][number][] = [];
    return {
      pushAttempt: (pushed) => {
        opened.push({ linkId: pushed.linkId, choice: null });
        return sound.pushAttempt(pushed);
      },
      applyDelivery: (delivery) => {
        const named = delivery.withdrawals;
        const isOfLinks = named.some(({ choice }) => choice === null);
        const withdrawals = isOfLinks ? [...named, ...opened] : named;
        return sound
          .applyDelivery({ ...delivery, withdrawals })
          .map((result) => result && { ...result, withdrawals: result.withdrawals.slice(0, named.length) });
      },
    };
  }),
];
