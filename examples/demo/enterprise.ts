import {
  type AccountId,
  type BrowserId,
  type CalendarDate,
  err,
  type Instant,
  type InvalidCalendarDate,
  type InvalidIdentifier,
  type LinkId,
  ok,
  ResultAsync,
  type StorageFault,
  type TransportFault,
  type UserId,
  windowEndingOn,
} from "unified-contributions";
import { createMemorySource } from "unified-contributions/adapters/memory";
import { systemRandom } from "unified-contributions/adapters/system";
import {
  type ConsentRefusal,
  type ContributionCalendar,
  contributionsCollection,
  type InvalidCalendarRequest,
} from "unified-contributions/ghec";
import {
  type Actor,
  createSender,
  type InvalidCommand,
  type InvalidOptions,
  type Sender,
  type UserLinkRefusal,
} from "unified-contributions/ghes";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import type { Author } from "../sources/git.ts";
import { type Cloud, type CloudPages, createCloudHere, type ReachCloud, SERVER } from "./cloud.ts";
import { type Mistake, mistake } from "./mistake.ts";
import { memoryStores, type Stores } from "./open-stores.ts";

/** Everything that can go wrong on either side; in the demo nothing does. */
export type EnterpriseFault =
  | StorageFault
  | InvalidIdentifier
  | InvalidCommand
  | InvalidOptions
  | InvalidCalendarDate
  | InvalidCalendarRequest
  | UserLinkRefusal
  | ConsentRefusal
  | TransportFault
  | Mistake;

/** Both sides over memory parts, with a wire between them that writes down what crosses it. */
export interface Enterprise {
  readonly sender: Sender;
  readonly receiver: CloudPages;
  /** The messages that have left GitHub Enterprise Server, as they left, oldest first. */
  readonly sent: readonly string[];
  /** Ends both processes and starts new ones over the same storage. Null for memory, which ends with them. */
  readonly restart: (() => ResultAsync<void, Mistake>) | null;
  /** Gives the storage back. */
  close(): Promise<void>;
  /** The present instant; every look at it lets a minute pass. */
  now(): Instant;
  /** A user connects their account, and sends nothing yet. */
  connect(user: UserId): ResultAsync<unknown, EnterpriseFault>;
  /** A user selects "Send my contribution counts"; answers with the link that GitHub Enterprise Cloud opened. */
  optIn(user: UserId): ResultAsync<LinkId, EnterpriseFault>;
  /** The calendar that GitHub Enterprise Cloud shows for a user's account. */
  calendarOf(user: UserId): ResultAsync<ContributionCalendar, EnterpriseFault>;
}

/** The owner of the enterprise, on both sides. */
export const OWNER: Actor = { userId: "the-owner" as UserId, isEnterpriseOwner: true };

const NOT_SENDING = mistake("A user who has opted in does not send.");

/** Storage that outlives a process, and the way to open it again. */
export interface DurableStorage {
  readonly stores: Stores;
  open(): ResultAsync<Stores, Mistake>;
}

/**
 * Makes an enterprise at noon of a day. In memory its ids repeat from run to run, so that two runs can be compared; in
 * durable storage they must not.
 */
export function createEnterprise(
  authors: readonly Author[],
  today: CalendarDate,
  durable: DurableStorage | null = null,
  reachCloud: ReachCloud = createCloudHere,
): Enterprise {
  const clock = createTestClock(`${today}T12:00:00Z`);
  const random = durable ? systemRandom : createTestRandom(1);
  const randomOfCloud = durable ? systemRandom : createTestRandom(2);
  const sent: string[] = [];
  const source = createMemorySource();
  // Whole commits go in, titles and all: what leaves is the library's business.
  for (const { user, commits } of authors) source.add(user, commits);

  let stores = durable?.stores ?? memoryStores();
  let { sender, receiver } = startProcesses();

  function startProcesses(): Pick<Enterprise, "sender" | "receiver"> {
    const onSent = (text: string): unknown => sent.push(text);
    const surroundings = { clock, random: randomOfCloud, stores, onSent };
    const { receiver: pages, transport }: Cloud = reachCloud(surroundings);
    const options = { store: stores.senderStore, transport, source, clock, random, pauseMs: 0 };
    return { sender: createSender({ installation: SERVER, ...options }), receiver: pages };
  }

  function restart({ open }: DurableStorage): ResultAsync<void, Mistake> {
    return ResultAsync.fromSafePromise(stores.close())
      .andThen(open)
      .andThen((opened) => {
        stores = opened;
        ({ sender, receiver } = startProcesses());
        return ok();
      });
  }

  const accounts = new Map(authors.map(({ user }, index) => [user, `account-${index + 1}` as AccountId]));
  const accountOf = (user: UserId): AccountId => accounts.get(user) ?? ("nobody" as AccountId);

  return {
    get sender() {
      return sender;
    },
    get receiver() {
      return receiver;
    },
    sent,
    close: () => stores.close(),
    restart: durable && (() => restart(durable)),
    now: () => {
      clock.advance(60_000);
      return clock.now();
    },

    // Two browsers carry this between the two sides, in addresses and cookies. docs/connecting.md has the pages.
    connect: (user) =>
      sender
        .connect(user)
        .andThen(({ attempt }) => {
          const request = { attempt, browser: random.id() as BrowserId };
          return receiver
            .offerConsent(request)
            .andThen(() => receiver.giveConsent({ ...request, account: accountOf(user) }))
            .andThen(({ code }) => sender.redeem({ user, attempt, code }));
        })
        .mapErr((fault) => (fault.type === "rejected" ? mistake(`The cloud says ${fault.reason}.`) : fault)),

    optIn: (user) =>
      sender
        .changeLink(user, { type: "opt-in", by: user, at: clock.now() })
        .andThen(({ link }) => (link.status === "sending" ? ok(link.consent.linkId) : err(NOT_SENDING))),

    calendarOf: (user) =>
      receiver.shownCounts(accountOf(user), today).andThen((servers) =>
        contributionsCollection({
          days: windowEndingOn(today),
          today,
          contributions: [],
          restrictedContributions: [],
          servers,
          showsPrivateContributions: true,
        }).map(({ contributionCalendar }) => contributionCalendar),
      ),
  };
}
