// What you will see: the backend of a GitHub Enterprise Server turns the feature on; octocat connects an account, opts
// in, has two days' counts sent by the hourly sync, opts out, and gets the receipt of the deletion. The settings page
// of hubot says which gate is closed.
//
//   node scripts/run.js examples/ghes-backend/main.ts [--store <folder or postgres://…>]
import { safeTry } from "neverthrow";
import { type InstallationId, ok, okAsync, type UserId } from "unified-contributions";
import { systemRandom } from "unified-contributions/adapters/system";
import { type ContributionSource, createSender } from "unified-contributions/ghes";
import { openStores, storeArgument } from "../demo/open-stores.ts";
import { createStandInCloud } from "./stand-in-cloud.ts";

// The source of truth is asked when counts are about to be sent; here SQL has summed them already.
const dailyCounts = [
  { date: "2026-02-28", contributionCount: 4 },
  { date: "2026-03-01", contributionCount: 2 },
];
const source: ContributionSource = {
  read: ({ users }) => okAsync(new Map(users.map((user) => [user, { type: "daily-counts", dailyCounts }]))),
};

const installation = "server-1" as InstallationId;
const { clock, transport, consent } = await createStandInCloud(installation);
// In memory, or where --store says.
const opened = await openStores(storeArgument(process.argv));
if (opened.isErr()) throw new Error(opened.error.message);
const { senderStore: store, close } = opened.value;
const sender = createSender({ installation, store, transport, source, clock, random: systemRandom });

const owner = { userId: "the-owner" as UserId, isEnterpriseOwner: true };
const octocat = "octocat" as UserId;
const hubot = "hubot" as UserId;

const story = await safeTry(async function* () {
  const at = clock.now();
  const platform = { type: "github.com" } as const;
  yield* sender.changeSettings({ type: "connect", by: owner, at, platform, isCloudOwner: true });
  yield* sender.changeSettings({ type: "enable", by: owner, at, terms: { isAccepted: true } });
  yield* sender.sync();

  const by = octocat;
  // The browser goes to the cloud's page with the attempt, and comes back with a code; docs/connecting.md has both pages.
  const { attempt } = yield* sender.connect(octocat);
  const code = yield* consent(attempt);
  yield* sender.redeem({ user: octocat, attempt, code });
  yield* sender.changeLink(octocat, { type: "opt-in", by, at });

  const report = yield* sender.sync();
  console.log(`The sync ${report.outcome}: ${report.kept} kept.`);

  const { decision } = yield* sender.sharing(hubot);
  console.log(decision.isAllowed ? "hubot sends." : `hubot: ${decision.gate}. ${decision.message}`);

  const { isDeletionPending } = yield* sender.changeLink(octocat, { type: "opt-out", by, at });
  if (isDeletionPending) yield* sender.sync({ scope: "deletions" });
  const { deletion } = yield* sender.sharing(octocat);
  if (deletion.status === "deleted") console.log("octocat: deleted", deletion.receipt.removed);
  return ok();
});
await close();
if (story.isErr()) throw new Error(story.error.type);

// The sync completed: 1 kept.
// hubot: connected-account. The user has to connect an account on GitHub Enterprise Cloud.
// octocat: deleted { first: '2025-12-02', last: '2026-03-01' }
