import {
  type AccountId,
  type AttemptId,
  type BrowserId,
  type ConsentCode,
  errAsync,
  type InstallationId,
  type LinkId,
  okAsync,
  ResultAsync,
} from "unified-contributions";
import type { BroughtAttempt, PushedAttempt, ReceiverStore } from "unified-contributions/storage";
import { isOpen } from "unified-contributions/storage";
import { type BrokenStore, broken, CORRUPT } from "./break-receiver-store.ts";

/** What is known of an attempt that was pushed. */
interface Known {
  readonly pushed: PushedAttempt;
  /** What the sound store has taken last. */
  brought: BroughtAttempt | null;
  linkId: LinkId | null;
}

/** Notes what becomes of attempts, on their way to a sound store. */
export function noting(sound: ReceiverStore): {
  readonly known: ReadonlyMap<AttemptId, Known>;
  readonly noted: Pick<ReceiverStore, "pushAttempt" | "answerAttempt" | "openLink">;
} {
  const known = new Map<AttemptId, Known>();
  return {
    known,
    noted: {
      pushAttempt: (pushed) =>
        sound.pushAttempt(pushed).map((result) => {
          if (result === "pushed" && !known.has(pushed.attempt))
            known.set(pushed.attempt, { pushed, brought: null, linkId: null });
          return result;
        }),
      answerAttempt: (brought) =>
        sound.answerAttempt(brought).map((open) => {
          const attempt = known.get(brought.attempt);
          if (open && attempt) attempt.brought = brought;
          return open;
        }),
      openLink: (redemption) =>
        sound.openLink(redemption).map((result) => {
          const attempt = known.get(redemption.attempt);
          if (result.type === "redeemed" && attempt) attempt.linkId = result.linkId;
          return result;
        }),
    },
  };
}

/** Lets the sound store take attempts again that it has removed, with their consents. */
function takeAnew(sound: ReceiverStore, removed: readonly Known[]) {
  return ResultAsync.combine(
    removed.map(({ pushed, brought }) =>
      sound.pushAttempt(pushed).andThen(() => (brought ? sound.answerAttempt(brought) : okAsync(null))),
    ),
  );
}

/** Who has consented to an attempt, or null. */
function accountOf(known: Known | undefined): AccountId | null {
  return known?.brought?.consent?.account ?? null;
}

interface Opened {
  readonly account: AccountId;
  readonly installation: InstallationId;
  readonly epoch: number;
}

/** Opens a link beside one that its account has of the installation already, instead of in its place. */
function openingBeside(
  sound: ReceiverStore,
  isBeside: (epoch: number, earlier: number) => boolean,
): Partial<ReceiverStore> {
  const { known, noted } = noting(sound);
  const consented = new Map<AttemptId, Opened>();
  const opened: Opened[] = [];
  return {
    ...noted,
    answerAttempt: (brought) => {
      const installation = known.get(brought.attempt)?.pushed.installation;
      const { consent } = brought;
      if (!consent || installation === undefined) return noted.answerAttempt(brought);
      return sound.loadRegistration(installation).andThen((stored) => {
        const epoch = stored?.value.featureSwitch.epoch ?? 0;
        const earlier = opened.find(
          (each) => each.account === consent.account && each.installation === installation,
        );
        const account = `${consent.account} again ${opened.length}` as AccountId;
        consented.set(brought.attempt, { account: consent.account, installation, epoch });
        return noted.answerAttempt(
          earlier && isBeside(epoch, earlier.epoch)
            ? { ...brought, consent: { ...consent, account } }
            : brought,
        );
      });
    },
    openLink: (redemption) => {
      const consent = consented.get(redemption.attempt);
      if (consent) opened.push(consent);
      return noted.openLink(redemption);
    },
  };
}

