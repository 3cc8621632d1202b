import { type DeletionReceipt, type LinkId, okAsync } from "unified-contributions";
import type { Delivery, EndedLink, ReceiverStore } from "unified-contributions/storage";
import { answering, type BrokenStore, broken, delivering } from "./break-receiver-store.ts";

type Reports = Delivery["reports"];
type Withdrawals = Delivery["withdrawals"];

/** Reports are not applied as they came. The choice of each link's last report is known. */
function reporting(
  sound: ReceiverStore,
  change: (report: Reports[number], last: number | undefined) => Partial<Reports[number]>,
): Partial<ReceiverStore> {
  const last = new Map<LinkId, number>();
  return delivering(sound, ({ reports }) => ({
    reports: reports.map((report) => {
      const changed = { ...report, ...change(report, last.get(report.linkId)) };
      last.set(report.linkId, changed.choice);
      return changed;
    }),
  }));
}

/** The links of which a choice was withdrawn, and the last receipt of each. */
function deselecting(
  sound: ReceiverStore,
  rest: (deselected: ReadonlyMap<LinkId, DeletionReceipt>) => Parameters<typeof answering>[1],
): Partial<ReceiverStore> {
  const deselected = new Map<LinkId, DeletionReceipt>();
  const change = rest(deselected);
  return answering(sound, (result, delivery) => {
    const changed = change(result, delivery);
    for (const [place, outcome] of result.withdrawals.entries()) {
      const named = delivery.withdrawals[place];
      if (named && named.choice !== null && outcome.type === "withdrawn")
        deselected.set(named.linkId, outcome.receipt);
    }
    return changed;
  });
}

/** Returns the first withdrawal of each link. */
function firstOf(withdrawals: Withdrawals): Withdrawals {
  return withdrawals.filter(
    ({ linkId }, place) => withdrawals.findIndex((other) => other.linkId === linkId) === place,
  );
}

export const CHOICES: readonly BrokenStore[] = [
  broken("RS4", "does not say which choice has ended", (sound) =>
    answering(sound, ({ reports }) => ({
      reports: reports.map((outcome) => (outcome.type === "ended" ? { ...outcome, choice: null } : outcome)),
    })),
  ),
  broken("RS4", "looks at the switch before it looks at what has ended", (sound) =>
    answering(sound, ({ registration, reports }) => ({
      reports: reports.map((outcome) =>
        outcome.type === "ended" && outcome.choice !== null && registration.featureSwitch.status === "off"
          ? { type: "not-applied" }
          : outcome,
      ),
    })),
  ),
  broken("RS4", "keeps nothing of a link of which a choice has ended", (sound) =>
    deselecting(sound, (deselected) => ({ reports }, delivery) => ({
      reports: reports.map((outcome, place) => {
        const link = delivery.reports[place]?.linkId;
        return outcome.type === "kept" && link && deselected.has(link) ? { type: "not-applied" } : outcome;
      }),
    })),
  ),
  broken("RS4", "takes a hold under a later choice than the first for another choice", (sound) =>
    reporting(sound, ({ choice, window }) => (window === null && choice > 1 ? { choice: choice + 1 } : {})),
  ),
  broken("RS4", "keeps counts of a former choice with a hold", (sound) =>
    reporting(sound, ({ choice, window }, last) => (window === null ? { choice: last ?? choice } : {})),
  ),
  broken("RS4", "withdraws choices in the session alone", (sound) =>
    delivering(sound, ({ sessionId, withdrawals }) => ({
      withdrawals: sessionId ? withdrawals : withdrawals.filter(({ choice }) => choice === null),
    })),
  ),
  broken("RS4", "withdraws whatever was reported last", (sound) => {
    const last = new Map<LinkId, number>();
    return delivering(sound, ({ reports, withdrawals }) => {
      for (const { linkId, choice } of reports) last.set(linkId, choice);
      return {
        withdrawals: withdrawals.map(({ linkId, choice }) => ({
          linkId,
          choice: choice && Math.max(choice, last.get(linkId) ?? 0),
        })),
      };
    });
  }),
  broken("RS4", "answers the first of two withdrawals before it looks at the second", (sound) => ({
    applyDelivery: (delivery) => {
      const first = firstOf(delivery.withdrawals);
      if (first.length === delivery.withdrawals.length) return sound.applyDelivery(delivery);
      return sound.applyDelivery({ ...delivery, reports: [], withdrawals: first }).andThen((before) =>
        sound.applyDelivery(delivery).map((result) => {
          if (!before || !result) return result;
          const withdrawals = result.withdrawals.map((outcome, place) => {
            const at = first.indexOf(delivery.withdrawals[place] as Withdrawals[number]);
            return before.withdrawals[at] ?? outcome;
          });
          return { ...result, withdrawals };
        }),
      );
    },
  })),
  broken("RS4", "gives the receipt of a choice to the withdrawal of its link", (sound) =>
    deselecting(sound, (deselected) => ({ withdrawals }, delivery) => ({
      withdrawals: withdrawals.map((outcome, place) => {
        const named = delivery.withdrawals[place];
        const receipt = named?.choice === null ? deselected.get(named.linkId) : undefined;
        return outcome.type === "withdrawn" && receipt ? { ...outcome, receipt } : outcome;
      }),
    })),
  ),
  broken("RS4", "says of a choice of a foreign link that it is withdrawn", (sound) =>
    answering(sound, ({ withdrawals }, delivery) => ({
      withdrawals: withdrawals.map((outcome, place) =>
        outcome.type === "unknown" && delivery.withdrawals[place]?.choice !== null
          ? { type: "withdrawn", receipt: { deletedAt: delivery.at, removed: null } }
          : outcome,
      ),
    })),
  ),
  broken("RS4", "keeps a choice in one byte", (sound) =>
    delivering(sound, ({ reports, withdrawals }) => ({
      reports: reports.map((report) => ({ ...report, choice: report.choice & 255 })),
      withdrawals: withdrawals.map((named) => ({ ...named, choice: named.choice && named.choice & 255 })),
    })),
  ),
  broken("RS4", "names what has ended of links whose reports it has kept", (sound) => ({
    applyDelivery: (delivery) =>
      sound.applyDelivery(delivery).andThen((result) => {
        if (!result) return okAsync(null);
        const named = new Set([...delivery.reports, ...delivery.withdrawals].map(({ linkId }) => linkId));
        return sound.loadUnrecorded(1_000).map((entries) => ({
          ...result,
          unrecorded: entries.flatMap((entry): readonly EndedLink[] =>
            entry.type === "links-ended" && entry.installation === delivery.installation
              ? entry.links.filter(({ linkId }) => named.has(linkId))
              : [],
          ),
        }));
      }),
  })),
  broken("RS7", "takes every choice for the first", (sound) => ({
    loadShown: (account) =>
      sound.loadShown(account).map((shown) => shown.map((link) => ({ ...link, choice: 1 }))),
  })),
];
