import {
  type AccountId,
  type AttemptId,
  type BrowserId,
  type CalendarDate,
  err,
  type InstallationId,
  ok,
  parseAccountId,
  parseCalendarDate,
  parseInstallationId,
  parseInstant,
  parseLinkId,
  parseUserId,
  type Result,
  type ResultAsync,
  type UserId,
} from "unified-contributions";
import { contributionsCollection, createReceiver, type Receiver } from "unified-contributions/ghec";
import {
  buildPayload,
  buildPayloadFromChunks,
  buildPayloadFromDailyCounts,
  createSender,
  type Sender,
} from "unified-contributions/ghes";
import {
  type Message,
  parseAnswer,
  parseMessage,
  parseRecord,
  parseRequestId,
  parseSessionId,
} from "unified-contributions/wire";
import { beforeAll, describe, expect, it } from "vitest";
import { parseSettingsCommand, parseUserLinkCommand } from "../../src/ghes/commands.ts";
import { openLinkAt } from "../support/consents.ts";
import { SECRET, spoil, WRONG_VALUES } from "../support/proof-spoiled.ts";
import { createWorld, OCTO, OCTO_CLOUD, OWNER, SERVER } from "../support/world.ts";

const AT = Date.parse("2026-03-01T12:00:00Z");
const TODAY = "2026-03-01" as CalendarDate;
const UNKNOWN_CONSENT = {
  attempt: "attempt-that-is-none" as AttemptId,
  browser: "browser-of-somebody" as BrowserId,
};
const LINK = "the-link-of-octo";
const SESSION = "the-session-of-now";
const REQUEST = "the-request-of-now";
const SOURCE = "GitHub Enterprise Server";
const ENVELOPE = { version: 1, requestId: REQUEST };

type Outcome = Result<unknown, unknown> | ResultAsync<unknown, unknown>;

/** An entry, something right to offer it, how it refuses what is wrong, and what it takes although it was spoiled. */
type Entry = readonly [
  name: string,
  right: unknown,
  offer: (value: never) => Outcome,
  refusals: readonly string[],
  taken: readonly string[],
];

const ANY_SHORT_TEXT = ["a day that does not exist", "an instant that does not exist"];

/** The titles of spoilings of a field. */
function of(field: string, ...how: readonly string[]): readonly string[] {
  return how.map((one) => `${field}: ${one}`);
}

/** Offers an entry everything that is wrong in one place; expects it to refuse by name, in short, and to repeat nothing. */
async function expectRefusals([, right, offer, types, taken]: Entry): Promise<void> {
  expect((await offer(right as never)).isOk()).toBe(true);
  const takenThough: string[] = [];
  const refusedAs = new Set<unknown>();
  for (const { title, value } of spoil(right)) {
    const outcome = await offer(value as never);
    if (outcome.isOk()) {
      takenThough.push(title);
      continue;
    }
    const { error } = outcome;
    const said = JSON.stringify(error);
    expect(said.length).toBeLessThan(1_000);
    expect(said).not.toContain(SECRET);
    refusedAs.add(nameOf(error));
  }
  expect([...refusedAs].sort()).toEqual(types);
  expect(takenThough).toEqual(taken);
}

/** The name of a refusal: its type, or the reason where that is all there is, or the refusal itself. */
function nameOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  return "type" in error ? error.type : "reason" in error && error.reason;
}

