import type { UserId } from "unified-contributions";
import { systemClock } from "unified-contributions/adapters/system";
import type { ShownWindow } from "unified-contributions/ghec";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addDays } from "../../../../src/domain/calendar-date.ts";
import type { Person } from "../../../support/graphql-instance.ts";
import { FORGETFUL, type PostgresServer, startPostgres } from "../../../support/postgres/server.ts";
import type { Arrived } from "../../../support/sidecar-cloud.ts";
import { type LogLine, type SidecarProcess, startSidecar } from "../../../support/sidecar-process.ts";
import { accountOf, createSidecarWorld, letSend, type SidecarWorld } from "../../../support/sidecar-world.ts";
import { runExample } from "../run-example.ts";

const IDS = Array.from({ length: 1_000 }, (_, at) => 1_001 + at);
const [SUSPENDED, DELETED, RENAMED] = [1_017, 1_018, 1_042];
/** Has taken the login that the renamed user had. */
const HEIR = 3_000;

const DAY_MS = 86_400_000;
/** More days than any window that this test can meet. */
const DAYS = Array.from({ length: 100 }, (_, at) =>
  new Date(systemClock.now() + (at - 97) * DAY_MS).toISOString().slice(0, 10),
);

/** What a user has contributed on a day. After a change of everybody's counts it is more. */
function countOf(id: number, date: string, more = 0): number {
  return ((id * 7 + Date.parse(date) / DAY_MS) % 13) + more;
}

function person(id: number, login = `login-${id}`, more = 0): Person {
  return { id, login, days: DAYS.map((date) => ({ date, contributionCount: countOf(id, date, more) })) };
}

function everybody(more = 0, left: readonly number[] = []): readonly Person[] {
  const users = IDS.filter((id) => !left.includes(id)).map((id) =>
    person(id, id === RENAMED ? "renamed" : undefined, more),
  );
  return [...users, person(HEIR, `login-${RENAMED}`)];
}

let world: SidecarWorld;
let database: PostgresServer;

beforeAll(async () => {
  const built = runExample("examples/sidecar/main.ts", "--help");
  database = await startPostgres(18, FORGETFUL);
  const { host, user } = database.connection;
  const url = `postgres://${user}@/postgres?host=${host}`;
  world = await createSidecarWorld(url);
  await letSend(world.cloud.receiver, IDS, url);
  await built;
});
afterAll(async () => {
  await world.close();
  await database.stop();
});

/** The end of the first sync that another process's lease did not keep from beginning. */
async function endOfSync(sidecar: SidecarProcess): Promise<LogLine> {
  const ended = await sidecar.next("sync-ended");
  return ended["outcome"] === "busy" ? endOfSync(sidecar) : ended;
}

/** Ends a sidecar in this way as soon as the cloud has got so many reports, before any of them is answered. */
function endAt(delivery: number, sidecar: SidecarProcess, signal: "SIGKILL" | "SIGTERM"): void {
  let deliveries = 0;
  world.cloud.onArrival = ({ type }) => {
    if (type === "deliver" && ++deliveries === delivery) sidecar.child.kill(signal);
  };
}

/** The users whose counts the cloud shows as they are on the server. */
async function shownRightly(more = 0): Promise<readonly number[]> {
  const right: number[] = [];
  for (const id of IDS) {
    const shown = (await world.cloud.receiver.shownCounts(accountOf(`${id}` as UserId)))._unsafeUnwrap();
    if (shown.length === 1 && shown.every(({ window }) => isRight(window, id, more))) right.push(id);
  }
  return right;
}

function isRight({ first, counts }: ShownWindow["window"], id: number, more = 0): boolean {
  return counts.length === 90 && counts.every((count, at) => count === countOf(id, addDays(first, at), more));
}

/** Whom the log says that they could not be read, each with the reason. */
function unread(lines: readonly LogLine[]): readonly (readonly [unknown, unknown])[] {
  const told = lines.filter(({ type }) => type === "user-not-sent");
  return told.map((line) => [line["user"], line["detail"]] as const).sort();
}

const UNREAD = [
  [
    "1017",
    "The instance does not let the token see this user: check the token's permissions, and whether the user is suspended.",
  ],
  [
    "1018",
    "The server shows no such user: they are suspended, or their account was deleted. End their link with --end-suspended or --end-deleted.",
  ],
];

const BAD_GATEWAY = (): Response => new Response("<html>Bad gateway.</html>", { status: 502 });
const AS_IT_IS = (proceed: () => Promise<Response>): Promise<Response> => proceed();
const TOO_HEAVY = (): Response =>
  Response.json({
    data: null,
    errors: [{ type: "RESOURCE_LIMITS_EXCEEDED", path: ["u0"], message: "Exceeded." }],
  });

