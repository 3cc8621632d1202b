import type { InstallationId } from "../../domain/identifiers.ts";
import type { Cloud } from "./cloud.ts";
import type { IncidentKind } from "./incidents.ts";
import { type Machine, stopMachine } from "./machine.ts";
import type { Site } from "./site.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type World } from "./world.ts";

/** How far a wrong clock is off at most: a zone, a day and a bit, a year. */
const MAX_SKEWS_MS = [2 * HOUR_MS, 30 * HOUR_MS, 365 * DAY_MS];
const BACKUP_HOURS = 12;
const KEPT_BACKUPS = 4;

/** How much a store loses at most, all of it or the part of one installation. */
const DEPTHS_MS = [HOUR_MS, 6 * HOUR_MS, 48 * HOUR_MS];
const DEPTHS_ALONE_MS = [10 * SECOND_MS, 10 * MINUTE_MS, 6 * HOUR_MS, 48 * HOUR_MS];
/** How long a ledger is down, or hangs, at most. */
const DOWN_MS = [5 * MINUTE_MS, 3 * HOUR_MS, 40 * HOUR_MS];
const HANGING_MS = [5 * SECOND_MS, 5 * MINUTE_MS, 2 * HOUR_MS];
/** How far apart the clocks of the cloud's processes are at most, and how far ahead a sweep's clock is. */
const CLOUD_SKEWS_MS = [2 * HOUR_MS, 30 * HOUR_MS];
const SWEEP_SKEWS_MS = [2 * DAY_MS, 7 * DAY_MS, 40 * DAY_MS];
/** How long one user's contributions cannot be read, at most. */
const UNREADABLE_MS = [DAY_MS, 7 * DAY_MS, 21 * DAY_MS];
/** How long a copy for trials runs at most, and after how long the operator looks. */
const STAGING_MS = 3 * HOUR_MS;
const OPERATOR_MS = [3 * HOUR_MS, 48 * HOUR_MS];

/** Decides the faults of the cloud's processes and databases in an hour. */
export async function disturbCloud(world: World, cloud: Cloud, sites: readonly Site[]): Promise<void> {
  const { dice, incidents } = world;
  const hour = world.hour();
  /** At some time in this hour, for a duration up to one of these. */
  const happen = (
    kind: IncidentKind,
    probability: number,
    place: readonly number[],
    most: readonly number[],
    what: (milliseconds: number) => void | Promise<void>,
  ): void => {
    if (!incidents.happens(kind, probability, ...place)) return;
    const milliseconds = Math.ceil(dice.pick(most, 40, ...place) * dice.fraction(41, ...place));
    world.later(Math.floor(dice.fraction(42, ...place) * HOUR_MS), () => what(milliseconds));
  };
  const { databases } = cloud;
  happen("store-lost-hours", 0.003, [hour], DEPTHS_MS, (depth) => databases.lose({ type: "store" }, depth));
  for (const { installation, number } of sites) {
    const lost = { type: "installation", installation } as const;
    happen("installation-lost", 0.003, [number, hour], DEPTHS_ALONE_MS, (depth) =>
      databases.lose(lost, depth),
    );
  }
  happen("ledger-down", 0.003, [hour], DOWN_MS, (length) => databases.cutOff("down", length));
  happen("ledger-hangs", 0.003, [hour], HANGING_MS, (length) => databases.cutOff("hangs", length));
  for (const [number, front] of cloud.fronts.entries()) {
    happen("receiver-clock-wrong", 0.005, [number, hour], CLOUD_SKEWS_MS, (skew) => {
      if (!world.isHealing) front.skewMs = hour % 2 === 0 ? skew : -skew;
    });
    if (dice.fraction(43, number, hour) < 0.05) front.skewMs = 0;
  }
  await Promise.resolve();
}

/** Runs the day's sweep. Now and then its process has a clock that is days ahead. */
export async function sweep(world: World, cloud: Cloud): Promise<void> {
  const { dice, incidents } = world;
  const hour = world.hour();
  const isAhead = incidents.happens("sweep-clock-ahead", 0.1, hour);
  cloud.sweep(isAhead ? Math.ceil(dice.pick(SWEEP_SKEWS_MS, 44, hour) * dice.fraction(45, hour)) : 0);
  await world.stage.settle();
}

/** Decides the faults of a whole site in an hour. */
export async function disturbSite(world: World, cloud: Cloud, site: Site): Promise<void> {
  if (site.machine.isStopped) return;
  const happens = (kind: IncidentKind, probability: number): boolean =>
    world.incidents.happens(kind, probability, site.number, world.hour());
  await restore(world, site, happens);
  await copy(world, site, happens);
  await tryOut(world, site, happens);
  turnClock(world, site, happens);
  makeUnreadable(world, site);
  if (happens("server-silent", 0.0003)) silence(site);
  if (happens("forged-message", 0.01)) forge(world, cloud, site);
}

