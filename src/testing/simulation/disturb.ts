import type { InstallationId } from "../../domain/identifiers.ts";
import type { Cloud } from "./cloud.ts";
import type { IncidentKind } from "./incidents.ts";
import type { Site } from "./site.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type World } from "./world.ts";

/** How far a wrong clock is off at most: a zone, a day and a bit, a year. */
const MAX_SKEWS_MS = [2 * HOUR_MS, 30 * HOUR_MS, 365 * DAY_MS];
const BACKUP_HOURS = 12;
const KEPT_BACKUPS = 4;

/** The cloud recovers the receiver from a backup, now and then. */
export async function disturbCloud(world: World, cloud: Cloud): Promise<void> {
  const hour = world.hour();
  if (world.incidents.happens("receiver-recovered", 0.002, hour))
    await cloud.recover(world.dice.fraction(22, hour));
}

/** What happens to a whole site in an hour. */
export async function disturbSite(world: World, cloud: Cloud, site: Site): Promise<void> {
  if (site.machine.isStopped) return;
  const happens = (kind: IncidentKind, probability: number): boolean =>
    world.incidents.happens(kind, probability, site.number, world.hour());
  await restore(world, site, happens);
  await copy(world, site, happens);
  turnClock(world, site, happens);
  if (happens("server-silent", 0.0003)) silence(world, site);
  if (happens("forged-message", 0.01)) forge(world, cloud, site);
}

type Happens = (kind: IncidentKind, probability: number) => boolean;

/** A server is backed up twice a day, and restored now and then: after a crash, or under the running processes. */
async function restore(world: World, site: Site, happens: Happens): Promise<void> {
  const { machine } = site;
  const hour = world.hour();
  const taken = hour % BACKUP_HOURS === 0 ? await machine.backUp() : null;
  if (taken) site.backups = [...site.backups, taken].slice(-KEPT_BACKUPS);
  if (site.backups.length === 0) return;
  const isCrash = happens("server-restored", 0.004);
  if (!isCrash && !happens("server-restored-under-way", 0.003)) return;
  if (isCrash) world.stage.kill(machine.process);
  fork(world, site);
  await machine.restore(world.dice.pick(site.backups, 23, site.number, hour));
}

/** Another copy of a server begins to run beside it, or is found and switched off. */
async function copy(world: World, site: Site, happens: Happens): Promise<void> {
  const { machine } = site;
  if (site.copy) {
    if (world.dice.fraction(24, site.number, world.hour()) >= 0.03) return;
    stop(world, site.copy);
    site.copy = null;
    world.stage.start({ name: "operator" }, () => machine.sender.takeOver());
    await world.stage.settle();
  } else if (happens("server-copied", 0.003)) {
    const taken = await machine.backUp();
    if (!taken) return;
    fork(world, site);
    site.copy = await site.duplicate(taken);
  }
}

function turnClock({ dice, hour }: World, { machine, number }: Site, happens: Happens): void {
  if (happens("clock-wrong", 0.01))
    machine.skewMs = Math.round(
      (dice.fraction(25, number, hour()) * 2 - 1) * dice.pick(MAX_SKEWS_MS, 29, number, hour()),
    );
  else if (dice.fraction(26, number, hour()) < 0.1) machine.skewMs = 0;
}

function silence(world: World, site: Site): void {
  site.isSilent = true;
  stop(world, site.machine);
  if (site.copy) stop(world, site.copy);
}

function stop({ stage }: World, machine: Site["machine"]): void {
  machine.isStopped = true;
  stage.kill(machine.process);
}

function fork({ judge }: World, site: Site): void {
  site.isForked = true;
  judge.serverForked(site.installation);
}

/** Another server names this one's links, which must do nothing at all. */
function forge(world: World, cloud: Cloud, site: Site): void {
  const linkId = [...site.userOf.keys()].at(-1);
  const forged = {
    version: 1,
    type: "deliver",
    requestId: world.random.id(),
    sessionId: null,
    follows: [],
    records: [linkId ? { type: "withdraw", linkId } : { type: "unknown" }],
  };
  const stranger = `stranger-to-${site.installation}` as InstallationId;
  world.later(MINUTE_MS, () =>
    world.stage.start({ name: stranger }, async () => {
      await cloud.receiver.connectInstallation(stranger).unwrapOr(null);
      await cloud.receiver.handle(stranger, forged).unwrapOr(null);
    }),
  );
}
