// What you will see: the backend of GitHub Enterprise Cloud answers a server's messages at an HTTP endpoint, gives a code
// for the consent of an account's owner, opens a link when the server redeems it, shows the counts in the account's contribution calendar, and deletes
// them at once, with a receipt, when the owner revokes the authorization.
//
//   node scripts/run.js examples/ghec-backend/main.ts [--store <folder or postgres://…>]
import { safeTry } from "neverthrow";
import {
  type AccountId,
  type BrowserId,
  type InstallationId,
  ok,
  parseCalendarDate,
  windowEndingOn,
} from "unified-contributions";
import { systemRandom } from "unified-contributions/adapters/system";
import { contributionsCollection, createReceiver } from "unified-contributions/ghec";
import { createTestClock } from "unified-contributions/testing";
import { openStores, storeArgument } from "../demo/open-stores.ts";
import { createStandInServer } from "./stand-in-server.ts";

const installation = "server-1" as InstallationId;
const account = "octocat" as AccountId;

const clock = createTestClock("2026-03-01T12:00:00Z");
// In memory, or where --store says.
const opened = await openStores(storeArgument(process.argv));
if (opened.isErr()) throw new Error(opened.error.message);
const { receiverStore: store, ledger, close } = opened.value;
const receiver = createReceiver({ store, ledger, clock, random: systemRandom });

/** Which server speaks is what authentication says, never what a message says; the message may be anything. */
async function respond(request: Request): Promise<Response> {
  if (request.headers.get("authorization") !== "Bearer secret of server-1")
    return new Response(null, { status: 401 });
  const message: unknown = await request.json().catch(() => undefined);
  return receiver.handle(installation, message).match(
    (answer) => Response.json(answer),
    ({ type }) => Response.json({ type }, { status: 503, headers: { "retry-after": "60" } }),
  );
}

const server = createStandInServer(installation, clock, respond);

const story = await safeTry(async function* () {
  yield* receiver.connectInstallation(installation);
  yield* server.enable();

  // A browser opens your page with an attempt in its address, and you find or set a random id in its cookie.
  const { attempt } = yield* server.connect();
  const request = { attempt, browser: systemRandom.id() as BrowserId };
  const { installation: asking } = yield* receiver.offerConsent(request);
  console.log(`Shown on the page: ${asking} wants to send contribution counts to ${account}.`);
  // The account's owner has pressed the button; the browser takes the code back to its server.
  const { code } = yield* receiver.giveConsent({ ...request, account });
  yield* server.optIn(attempt, code);

  const today = yield* parseCalendarDate("2026-03-01");
  const collection = yield* contributionsCollection({
    days: windowEndingOn(today),
    today,
    contributions: [{ date: today, contributionCount: 1 }],
    restrictedContributions: [],
    servers: yield* receiver.shownCounts(account, today),
    showsPrivateContributions: true,
  });
  const { contributionCalendar, restrictedContributionsCount } = collection;
  console.log(
    `${contributionCalendar.totalContributions} contributions, ${restrictedContributionsCount} of them private.`,
  );
  console.log(contributionCalendar.weeks.at(-1)?.contributionDays);

  const [deleted] = yield* receiver.revokeAuthorization(installation, account);
  console.log("Deleted:", deleted?.receipt.removed);
  console.log("Shown now:", yield* receiver.shownCounts(account, today));
  return ok();
});
await close();
if (story.isErr()) throw new Error(story.error.type);

// Shown on the page: server-1 wants to send contribution counts to octocat.
// 4 contributions, 3 of them private.
// [
//   {
//     date: '2026-03-01',
//     contributionCount: 3,
//     contributionLevel: 'FOURTH_QUARTILE',
//     weekday: 0
//   }
// ]
// Deleted: { first: '2025-12-02', last: '2026-03-01' }
// Shown now: []