type Happens = (kind: IncidentKind, probability: number) => boolean;

/** A server is backed up twice per day, and restored now and then: after a crash, or under the running processes. */
async function restore(world: World, site: Site, happens: Happens): Promise<void> {
  const { machine } = site;
  const hour = world.hour();
  const taken = hour % BACKUP_HOURS === 0 ? await machine.backUp() : null;
  if (taken) site.backups = [...site.backups, taken].slice(-KEPT_BACKUPS);
  if (site.backups.length === 0) return;
  const isCrash = happens("server-restored", 0.004);
  if (!isCrash && !happens("server-restored-under-way", 0.003)) return;
  if (isCrash) machine.kill();
  site.isForked = true;
  await machine.restore(world.dice.pick(site.backups, 23, site.number, hour));
}

/** Another copy of a server begins to run beside it, or is found and switched off. */
async function copy(world: World, site: Site, happens: Happens): Promise<void> {
  const { machine } = site;
  if (site.copy) {
    if (world.dice.fraction(24, site.number, world.hour()) >= 0.03) return;
    stopMachine(site.copy);
    site.copy = null;
    await takeOver(world, machine);
  } else if (happens("server-copied", 0.003)) {
    const taken = await machine.backUp();
    if (!taken) return;
    site.isForked = true;
    site.copy = await site.duplicate(taken);
  }
}

/** A copy of an old backup boots with the real credentials and is gone. The operator hears of it hours later. */
async function tryOut(world: World, site: Site, happens: Happens): Promise<void> {
  const [oldest] = site.backups;
  if (!oldest || site.staging || !happens("staging-copy", 0.003)) return;
  site.isForked = true;
  const staging = await site.duplicate(oldest);
  site.staging = staging;
  staging.sync("everything");
  await world.stage.settle();
  const { dice } = world;
  const place = [site.number, world.hour()];
  const runs = Math.ceil(dice.fraction(46, ...place) * STAGING_MS);
  for (let wait = HOUR_MS / 2; wait < runs; wait += HOUR_MS / 2) world.later(wait, () => staging.poll());
  world.later(runs, () => stopMachine(staging));
  world.later(
    runs + Math.ceil(dice.pick(OPERATOR_MS, 47, ...place) * dice.fraction(48, ...place)),
    async () => {
      // The healing may have brought the operator before.
      if (site.staging !== staging) return;
      site.staging = null;
      if (!site.machine.isStopped) await takeOver(world, site.machine);
    },
  );
}

async function takeOver({ stage }: World, machine: Machine): Promise<void> {
  stage.start({ name: "operator" }, () => machine.sender.takeOver());
  await stage.settle();
}

function turnClock({ dice, hour }: World, site: Site, happens: Happens): void {
  const { machine, number } = site;
  if (happens("clock-wrong", 0.01)) {
    site.hadWrongClock = true;
    machine.skewMs = Math.round(
      (dice.fraction(25, number, hour()) * 2 - 1) * dice.pick(MAX_SKEWS_MS, 29, number, hour()),
    );
  } else if (dice.fraction(26, number, hour()) < 0.1) machine.skewMs = 0;
}

/** The source of contributions answers, except for one user. */
function makeUnreadable(world: World, { number, users, unreadableUntil }: Site): void {
  const { dice, incidents } = world;
  for (const [index, user] of users.entries()) {
    const place = [number, index, world.hour()];
    if (!incidents.happens("user-unreadable", 0.001, ...place)) continue;
    const length = Math.ceil(dice.pick(UNREADABLE_MS, 49, ...place) * dice.fraction(50, ...place));
    unreadableUntil.set(user, world.now() + length);
  }
}

function silence(site: Site): void {
  site.isSilent = true;
  for (const machine of [site.machine, site.copy, site.staging]) if (machine) stopMachine(machine);
}

/** Another server names this one's links, which must have no effect at all. */
function forge(world: World, cloud: Cloud, site: Site): void {
  const linkId = world.judge.lastLinkOf(site.installation);
  const forged = {
    version: 1,
    type: "deliver",
    requestId: world.random.id(),
    sessionId: null,
    follows: [],
    records: [linkId ? { type: "withdraw", linkId, choice: null } : { type: "unknown" }],
  };
  const stranger = `stranger-to-${site.installation}` as InstallationId;
  world.later(MINUTE_MS, () =>
    world.stage.start({ name: stranger }, async () => {
      await cloud.call((receiver) => receiver.handle(stranger, forged)).unwrapOr(null);
    }),
  );
}