describe("a single fault is refused by name, in short and without repetition, by", () => {
  const id = ["invalid-identifier"];
  const identifiers: readonly Entry[] = [
    ["parseLinkId", LINK, parseLinkId, id, []],
    ["parseSessionId", SESSION, parseSessionId, id, []],
    ["parseRequestId", REQUEST, parseRequestId, id, []],
    ["parseUserId", OCTO, parseUserId, id, of("all", ...ANY_SHORT_TEXT)],
    ["parseAccountId", OCTO_CLOUD, parseAccountId, id, of("all", ...ANY_SHORT_TEXT)],
    ["parseInstallationId", SERVER, parseInstallationId, id, of("all", ...ANY_SHORT_TEXT)],
    ["parseInstant", AT, parseInstant, id, []],
    ["parseCalendarDate", TODAY, parseCalendarDate, ["invalid-calendar-date"], []],
  ];

  const by = OWNER;
  const byTaken = [...of("by.userId", ...ANY_SHORT_TEXT), ...of("by.isEnterpriseOwner", "true")];
  const platform = { type: "ghe.com", subdomain: "octocorp" };
  const invalid = ["invalid-command"];
  const settings: readonly Entry[] = [
    [
      "parseSettingsCommand of connect",
      { type: "connect", by, at: AT, platform, isCloudOwner: true },
      parseSettingsCommand,
      invalid,
      [...byTaken, ...of("platform.subdomain", "a day that does not exist"), ...of("isCloudOwner", "true")],
    ],
    [
      "parseSettingsCommand of enable",
      { type: "enable", by, at: AT, terms: { isAccepted: false, url: "https://example.com/terms" } },
      parseSettingsCommand,
      invalid,
      byTaken,
    ],
    [
      "parseSettingsCommand of disable",
      { type: "disable", by, at: AT },
      parseSettingsCommand,
      invalid,
      byTaken,
    ],
    [
      "parseSettingsCommand of disconnect",
      { type: "disconnect", by, at: AT },
      parseSettingsCommand,
      invalid,
      byTaken,
    ],
  ];

  const octo = { by: OCTO, at: AT };
  const octoTaken = of("by", ...ANY_SHORT_TEXT);
  const commands = [
    [{ type: "cancel-connecting", ...octo, attempt: "attempt_0123456789" }, octoTaken],
    [{ type: "opt-in", ...octo }, octoTaken],
    [{ type: "opt-out", ...octo }, octoTaken],
    [{ type: "disconnect", ...octo }, octoTaken],
    [{ type: "end", at: AT, reason: "user-suspended" }, []],
  ] as const;
  const links = commands.map(([command, taken]): Entry => {
    return [`parseUserLinkCommand of ${command.type}`, command, parseUserLinkCommand, invalid, taken];
  });

  const strict = ["malformed-message", "unexpected-key", "unsupported-version"];
  const stands = { epoch: 1, status: "on" };
  const messages: readonly Entry[] = [
    [
      "parseMessage of attach",
      { ...ENVELOPE, type: "attach", replaces: SESSION, featureSwitch: stands },
      parseMessage,
      strict,
      of("replaces", "null"),
    ],
    ["parseMessage of enable", { ...ENVELOPE, type: "enable", after: 1 }, parseMessage, strict, []],
    ["parseMessage of disable", { ...ENVELOPE, type: "disable", epoch: 1 }, parseMessage, strict, []],
    [
      "parseMessage of deliver",
      { ...ENVELOPE, type: "deliver", sessionId: SESSION, follows: [REQUEST], records: [] },
      parseMessage,
      strict,
      [
        ...of("sessionId", "null"),
        ...of("follows", "an empty list"),
        // Each record is read by itself.
        ...of("records", "an empty list", "a list", "a sparse list"),
      ],
    ],
    [
      "parseMessage of complete",
      { ...ENVELOPE, type: "complete", sessionId: SESSION, follows: [REQUEST], heardTo: null },
      parseMessage,
      strict,
      [...of("follows", "an empty list"), ...of("heardTo", "null")],
    ],
    [
      "parseMessage of push",
      { ...ENVELOPE, type: "push", attempt: "attempt_0123456789" },
      parseMessage,
      strict,
      [],
    ],
    [
      "parseMessage of redeem",
      { ...ENVELOPE, type: "redeem", attempt: "attempt_0123456789", code: "code_0123456789ab" },
      parseMessage,
      strict,
      [],
    ],
    [
      "parseRecord of report",
      { type: "report", linkId: LINK, choice: 1, source: SOURCE, first: TODAY, counts: [1, 0] },
      parseRecord,
      ["malformed-record", "unexpected-key", "unknown-type"],
      [],
    ],
    [
      "parseRecord of withdraw",
      { type: "withdraw", linkId: LINK, choice: 1 },
      parseRecord,
      ["malformed-record", "unexpected-key", "unknown-type"],
      ["choice: null"],
    ],
  ];

  const deliver = {
    ...ENVELOPE,
    type: "deliver",
    sessionId: SESSION,
    follows: [REQUEST],
    records: [{ type: "withdraw", linkId: LINK, choice: 1 }],
  } as unknown as Message;
  const removed = { first: TODAY, last: TODAY };
  const withdrawn = { type: "withdrawn", receipt: { deletedAt: AT, removed } };
  const answers: readonly Entry[] = [
    [
      "parseAnswer of delivered",
      { ...ENVELOPE, type: "delivered", featureSwitch: stands, outcomes: [withdrawn] },
      (answer) => parseAnswer(deliver, answer),
      ["transport-fault"],
      of("outcomes[0].receipt.removed", "null"),
    ],
    [
      "parseAnswer of detached",
      {
        ...ENVELOPE,
        type: "detached",
        featureSwitch: stands,
        current: { id: SESSION, isVacant: true },
        outcomes: [withdrawn],
      },
      (answer) => parseAnswer(deliver, answer),
      ["transport-fault"],
      [...of("current.isVacant", "true"), ...of("outcomes[0].receipt.removed", "null")],
    ],
    [
      "parseAnswer of rejected",
      { ...ENVELOPE, type: "rejected", reason: "epoch-too-far", supported: { first: 1, last: 1 } },
      (answer) => parseAnswer(deliver, answer),
      ["transport-fault"],
      [],
    ],
  ];

  const malformed = ["malformed-contribution", "unreadable-contributions"];
  const aside = ["[0].extra: one too many", "[0].__proto__: its own"];
  const contributions: readonly Entry[] = [
    [
      "buildPayload",
      [{ occurredAt: "2026-03-01T09:00:00Z" }],
      (given) => buildPayload(given, TODAY),
      malformed,
      ["all: an empty text", "all: an empty list", ...aside],
    ],
    [
      "buildPayloadFromChunks",
      [[{ occurredAt: "2026-03-01T09:00:00Z" }]],
      (given) => buildPayloadFromChunks(given, TODAY),
      malformed,
      [
        "all: an empty text",
        "all: an empty list",
        "[0]: an empty text",
        "[0]: an empty list",
        ...aside.map((title) => `[0]${title}`),
      ],
    ],
    [
      "buildPayloadFromDailyCounts",
      [{ date: "2026-03-01", contributionCount: 1 }],
      (given) => buildPayloadFromDailyCounts(given, TODAY),
      malformed,
      ["all: an empty text", "all: an empty list", ...aside],
    ],
    ["buildPayload of a day", TODAY, (today) => buildPayload([], today), ["invalid-calendar-date"], []],
  ];

  const daily = [{ date: TODAY, contributionCount: 1 }];
  const request = {
    days: { first: "2026-02-28", last: TODAY },
    today: TODAY,
    contributions: daily,
    restrictedContributions: daily,
    servers: [{ window: { first: TODAY, counts: [1, 0] } }],
    showsPrivateContributions: true,
  };
  const extra = (...fields: readonly string[]) =>
    fields.flatMap((field) => [`${field}.extra: one too many`, `${field}.__proto__: its own`]);
  const calendar: readonly Entry[] = [
    [
      "contributionsCollection",
      request,
      contributionsCollection,
      ["invalid-calendar-request"],
      [
        ...extra("", "days"),
        ...of("contributions", "an empty list"),
        ...extra("contributions[0]"),
        ...of("restrictedContributions", "an empty list"),
        ...extra("restrictedContributions[0]"),
        ...of("servers", "an empty list"),
        ...extra("servers[0]", "servers[0].window"),
        ...of("showsPrivateContributions", "true"),
      ],
    ],
  ];

  it.each([...identifiers, ...settings, ...links, ...messages, ...answers, ...contributions, ...calendar])(
    "%s",
    async (...entry) => {
      await expectRefusals(entry);
    },
  );
});