export const OPENINGS: readonly BrokenStore[] = [
  broken("RS14", "takes attempts while it is off", (sound) => ({
    pushAttempt: (pushed) =>
      sound.pushAttempt(pushed).map((result) => (result === "disabled" ? "pushed" : result)),
  })),
  broken("RS14", "finds too many attempts if there is one of the same id", (sound) => {
    const pushed = new Set<AttemptId>();
    return {
      pushAttempt: (attempt) => {
        if (pushed.has(attempt.attempt)) return okAsync("too-many-attempts" as const);
        pushed.add(attempt.attempt);
        return sound.pushAttempt(attempt);
      },
    };
  }),
  broken("RS14", "has no limit", (sound) => ({
    pushAttempt: (pushed) => sound.pushAttempt({ ...pushed, limit: 1_000_000 }),
  })),
  broken("RS14", "takes attempts that have opened a link for ones under way", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      pushAttempt: (pushed) => {
        const opened = [...known.values()].filter(({ linkId }) => linkId !== null).length;
        return opened >= pushed.limit ? okAsync("too-many-attempts" as const) : noted.pushAttempt(pushed);
      },
    };
  }),
  broken("RS15", "takes every browser for the same", (sound) => ({
    answerAttempt: (brought) =>
      sound.answerAttempt({ ...brought, browser: "browser_0123456789" as BrowserId }),
  })),
  broken("RS15", "lets a second account have the attempt", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      answerAttempt: (brought) =>
        noted.answerAttempt(brought).map((open) => {
          const attempt = known.get(brought.attempt);
          const isSecond = brought.consent && accountOf(attempt) !== brought.consent.account;
          if (open || !attempt?.brought || !isSecond || attempt.brought.browser !== brought.browser)
            return open;
          const { installation, expiresAt } = attempt.pushed;
          return attempt.linkId === null ? { installation, expiresAt } : null;
        }),
    };
  }),
  broken("RS15", "shows nothing of an account that consents again", (sound) => {
    const consenting = new Set<AccountId>();
    return {
      answerAttempt: (brought) => {
        if (brought.consent) consenting.add(brought.consent.account);
        return sound.answerAttempt(brought);
      },
      openLink: (redemption) => {
        consenting.clear();
        return sound.openLink(redemption);
      },
      loadShown: (account) => (consenting.has(account) ? okAsync([]) : sound.loadShown(account)),
    };
  }),
  broken("RS15", "lets attempts count for ever", (sound) => ({
    answerAttempt: (brought) => sound.answerAttempt({ ...brought, at: 0 as never }),
  })),
  broken("RS15", "answers what was redeemed", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      answerAttempt: (brought) =>
        noted.answerAttempt(brought).map((open) => {
          const attempt = known.get(brought.attempt);
          if (open || !attempt || attempt.linkId === null) return open;
          const { installation, expiresAt } = attempt.pushed;
          return { installation, expiresAt };
        }),
    };
  }),
  broken("RS5", "has room for UUIDs alone", (sound) => ({
    pushAttempt: (pushed) => (pushed.linkId.length > 36 ? errAsync(CORRUPT) : sound.pushAttempt(pushed)),
  })),
  broken("RS5", "takes any code", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) => {
        const code: ConsentCode | undefined = known.get(redemption.attempt)?.brought?.consent?.code;
        return noted.openLink({ ...redemption, code: code ?? redemption.code });
      },
    };
  }),
  broken("RS5", "says that an unopened link has ended, if the switch is off", (sound) => ({
    openLink: (redemption) =>
      sound.openLink(redemption).andThen((result) =>
        sound.loadRegistration(redemption.installation).map((stored) => {
          if (result.type !== "no-such-consent" || !stored) return result;
          const { featureSwitch } = stored.value;
          const isFirst = isOpen(stored.value, 1);
          return isFirst && featureSwitch.epoch === 1
            ? result
            : { type: "link-ended" as const, unrecorded: [] };
        }),
      ),
  })),
  broken("RS5", "answers with the link of the last push", (sound) => {
    const pushedLast = new Map<AttemptId, LinkId>();
    return {
      pushAttempt: (pushed) => {
        pushedLast.set(pushed.attempt, pushed.linkId);
        return sound.pushAttempt(pushed);
      },
      openLink: (redemption) => {
        const linkId = pushedLast.get(redemption.attempt);
        return sound
          .openLink(redemption)
          .map((result) => (result.type === "redeemed" && linkId ? { ...result, linkId } : result));
      },
    };
  }),
  broken("RS5", "answers another code with another link", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) => {
        const code = known.get(redemption.attempt)?.brought?.consent?.code;
        const linkId = `link_of_${redemption.code}` as LinkId;
        return noted
          .openLink(redemption)
          .map((result) =>
            result.type === "redeemed" && code !== redemption.code ? { ...result, linkId } : result,
          );
      },
    };
  }),
  broken("RS5", "knows nothing of a link that has ended", (sound) => ({
    openLink: (redemption) =>
      sound
        .openLink(redemption)
        .map((result) => (result.type === "link-ended" ? { type: "no-such-consent" as const } : result)),
  })),
  broken("RS5", "lets the account's earlier link live", (sound) => openingBeside(sound, () => true)),
  broken("RS5", "lets a link of an earlier epoch live", (sound) =>
    openingBeside(sound, (epoch, earlier) => epoch !== earlier),
  ),
  broken("RS5", "ends the account's links everywhere with the one it replaces", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) => {
        const account = accountOf(known.get(redemption.attempt));
        const others = [...known.values()].filter(
          (each) => account !== null && accountOf(each) === account && each.linkId !== null,
        );
        const isReplacing = others.some(({ pushed }) => pushed.installation === redemption.installation);
        const elsewhere = others.filter(({ pushed }) => pushed.installation !== redemption.installation);
        return ResultAsync.combine(
          account !== null && isReplacing
            ? elsewhere.map(({ pushed }) =>
                sound.deleteLinks({ account, installation: pushed.installation }, redemption.at),
              )
            : [],
        ).andThen(() => noted.openLink(redemption));
      },
    };
  }),
  broken("RS5", "kills the earlier link before it refuses", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) =>
        noted.openLink(redemption).andThen((result) => {
          const account = accountOf(known.get(redemption.attempt));
          if (result.type !== "no-such-consent" || account === null) return okAsync(result);
          const { installation, at } = redemption;
          return sound.deleteLinks({ account, installation }, at).map(() => result);
        }),
    };
  }),
  broken("RS5", "kills the earlier link before it finds that the id exists", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) =>
        noted.openLink(redemption).orElse((fault) => {
          const account = accountOf(known.get(redemption.attempt));
          if (account === null) return errAsync(fault);
          const { installation, at } = redemption;
          return sound.deleteLinks({ account, installation }, at).andThen(() => errAsync(fault));
        }),
    };
  }),
  broken("RS5", "refuses a consent while another one of its account is redeemed", (sound) => {
    const { known, noted } = noting(sound);
    const locked = new Set<AccountId | null>();
    return {
      ...noted,
      openLink: (redemption) => {
        const account = accountOf(known.get(redemption.attempt));
        if (locked.has(account)) return okAsync({ type: "no-such-consent" as const });
        if (account !== null) locked.add(account);
        return ResultAsync.fromSafePromise(Promise.resolve()).andThen(() => {
          locked.delete(account);
          return noted.openLink(redemption);
        });
      },
    };
  }),
  broken("RS5", "does not say which link it ended", (sound) => ({
    openLink: (redemption) =>
      sound
        .openLink(redemption)
        .map((result) => (result.type === "redeemed" ? { ...result, unrecorded: [] } : result)),
  })),
  broken("RS5", "names what is unrecorded of anybody", (sound) => ({
    openLink: (redemption) =>
      sound.openLink(redemption).andThen((result) =>
        sound.loadUnrecorded(100).map((entries) => {
          const unrecorded = entries.flatMap((entry) => (entry.type === "links-ended" ? entry.links : []));
          return result.type === "redeemed" ? { ...result, unrecorded } : result;
        }),
      ),
  })),
  broken("RS5", "takes an id that exists", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) =>
        noted.openLink(redemption).orElse(() => {
          const linkId = known.get(redemption.attempt)?.pushed.linkId as LinkId;
          return okAsync({ type: "redeemed" as const, linkId, epoch: 1, unrecorded: [] });
        }),
    };
  }),
  broken("RS5", "takes two spellings of one letter for the same account", (sound) => {
    const fold = (id: AccountId): AccountId => id.normalize() as AccountId;
    return {
      answerAttempt: (brought) =>
        sound.answerAttempt({
          ...brought,
          consent: brought.consent && { ...brought.consent, account: fold(brought.consent.account) },
        }),
      loadShown: (account) => sound.loadShown(fold(account)),
    };
  }),
  broken("RS6", "forgets void consents", (sound) => {
    const { known, noted } = noting(sound);
    const opened = () =>
      new Set([...known.values()].flatMap(({ pushed, linkId }) => (linkId === null ? [] : [pushed.linkId])));
    return {
      ...noted,
      deleteLinks: (selection, at) =>
        sound
          .deleteLinks(selection, at)
          .map((deleted) => deleted.filter(({ linkId }) => opened().has(linkId))),
      loadUnrecorded: (limit) =>
        sound.loadUnrecorded(limit).map((entries) =>
          entries.flatMap((entry): typeof entries => {
            if (entry.type === "epochs-off") return [entry];
            const links = entry.links.filter(({ linkId }) => opened().has(linkId));
            return links.length === 0 ? [] : [{ ...entry, links }];
          }),
        ),
    };
  }),
  broken("RS11", "leaves a consent whose link has ended", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      commitRegistration: (commit) =>
        sound.commitRegistration(commit).andThen((version) => {
          const ended = new Set(
            commit.ended.flatMap(({ linkId, choice }) => (choice === null ? [linkId] : [])),
          );
          const left = [...known.values()].filter(
            ({ pushed, linkId }) => linkId === null && ended.has(pushed.linkId),
          );
          return takeAnew(sound, left).map(() => version);
        }),
    };
  }),
  broken("RS6", "leaves the consents of an account as they are", (sound) => {
    const { known, noted } = noting(sound);
    return {
      ...noted,
      deleteLinks: (selection, at) =>
        sound.deleteLinks(selection, at).andThen((deleted) => {
          const left = [...known.values()].filter(
            (each) => accountOf(each) === selection.account && each.linkId === null,
          );
          return takeAnew(sound, left).map(() => deleted);
        }),
    };
  }),
];
