import { CONTRIBUTION_WINDOW_DAYS } from "../../domain/contribution-window.ts";
import type { Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import { checkSite } from "./convergence.ts";
import { stopMachine } from "./machine.ts";
import { checkReceipts } from "./receipts.ts";
import type { Scene } from "./scene.ts";
import type { Site } from "./site.ts";
import { DAY_MS, HOUR_MS } from "./world.ts";

/**
 * How long two copies may still take the session from each other after the last fault, and then how long they are
 * watched.
 *
 * A clock that ran ahead may have planned a day ahead.
 */
const UNREST_HOURS = 26;
const PEACE_HOURS = 8;

/** By then the last delayed message has arrived, and every link was due once more. */
const DAYS_TO_CONVERGE = 6;
const DAYS_TO_AGE_OUT = CONTRIBUTION_WINDOW_DAYS + 2;

/** Ends all faults, lets time run on, and checks that everything comes right (I7, I8). */
export async function heal(scene: Scene): Promise<void> {
  const { world, sites, cloud } = scene;
  world.isHealing = true;
  const start = world.now();
  cloud.heal();
  for (const site of sites) {
    for (const machine of machinesOf(site)) machine.skewMs = 0;
    await endTrial(site);
  }
  const sending = await allSending(scene);
  await watchCopies(scene);
  await checkSending(scene, sending);
  for (const site of sites) await putInOrder(scene, site);

  const end = start + DAYS_TO_CONVERGE * DAY_MS;
  const left = end - world.now();
  for (const hours of [1, 2, 30, 60, 90]) {
    runAll(scene, hours * HOUR_MS);
    askUsers(scene, (hours + 0.5) * HOUR_MS);
    runAll(scene, (hours + 1) * HOUR_MS);
  }
  // Twice at the end: the first sync may still end links, and the second finds nothing left to do.
  for (const wait of [left - 2 * HOUR_MS, left - 1]) runAll(scene, wait);
  await world.runUntil(end, cloud.show);
  if (world.judge.violation()) return;
  for (const site of sites)
    if (!site.isSilent) world.judge.blame((await checkSite(scene, site)) ?? (await checkReceipts(site)));
  if (sites.some(({ isSilent }) => isSilent)) await checkSilence(scene);
}

function machinesOf({ machine, copy }: Site): readonly Site["machine"][] {
  return copy ? [machine, copy] : [machine];
}

/** Switches off a copy that boots for trying things out. Its operator hears of it now, and not while peace is watched. */
async function endTrial(site: Site): Promise<void> {
  const { staging, machine } = site;
  if (!staging) return;
  stopMachine(staging);
  site.staging = null;
  if (!machine.isStopped) (await machine.sender.takeOver())._unsafeUnwrap();
}

/** Lets all machines whose sync is due sync after this many milliseconds. */
function runAll({ world, sites }: Scene, wait: number): void {
  world.later(wait, async () => {
    for (const site of sites) {
      await takeOver(site);
      for (const machine of machinesOf(site)) {
        machine.poll();
        await world.stage.settle();
      }
    }
  });
}

/** Checks that two copies which both go on come to rest (I8). */
async function watchCopies(scene: Scene): Promise<void> {
  const { world, sites, cloud } = scene;
  const start = world.now();
  for (let hour = 1; hour <= UNREST_HOURS + PEACE_HOURS; hour++) runAll(scene, hour * HOUR_MS);
  await world.runUntil(start + UNREST_HOURS * HOUR_MS, cloud.show);
  const before = sites.map(({ installation }) => world.judge.sessionsOf(installation));
  await world.runUntil(start + (UNREST_HOURS + PEACE_HOURS) * HOUR_MS, cloud.show);
  const after = sites.map(({ installation }) => world.judge.sessionsOf(installation));
  if (String(after) !== String(before))
    world.judge.blame({
      invariant: "I8",
      message: "two copies of a server take the session from each other for ever",
    });
}

/** A link that sends, and its machine. */
interface SendingLink {
  readonly machine: Site["machine"];
  readonly user: UserId;
  readonly linkId: LinkId;
  readonly choice: number;
}

async function allSending({ sites }: Scene): Promise<readonly SendingLink[]> {
  const sending: SendingLink[] = [];
  for (const site of sites) {
    for (const machine of machinesOf(site)) {
      for (const user of site.users) {
        const { link } = (await machine.sender.sharing(user))._unsafeUnwrap();
        if (link.status === "sending" && link.consent)
          sending.push({ machine, user, linkId: link.consent.linkId, choice: link.choice ?? 0 });
      }
    }
  }
  return sending;
}

/** Checks that no consent and no choice ends without a request while no user chooses anything (I3). */
async function checkSending({ world: { judge } }: Scene, sending: readonly SendingLink[]): Promise<void> {
  for (const { machine, user, linkId, choice } of sending) {
    const { link } = (await machine.sender.sharing(user))._unsafeUnwrap();
    if (link.status === "ended" && !judge.mayEnd(linkId, null))
      judge.blame({ invariant: "I3", message: "a user's link has ended that nothing has ended" });
    if (link.status === "connected" && !judge.mayEnd(linkId, choice))
      judge.blame({ invariant: "I3", message: "a user's choice has ended that nothing has ended" });
  }
}

/** Operators and owners do their part. One of two copies goes on, and a worthless connection is made again. */
async function putInOrder({ world, people }: Scene, site: Site): Promise<void> {
  const { copy, machine } = site;
  if (copy) {
    const [stays, goes] = world.dice.fraction(16, site.number) < 0.5 ? [machine, copy] : [copy, machine];
    stopMachine(goes);
    site.machine = stays;
    site.copy = null;
  }
  if (!site.isSilent && !(await people.isConnected(site))) await people.reconnect(site);
}

/**
 * The operator lets the remaining copy go on, and again if another session is current by now.
 *
 * If there never was another copy of the server, no operator may be needed.
 */
async function takeOver({ machine, copy, isForked }: Site): Promise<void> {
  if (isForked && !copy && !machine.isStopped) (await machine.sender.takeOver())._unsafeUnwrap();
}

/** Users do their part: a user whose link the receiver does not know any more consents again. */
function askUsers({ world, sites, people }: Scene, wait: number): void {
  world.later(wait, async () => {
    for (const site of sites) {
      if (site.isSilent) continue;
      for (const user of site.users) if (await isLost(site, user)) await people.consentAnew(site, user);
    }
  });
}

async function isLost({ machine }: Site, user: UserId): Promise<boolean> {
  return (await machine.sender.sharing(user))._unsafeUnwrap().attention === "link-not-found";
}

/** Checks that the reports of a server that went silent age out by themselves (R12). */
async function checkSilence({ world, cloud, sites, accounts }: Scene): Promise<void> {
  const at = (world.now() + DAYS_TO_AGE_OUT * DAY_MS) as Instant;
  await world.runUntil(at, () => Promise.resolve());
  // The clock is believed the second time, since no sweep ran for longer than a window.
  for (const wait of [0, HOUR_MS]) {
    await world.runUntil(at + wait, () => Promise.resolve());
    (await cloud.observer.sweep({ limit: 100_000 }))._unsafeUnwrap();
  }
  const silent = new Set(sites.filter(({ isSilent }) => isSilent).map(({ installation }) => installation));
  for (const account of accounts) {
    const windows = (await cloud.observer.shownCounts(account))._unsafeUnwrap();
    if (windows.some(({ installation }) => silent.has(installation)))
      world.judge.blame({ invariant: "I7", message: "a silent server's counts never age out" });
  }
}