describe("a single fault changes nothing in the stores, and is refused by name, by", () => {
  let world: ReturnType<typeof createWorld>;
  let sender: Sender;
  let receiver: Receiver;
  let before: readonly unknown[];
  const stores = () => [world.senderStore.snapshot(), world.receiverStore.snapshot()];

  beforeAll(async () => {
    world = createWorld("2026-03-01T12:00:00Z");
    ({ sender, receiver } = world);
    await world.enable();
    await world.contribute(OCTO, "2026-03-01T09:00:00Z");
    await world.connect();
    await world.optIn();
    await world.sync();
    before = stores();
  });

  /** Only what is wrong is really offered; of what would be taken the parsers' tests above know. */
  async function expectUnchanged(
    right: unknown,
    offer: (value: never) => Outcome,
    types: readonly string[],
    taken: readonly string[] = [],
  ): Promise<void> {
    const refusedAs = new Set<unknown>();
    for (const { title, value } of spoil(right)) {
      if (taken.includes(title)) continue;
      const outcome = await offer(value as never);
      if (outcome.isOk()) throw new Error(`Taken: ${title}`);
      expect(JSON.stringify(outcome.error)).not.toContain(SECRET);
      refusedAs.add(nameOf(outcome.error));
    }
    expect([...refusedAs].sort()).toEqual(types);
    expect(stores()).toEqual(before);
  }

  const shortText = of("all", ...ANY_SHORT_TEXT);
  const undefinedToo = ["all: undefined", ...shortText];

  it("changeSettings", async () => {
    const disable = { type: "disable", by: OWNER, at: AT };
    const taken = [...of("by.userId", ...ANY_SHORT_TEXT), ...of("by.isEnterpriseOwner", "true")];
    await expectUnchanged(disable, (command) => sender.changeSettings(command), ["invalid-command"], taken);
  });

  it("changeLink", async () => {
    const optOut = { type: "opt-out", by: OCTO, at: AT };
    const invalid = ["invalid-command", "not-yourself"];
    await expectUnchanged(optOut, (command) => sender.changeLink(OCTO, command), invalid);
    const offer = (user: UserId) => sender.changeLink(user, optOut as never);
    await expectUnchanged(OCTO, offer, ["invalid-identifier", "not-yourself"]);
  });

  it("contributionsChanged", async () => {
    const taken = [...of("all", "an empty list", "a list"), ...of("[0]", ...ANY_SHORT_TEXT)];
    await expectUnchanged(
      [OCTO],
      (users) => sender.contributionsChanged(users),
      ["invalid-identifier"],
      taken,
    );
  });

  it("sharing", async () => {
    await expectUnchanged(OCTO, (user) => sender.sharing(user), ["invalid-identifier"], shortText);
  });

  it("sync", async () => {
    const options = { scope: "deletions", onProgress: () => undefined };
    const objects = [
      "an empty list",
      "a list",
      "a sparse list",
      "an object",
      "a cyclic object",
      "a Date",
      "a Map",
    ];
    const taken = [
      ...of("all", "undefined", ...objects),
      ".extra: one too many",
      ".__proto__: its own",
      ...of("scope", "missing", "undefined"),
      ...of("onProgress", "missing", "undefined", "a function"),
    ];
    await expectUnchanged(options, (given) => sender.sync(given), ["invalid-options"], taken);
  });

  it.each([
    [{ type: "attach", replaces: SESSION, featureSwitch: { epoch: 1, status: "on" } }],
    [{ type: "enable", after: 1 }],
    [{ type: "disable", epoch: 1 }],
    [{ type: "deliver", sessionId: SESSION, follows: [REQUEST], records: [] }],
    [{ type: "complete", sessionId: SESSION, follows: [REQUEST], heardTo: null }],
  ])("handle, a message of %s", async (message) => {
    const offer = (input: unknown) =>
      receiver
        .handle(SERVER, input)
        .andThen((answer) => (answer.type === "rejected" ? err({ reason: answer.reason }) : ok(answer)));
    const reasons = ["malformed-message", "unexpected-key", "unsupported-version"];
    // These are right in form; of another session, they change nothing either.
    const taken = [
      ...of("replaces", "null"),
      ...of("sessionId", "null"),
      ...of("heardTo", "null"),
      ...of("follows", "an empty list"),
      ...of("records", "an empty list", "a list", "a sparse list"),
    ];
    await expectUnchanged({ ...ENVELOPE, ...message }, offer, reasons, taken);
  });

  it("handle, whose installation", async () => {
    const disable = { ...ENVELOPE, type: "disable", epoch: 1 };
    const offer = (installation: InstallationId) => receiver.handle(installation, disable);
    await expectUnchanged(SERVER, offer, ["invalid-identifier"], shortText);
  });

  it.each([
    ["disconnectInstallation", (given: never) => receiver.disconnectInstallation(given), shortText],
    ["offerConsent", (given: never) => receiver.offerConsent(given), shortText],
    ["connectInstallation", (given: never) => receiver.connectInstallation(given), shortText],
    [
      "connectInstallation, its connection",
      (given: never) => receiver.connectInstallation(SERVER, given),
      undefinedToo,
    ],
    ["revokeAuthorization", (given: never) => receiver.revokeAuthorization(given, OCTO_CLOUD), shortText],
    [
      "revokeAuthorization, its account",
      (given: never) => receiver.revokeAuthorization(SERVER, given),
      shortText,
    ],
    ["deleteAccount", (given: never) => receiver.deleteAccount(given), shortText],
    ["shownCounts", (given: never) => receiver.shownCounts(given), shortText],
  ])("%s", async (_, offer, taken) => {
    await expectUnchanged("all of it", offer, ["invalid-identifier"], taken);
  });

  it("shownCounts, its day", async () => {
    const offer = (today: CalendarDate) => receiver.shownCounts(OCTO_CLOUD, today);
    await expectUnchanged(TODAY, offer, ["invalid-calendar-date"], ["all: undefined"]);
  });

  it("sweep", async () => {
    const offer = (limit: number) => receiver.sweep({ limit });
    await expectUnchanged(1, offer, ["invalid-options"], ["all: undefined"]);
  });

  it("offerConsent", async () => {
    const types = ["invalid-identifier", "no-such-attempt"];
    await expectUnchanged(UNKNOWN_CONSENT, (given) => receiver.offerConsent(given), types);
  });

  it("giveConsent", async () => {
    const request = { ...UNKNOWN_CONSENT, account: "somebody" as AccountId };
    const types = ["invalid-identifier", "no-such-attempt"];
    await expectUnchanged(request, (given) => receiver.giveConsent(given), types);
  });
});