it("sends what can be read, names whom it cannot read, and is killed and restarted in the middle", async () => {
  const { instance, cloud } = world;
  instance.setPeople(everybody(0, [DELETED]));
  instance.refuse(`login-${SUSPENDED}`, "FORBIDDEN");
  // The question for the logins, again; then that for ten calendars, and for the first half of them.
  instance.on(BAD_GATEWAY, AS_IT_IS, BAD_GATEWAY, TOO_HEAVY);

  const first = await world.start();
  endAt(3, first, "SIGKILL");
  const killed = await first.ended;
  const readBefore = instance.asked.map(({ logins }) => logins.length);
  cloud.onArrival = () => undefined;
  const second = await world.start();
  const ended = await endOfSync(second);
  second.child.kill("SIGTERM");

  expect(killed).toEqual({ code: "SIGKILL", stderr: "" });
  expect(readBefore.slice(0, 8)).toEqual([0, 0, 10, 5, 3, 2, 5, 10]);
  expect(ended).toMatchObject({ outcome: "incomplete", failed: 2, isContested: false, fault: null });
  expect(unread(second.lines)).toEqual(UNREAD);
  expect(await shownRightly()).toEqual(IDS.filter((id) => id !== SUSPENDED && id !== DELETED));
  expect(await second.ended).toEqual({ code: 0, stderr: "" });
  expect(JSON.stringify([...first.lines, ...second.lines])).not.toMatch(/login-|renamed|token-for/);
});

it("has sent nothing twice as something else", () => {
  const { arrived } = world.cloud;
  const byRequest = new Map<string, Set<string>>();
  for (const message of arrived)
    byRequest.set(
      message.requestId,
      (byRequest.get(message.requestId) ?? new Set()).add(JSON.stringify(message)),
    );
  const counts = new Map<string, Set<string>>();
  for (const { linkId, first, counts: sent } of arrived.flatMap(({ records }: Arrived) => records ?? [])) {
    if (sent === undefined) continue;
    const key = `${linkId} ${first}`;
    counts.set(key, (counts.get(key) ?? new Set()).add(JSON.stringify(sent)));
  }

  expect([...byRequest.values()].filter((bodies) => bodies.size > 1)).toEqual([]);
  expect([...counts.values()].filter((windows) => windows.size > 1)).toEqual([]);
  expect(counts.size).toBeGreaterThanOrEqual(IDS.length - 2);
});

it("syncs once for cron, and gives its lease back when it is told to end in the middle", async () => {
  const { instance, cloud, configFile } = world;
  const once = () => startSidecar("--config", configFile, "--once");
  const incomplete = await once().ended;
  instance.reset();
  instance.setPeople(everybody(1));
  const told = once();
  endAt(2, told, "SIGTERM");
  const ended = await told.ended;
  cloud.onArrival = () => undefined;
  const completed = once();

  expect(incomplete).toEqual({
    code: 1,
    stderr: "The counts of 2 users could not be sent: each has a line above that says why.\n",
  });
  expect(ended).toEqual({ code: 1, stderr: "The sync was ended before it was over: start it again.\n" });
  expect(await completed.ended).toEqual({ code: 0, stderr: "" });
  expect(await shownRightly(1)).toEqual(IDS);
});

it("deletes what was sent of a user who is gone, and says so where nothing was", async () => {
  const end = (option: string, id: number) =>
    startSidecar("--config", world.configFile, option, `${id}`).ended;
  const suspended = await end("--end-suspended", SUSPENDED);
  const deleted = await end("--end-deleted", DELETED);
  const stranger = await end("--end-deleted", HEIR);

  expect([suspended, deleted]).toEqual(Array(2).fill({ code: 0, stderr: "" }));
  expect(await shownRightly(1)).toEqual(IDS.filter((id) => id !== SUSPENDED && id !== DELETED));
  expect(stranger).toEqual({
    code: 1,
    stderr: "Nothing was ever sent of this user: compare the number with the one in the log.\n",
  });
});

it("says that its database is away while it runs, and still ends as it should", async () => {
  const sidecar = await world.start();
  await database.kill();
  const failure = await sidecar.next("storage-failed");
  sidecar.child.kill("SIGTERM");

  expect(failure["message"]).toContain("The server cannot be reached");
  expect(await sidecar.ended).toEqual({ code: 0, stderr: "" });
});
