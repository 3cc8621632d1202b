import {
  type AccountId,
  type CalendarDate,
  type InstallationId,
  type Instant,
  type InvalidCalendarDate,
  type InvalidIdentifier,
  type LinkId,
  type ResultAsync,
  type StorageFault,
  type UserId,
  windowEndingOn,
} from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import {
  type ConsentRefusal,
  type ContributionCalendar,
  contributionsCollection,
  createReceiver,
  type InvalidCalendarRequest,
  type Receiver,
} from "unified-contributions/ghec";
import {
  type Actor,
  createSender,
  type InvalidCommand,
  type InvalidOptions,
  type Sender,
  type UserLinkRefusal,
} from "unified-contributions/ghes";
import { createTestChance, createTestClock } from "unified-contributions/testing";
import type { Author } from "./read-history.ts";

/** Everything that can go wrong on either side; in the demo nothing does. */
export type EnterpriseFault =
  | StorageFault
  | InvalidIdentifier
  | InvalidCommand
  | InvalidOptions
  | InvalidCalendarDate
  | InvalidCalendarRequest
  | UserLinkRefusal
  | ConsentRefusal;

/** Both sides over memory parts, with a wire between them that writes down what crosses it. */
export interface Enterprise {
  readonly sender: Sender;
  readonly receiver: Receiver;
  /** The messages that have left GitHub Enterprise Server, as they left, oldest first. */
  readonly sent: readonly string[];
  /** The present instant; every look at it lets a minute pass. */
  now(): Instant;
  /** A user connects their account, and sends nothing yet. */
  connect(user: UserId): ResultAsync<unknown, EnterpriseFault>;
  /** A user selects "Send my contribution counts"; answers with the link that GitHub Enterprise Cloud opened. */
  optIn(user: UserId): ResultAsync<LinkId, EnterpriseFault>;
  /** What GitHub Enterprise Cloud shows of a user's account. */
  calendarOf(user: UserId): ResultAsync<ContributionCalendar, EnterpriseFault>;
}

/** The server. The cloud knows it by authentication; no message names it. */
export const SERVER = "the-server" as InstallationId;

/** Who owns the enterprise, on both sides. */
export const OWNER: Actor = { userId: "the-owner" as UserId, isEnterpriseOwner: true };

const ATTEMPT_MS = 600_000;

/** Makes an enterprise at noon of a day. Its ids repeat from run to run, so that two runs can be compared. */
export function createEnterprise(authors: readonly Author[], today: CalendarDate): Enterprise {
  const clock = createTestClock(`${today}T12:00:00Z`);
  const chance = createTestChance(1);
  const sent: string[] = [];
  const source = createMemorySource();
  // Whole commits go in, titles and all: what leaves is the library's business.
  for (const { user, commits } of authors) source.add(user, commits);

  const receiver = createReceiver({
    store: createMemoryReceiverStore(),
    ledger: createMemoryLedger(),
    clock,
    chance,
  });
  const transport = createMemoryTransport({
    handle: (message) => receiver.handle(SERVER, message),
    onBytes: (direction, text) => {
      if (direction === "sent") sent.push(text);
    },
  });
  const store = createMemorySenderStore();
  const sender = createSender({ installation: SERVER, store, transport, source, clock, chance, pauseMs: 0 });

  const accounts = new Map(authors.map(({ user }, index) => [user, `account-${index + 1}` as AccountId]));
  const accountOf = (user: UserId): AccountId => accounts.get(user) ?? ("nobody" as AccountId);

  return {
    sender,
    receiver,
    sent,
    now: () => {
      clock.advance(60_000);
      return clock.now();
    },

    connect: (user) => {
      const at = clock.now();
      // The `state` of the OAuth flow that a real host would begin here.
      const attempt = chance.id();
      const expiresAt = (at + ATTEMPT_MS) as Instant;
      return sender
        .changeLink(user, { type: "start-connecting", by: user, at, attempt, expiresAt })
        .andThen(() => sender.changeLink(user, { type: "finish-connecting", by: user, at, attempt }));
    },

    optIn: (user) =>
      receiver
        .offerConsent(SERVER)
        .andThen(({ epoch }) => receiver.openLink({ installation: SERVER, account: accountOf(user), epoch }))
        .andThen((consent) =>
          sender
            .changeLink(user, { type: "opt-in", by: user, at: clock.now(), consent })
            .map(() => consent.link),
        ),

    calendarOf: (user) =>
      receiver.shownCounts(accountOf(user), today).andThen((servers) =>
        contributionsCollection({
          days: windowEndingOn(today),
          today,
          own: [],
          ownRestricted: [],
          servers,
          showsPrivateContributions: true,
        }).map(({ contributionCalendar }) => contributionCalendar),
      ),
  };
}