describe("one wrong record of a request", () => {
  it("is refused by name, and the others are applied", async () => {
    const world = createWorld("2026-03-01T12:00:00Z");
    const report = { type: "report", choice: 1, source: SOURCE, first: TODAY };
    await world.enable();
    const { linkId } = await openLinkAt(world.receiver, SERVER, OCTO_CLOUD);
    const { sessionId, follows } = attachedSession(world);

    const records = [
      { ...report, linkId, counts: [1], extra: SECRET },
      { ...report, linkId, counts: [65_536] },
      { ...report, linkId, counts: [1], first: "2026-02-29" },
      { ...report, linkId, counts: [1], first: "2026-03-05" },
      { type: SECRET },
      null,
      { ...report, linkId, counts: [2] },
      { ...report, linkId, counts: [3] },
      { ...report, linkId: "a-link-that-is-unknown", counts: [4] },
      { type: "withdraw", linkId: LINK, choice: 1 },
      { ...report, linkId: LINK, counts: [5] },
    ];
    const message = { version: 1, requestId: REQUEST, type: "deliver", sessionId, follows, records };
    const answer = (await world.receiver.handle(SERVER, message))._unsafeUnwrap();

    expect(answer).toMatchObject({
      type: "delivered",
      outcomes: [
        { type: "refused", reason: "unexpected-key" },
        { type: "refused", reason: "malformed-record" },
        { type: "refused", reason: "malformed-record" },
        { type: "refused", reason: "clock-ahead" },
        { type: "refused", reason: "unknown-type" },
        { type: "refused", reason: "malformed-record" },
        { type: "kept" },
        { type: "refused", reason: "duplicate-link" },
        { type: "unknown" },
        { type: "unknown" },
        { type: "refused", reason: "duplicate-link" },
      ],
    });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(await world.shown()).toEqual([2]);
  });

  it("among more than a thousand refuses the request as a whole, and changes nothing", async () => {
    const world = createWorld("2026-03-01T12:00:00Z");
    await world.enable();
    const { sessionId, follows } = attachedSession(world);
    const before = world.receiverStore.snapshot();

    const records = new Array<unknown>(1_001).fill({ type: "withdraw", linkId: LINK, choice: 1 });
    const message = { version: 1, requestId: REQUEST, type: "deliver", sessionId, follows, records };
    const answer = (await world.receiver.handle(SERVER, message))._unsafeUnwrap();

    expect(answer).toEqual({
      version: 1,
      type: "rejected",
      requestId: REQUEST,
      reason: "too-many-records",
      supported: { first: 1, last: 1 },
    });
    expect(world.receiverStore.snapshot()).toEqual(before);
  });
});

