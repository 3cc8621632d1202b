import { addDays, type CalendarDate, dateOfInstant } from "../../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS } from "../../domain/contribution-window.ts";
import type { AccountId, AttemptId, InstallationId, UserId } from "../../domain/identifiers.ts";
import type { Cloud } from "./cloud.ts";
import { PERSONAL } from "./judge.ts";
import { createMachine, type Machine, type MachineBackup, type MachineOptions } from "./machine.ts";
import type { MakeServer } from "./server.ts";
import type { World } from "./world.ts";

/** One GitHub Enterprise Server installation: its users, their contributions, and the machines that run it. */
export interface Site {
  readonly installation: InstallationId;
  /** The number of the site, from 0 on. */
  readonly number: number;
  readonly users: readonly UserId[];
  readonly truth: ReadonlyMap<UserId, Map<CalendarDate, number>>;
  /** The machine that people use. */
  machine: Machine;
  /** Another copy of it that runs beside it, or null. */
  copy: Machine | null;
  /** A copy of it for trials, which runs for a short while with the same credentials, or null. */
  staging: Machine | null;
  backups: readonly MachineBackup[];
  /** Whether it has been switched off for ever. */
  isSilent: boolean;
  /** Whether it was restored or copied, so that another copy of it may hold its session. */
  isForked: boolean;
  /** Whether its clock was ever wrong. */
  hadWrongClock: boolean;
  /** The instant until which the contributions of a user cannot be read. */
  readonly unreadableUntil: Map<UserId, number>;
  /** The user of each attempt to connect. */
  readonly userOf: Map<AttemptId, UserId>;
  /** Returns another machine from a backup. */
  duplicate(backup: MachineBackup): Promise<Machine>;
}

/** The options of a site. */
export interface SiteOptions {
  readonly world: World;
  readonly cloud: Cloud;
  readonly number: number;
  readonly makeServer: MakeServer;
  readonly nextReading: () => number;
}

const MAX_USERS = 4;
const DAYS_REMEMBERED = CONTRIBUTION_WINDOW_DAYS + 30;

/** Returns a site whose users have contributed a little. */
export async function createSite({
  world,
  cloud,
  number,
  makeServer,
  nextReading,
}: SiteOptions): Promise<Site> {
  const { dice } = world;
  const installation = `server-${number}` as InstallationId;
  const users = Array.from(
    { length: 1 + Math.floor(dice.fraction(6, number) * MAX_USERS) },
    (_, user) => `${PERSONAL}-user-${user}` as UserId,
  );
  const truth = new Map(users.map((user) => [user, new Map<CalendarDate, number>()]));
  const userOf = new Map<AttemptId, UserId>();
  const unreadableUntil = new Map<UserId, number>();
  let machines = 0;
  const next = (): MachineOptions => ({
    world,
    cloud,
    installation,
    number: number + 10 * machines++,
    truth,
    makeServer,
    userOf: (linkId) => {
      const attempt = world.judge.attemptOf(linkId);
      return attempt === null ? undefined : userOf.get(attempt);
    },
    isUnreadable: (user) => world.now() < (unreadableUntil.get(user) ?? 0),
    onCompleted: () => {
      if (!site.isForked && !site.hadWrongClock) world.judge.serverSpoke(installation);
    },
    nextReading,
  });
  const site: Site = {
    installation,
    number,
    users,
    truth,
    machine: await createMachine(next(), null),
    copy: null,
    staging: null,
    backups: [],
    isSilent: false,
    isForked: false,
    hadWrongClock: false,
    unreadableUntil,
    userOf,
    duplicate: (backup) => createMachine(next(), backup),
  };
  return site;
}

/** Returns the account that a user signs in with. Several users share one, on one site and across sites. */
export function accountOf(
  world: World,
  site: Site,
  user: UserId,
  accounts: readonly AccountId[],
  choice: number,
): AccountId {
  return world.dice.pick(accounts, 7, site.number, site.users.indexOf(user), choice);
}

/** Adds contributions of a user on a day this many days ago, or removes those of the day if the number is 0. */
export function contribute(
  world: World,
  site: Site,
  user: UserId,
  daysAgo: number,
  contributions: number,
): void {
  const days = site.truth.get(user);
  if (!days) return;
  const today = dateOfInstant(world.now());
  const date = addDays(today, -daysAgo);
  if (contributions === 0) days.delete(date);
  else days.set(date, (days.get(date) ?? 0) + contributions);
  const oldest = addDays(today, -DAYS_REMEMBERED);
  for (const day of days.keys()) if (day < oldest) days.delete(day);
}