/** The session that a world's server holds. */
function attachedSession({ senderStore }: ReturnType<typeof createWorld>) {
  const { session } = senderStore.snapshot().server.value;
  if (session.status !== "attached") throw new Error("The server is not attached.");
  return session;
}

describe("a wrong option is named when the host's program starts, by", () => {
  /** What the factory throws for every wrong value of an option, or `taken`. */
  function thrownFor(create: (options: never) => unknown, right: object, option: string): Set<string> {
    const { [option]: _, ...without } = right as Record<string, unknown>;
    const wrong = Object.values(WRONG_VALUES).map((value) => ({ ...right, [option]: value }));
    return new Set([without, ...wrong].map((options) => thrown(() => create(options as never))));
  }

  function thrown(act: () => unknown): string {
    try {
      act();
      return "taken";
    } catch (error) {
      return error instanceof TypeError ? error.message : "no TypeError";
    }
  }

  const { options, receiverStore, ledger, clock, random } = createWorld();

  it.each([
    ["store", "loadServer"],
    ["transport", "send"],
    ["source", "read"],
    ["clock", "now"],
    ["random", "id"],
  ])("createSender: %s", (option, method) => {
    const message = `createSender: \`${option}\` has to have the method \`${method}\`.`;
    expect(thrownFor(createSender, options, option)).toEqual(new Set([message]));
  });

  it.each([
    ["installation", "1 to 255 characters without control characters"],
    ["batchSize", "a whole number from 1 to 1000"],
    ["pauseMs", "a whole number from 0 to 3600000"],
    ["leaseMs", "a whole number from 1000 to 86400000"],
    ["timeZone", "the IANA name of a time zone, such as Europe/Berlin"],
  ])("createSender: %s", (option, rule) => {
    const thrown = thrownFor(createSender, options, option);
    expect(thrown).toContain(`createSender: \`${option}\` has to be ${rule}.`);
    thrown.delete("taken");
    expect(thrown.size).toBe(1);
  });

  it.each([
    ["store", "loadRegistration"],
    ["ledger", "append"],
    ["clock", "now"],
    ["random", "id"],
  ])("createReceiver: %s", (option, method) => {
    const message = `createReceiver: \`${option}\` has to have the method \`${method}\`.`;
    const right = { store: receiverStore, ledger, clock, random };
    expect(thrownFor(createReceiver, right, option)).toEqual(new Set([message]));
  });
});
