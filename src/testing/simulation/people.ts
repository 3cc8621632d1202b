import type { Result, ResultAsync } from "neverthrow";
import { CONTRIBUTION_WINDOW_DAYS } from "../../domain/contribution-window.ts";
import type {
  AccountId,
  BrowserId,
  ConnectionId,
  InstallationId,
  Instant,
  UserId,
} from "../../domain/identifiers.ts";
import type { Receiver } from "../../ghec/receiver.ts";
import type { SettingsCommand } from "../../ghes/settings.ts";
import type { UserLinkCommand } from "../../ghes/user-link.ts";
import type { Cloud } from "./cloud.ts";
import type { Exit } from "./consent.ts";
import type { IncidentKind } from "./incidents.ts";
import { PERSONAL } from "./judge.ts";
import { accountOf, contribute, type Site } from "./site.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from "./world.ts";

/** The acts of people in the simulated world. */
export interface People {
  /** Lets all people at a site act for an hour. */
  liveAnHour(site: Site): void;
  /** The owner connects the site and enables the feature. */
  setUp(site: Site): Promise<void>;
  /** Whether GitHub Connect is on at both sides of a site, and its credentials are valid. */
  isConnected(site: Site): Promise<boolean>;
  /** A user renews a consent that the receiver has lost. */
  consentAnew(site: Site, user: UserId): Promise<void>;
  /** The owner connects the site again, because its credentials are worthless. */
  reconnect(site: Site): Promise<void>;
}

const OWNER = { userId: `${PERSONAL}-owner` as UserId, isEnterpriseOwner: true };

/**
 * How long users take on the cloud's page, and on their way back, at most. It is longer than an attempt and a code
 * last.
 */
const LONGEST_VISIT_MS = 12 * MINUTE_MS;
const LONGEST_WAY_BACK_MS = 2 * MINUTE_MS;

/** How long users think at most before they change their mind again. */
const GAPS_MS = [0, SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, 2 * HOUR_MS];

/** The probability of each act in an hour, per user and per site. */
const BY_USERS: readonly (readonly [IncidentKind, number])[] = [
  ["contributions", 0.1],
  ["contributions-on-past-days", 0.03],
  ["contributions-removed", 0.01],
  ["connect-and-opt-in", 0.08],
  ["consent-again", 0.01],
  ["opt-out", 0.015],
  ["disconnect-account", 0.01],
  ["switch-account", 0.01],
  ["user-suspended", 0.003],
  ["authorization-revoked", 0.008],
  ["account-deleted", 0.0005],
  ["opt-in-again", 0.06],
  ["opt-out-and-in", 0.01],
];
const BY_OWNERS: readonly (readonly [IncidentKind, number])[] = [
  ["owner-disables", 0.008],
  ["owner-enables", 0.06],
  ["connect-off", 0.002],
  ["connect-off-unheard", 0.002],
  ["credentials-revoked", 0.002],
  ["connect-on", 0.06],
];

/** Lets people live in a world with these accounts. */
export function createPeople(world: World, cloud: Cloud, accounts: AccountId[]): People {
  const { stage, judge, incidents, dice, history } = world;
  let works = 0;
  // A host does not connect a site whose disconnect may still be under way, which would end the new connection, too.
  const restingUntil = new Map<InstallationId, number>();

  /** Does work in a process of its own, such as a web request, which may die in any step. */
  function work(what: string, steps: () => Promise<void>): void {
    stage.start({ name: `${what} ${works++}` }, steps);
  }

  function wait(milliseconds: number): Promise<void> {
    const pause = stage.pause<void>();
    world.later(milliseconds, () => pause.resume());
    return pause.promise;
  }

  /** Now and then people take their time, up to this many milliseconds. */
  async function mayWait(die: number, choice: number, longestMs: number): Promise<void> {
    if (dice.fraction(die, choice) < 0.2) await wait(Math.ceil(dice.fraction(die + 1, choice) * longestMs));
  }

  /** A host asks for deletions at once. Returns whether the change was made. */
  function followUp(site: Site, changed: Result<{ readonly isDeletionPending: boolean }, unknown>): boolean {
    if (changed.isOk() && changed.value.isDeletionPending)
      world.later(1, () => site.machine.sync("deletions"));
    return changed.isOk();
  }

  async function command(site: Site, user: UserId, given: UserLinkCommand): Promise<boolean> {
    return followUp(site, await site.machine.sender.changeLink(user, given));
  }

  async function settings(site: Site, type: SettingsCommand["type"]): Promise<boolean> {
    const at = site.machine.now();
    return followUp(site, await site.machine.sender.changeSettings(commandOf(type, at)));
  }

  /** The cloud ends what an exit ends. Returns whether it has. */
  async function end(
    exit: Exit,
    work: (receiver: Receiver) => ResultAsync<unknown, unknown>,
  ): Promise<boolean> {
    const exited = judge.exits(exit);
    const ended = await cloud.call(work);
    if (ended.isOk()) exited();
    return ended.isOk();
  }

  function endAuthorization(account: AccountId, installation: InstallationId): Promise<boolean> {
    return end({ account, installation }, (receiver) => receiver.revokeAuthorization(installation, account));
  }

  /** The user is sent to the cloud and back, which takes a while, and perhaps opts in hours later. */
  async function optIn(site: Site, user: UserId, choice: number): Promise<void> {
    const { machine } = site;
    const account = accountOf(world, site, user, accounts, choice % 7 === 0 ? choice : 0);
    const begun = await machine.sender.connect(user);
    if (begun.isErr()) return;
    const { attempt } = begun.value;
    site.userOf.set(attempt, user);
    const request = { attempt, browser: `browser-${world.random.id()}` as BrowserId };
    const offer = await cloud.call((receiver) => receiver.offerConsent(request));
    if (offer.isErr()) return;
    await mayWait(8, choice, LONGEST_VISIT_MS);
    const consented = judge.consents(site.installation, account, attempt);
    const given = await cloud.call((receiver) => receiver.giveConsent({ ...request, account }));
    if (given.isErr()) return;
    consented();
    if (incidents.happens("consent-revoked", 0.05, choice)) {
      await endAuthorization(account, site.installation);
      // Whatever brings the consent back has most of a code's minute.
      await wait(Math.ceil(dice.fraction(37, choice) * 50 * SECOND_MS));
    }
    if (dice.fraction(10, choice) < 0.2)
      await wait(Math.ceil(dice.fraction(11, choice) * LONGEST_WAY_BACK_MS));
    const { code } = given.value;
    if (!followUp(site, await machine.sender.redeem({ user, attempt, code }))) return;
    await mayWait(17, choice, 3 * HOUR_MS);
    await command(site, user, { type: "opt-in", by: user, at: machine.now() });
  }

  /** The user deselects sending and selects it again, some within a sync or within minutes. */
  async function changeMind(site: Site, user: UserId, choice: number): Promise<void> {
    const { machine } = site;
    if (choice % 3 === 0) machine.sync("everything");
    for (let times = 0; times < 1 + (choice % 3); times++) {
      for (const type of ["opt-out", "opt-in"] as const) {
        const place = 10 * choice + 2 * times + (type === "opt-in" ? 1 : 0);
        const longest = dice.pick(GAPS_MS, 34, place);
        await wait(Math.ceil(dice.fraction(35, place) * longest));
        await command(site, user, { type, by: user, at: machine.now() });
      }
    }
  }

  async function tell(site: Site, user: UserId): Promise<void> {
    for (const machine of [site.machine, site.copy]) {
      if (!machine) continue;
      // A host repeats its message until it is heard.
      for (let told = 0; told < 20; told++) {
        const heard = await machine.sender.contributionsChanged([user]);
        if (heard.isOk()) break;
        await wait(MINUTE_MS);
      }
    }
  }

  async function revoke(site: Site, user: UserId, choice: number): Promise<void> {
    await endAuthorization(accountOf(world, site, user, accounts, 0), site.installation);
    if (choice % 2 === 0) return;
    await command(site, user, { type: "end", at: site.machine.now(), reason: "authorization-revoked" });
  }

  async function cutOff(site: Site): Promise<void> {
    const { installation } = site;
    restingUntil.set(installation, world.now() + HOUR_MS);
    const connectionId = cloud.connections.get(installation);
    cloud.connections.delete(installation);
    await end({ account: null, installation }, (receiver) =>
      receiver.disconnectInstallation(installation, connectionId),
    );
  }

  async function isConnected({ machine, installation }: Site): Promise<boolean> {
    const { connectionId, sender } = machine;
    if (connectionId === null || cloud.connections.get(installation) !== connectionId) return false;
    const status = await sender.status();
    return status.isOk() && status.value.settings.status !== "disconnected";
  }

  /** Turns GitHub Connect off at the server, which destroys its credentials. */
  async function disconnect(site: Site): Promise<void> {
    const { machine } = site;
    if (await settings(site, "disconnect")) machine.connectionId = null;
  }

  async function connect(site: Site): Promise<void> {
    const { machine, installation } = site;
    if (world.now() < (restingUntil.get(installation) ?? 0) || (await isConnected(site))) return;
    await disconnect(site);
    if (machine.connectionId !== null || !(await settings(site, "connect"))) return;
    const connectionId = `connection-${world.random.id()}` as ConnectionId;
    const isMade = await end({ account: null, installation }, (receiver) =>
      receiver.connectInstallation(installation, connectionId),
    );
    if (!isMade) return;
    cloud.connections.set(installation, connectionId);
    machine.connectionId = connectionId;
  }

  const byUser: Partial<Record<IncidentKind, (site: Site, user: UserId, choice: number) => Promise<void>>> = {
    contributions: (site, user, choice) => {
      contribute(world, site, user, -Math.floor(dice.fraction(12, choice) * 1.1), 1 + (choice % 5));
      return tell(site, user);
    },
    "contributions-on-past-days": (site, user, choice) => {
      const daysAgo = Math.floor(dice.fraction(13, choice) * (CONTRIBUTION_WINDOW_DAYS + 10));
      contribute(world, site, user, daysAgo, 1 + (choice % 70_000));
      return tell(site, user);
    },
    "contributions-removed": (site, user, choice) => {
      contribute(world, site, user, Math.floor(dice.fraction(14, choice) * 5), 0);
      return tell(site, user);
    },
    "connect-and-opt-in": optIn,
    "consent-again": async (site, user, choice) => {
      if (choice % 2 === 0)
        await command(site, user, { type: "disconnect", by: user, at: site.machine.now() });
      await optIn(site, user, choice);
    },
    "opt-out": async (site, user) => {
      await command(site, user, { type: "opt-out", by: user, at: site.machine.now() });
    },
    "opt-in-again": async (site, user) => {
      await command(site, user, { type: "opt-in", by: user, at: site.machine.now() });
    },
    "opt-out-and-in": changeMind,
    "disconnect-account": async (site, user) => {
      await command(site, user, { type: "disconnect", by: user, at: site.machine.now() });
    },
    "switch-account": async (site, user, choice) => {
      await command(site, user, { type: "disconnect", by: user, at: site.machine.now() });
      await optIn(site, user, choice * 7);
    },
    "user-suspended": async (site, user) => {
      await command(site, user, { type: "end", at: site.machine.now(), reason: "user-suspended" });
    },
    "authorization-revoked": revoke,
    "account-deleted": async (site, user) => {
      const account = accountOf(world, site, user, accounts, 0);
      await end({ account, installation: null }, (receiver) => receiver.deleteAccount(account));
    },
  };

  const byOwner: Partial<Record<IncidentKind, (site: Site) => Promise<void>>> = {
    "owner-disables": async (site) => {
      await settings(site, "disable");
    },
    "owner-enables": async (site) => {
      await settings(site, "enable");
    },
    "connect-off": async (site) => {
      await disconnect(site);
      await cutOff(site);
    },
    "connect-off-unheard": disconnect,
    "credentials-revoked": cutOff,
    "connect-on": connect,
  };

  function happen(
    site: Site,
    kind: IncidentKind,
    probability: number,
    user: number,
    steps: () => Promise<void>,
  ): void {
    const hour = world.hour();
    if (!incidents.happens(kind, probability, site.number, user, hour)) return;
    world.later(Math.floor(dice.fraction(15, site.number, user, hour, probability * 1e6) * HOUR_MS), () => {
      if (!site.machine.isStopped) work(`${kind} at ${site.installation}`, steps);
    });
  }

  return {
    liveAnHour: (site) => {
      const hour = world.hour();
      for (const [number, user] of site.users.entries()) {
        for (const [kind, probability] of BY_USERS) {
          const choice = hour * 100 + site.number * 10 + number;
          happen(
            site,
            kind,
            probability,
            number,
            () => byUser[kind]?.(site, user, choice) ?? Promise.resolve(),
          );
        }
      }
      for (const [kind, probability] of BY_OWNERS) {
        happen(site, kind, probability, -1, () => byOwner[kind]?.(site) ?? Promise.resolve());
      }
    },
    setUp: async (site) => {
      work("setting up", async () => {
        await connect(site);
        await settings(site, "enable");
      });
      await stage.settle();
      for (const user of site.users) contribute(world, site, user, 3, 2);
      site.machine.sync("everything");
      await stage.settle();
      history.add(`${site.installation} is set up for ${site.users.length}`);
    },
    isConnected,
    consentAnew: async (site, user) => {
      work("consenting anew", async () => {
        await command(site, user, { type: "disconnect", by: user, at: site.machine.now() });
        await optIn(site, user, 0);
      });
      await stage.settle();
    },
    reconnect: async (site) => {
      work("reconnecting", () => connect(site));
      await stage.settle();
    },
  };
}

function commandOf(type: SettingsCommand["type"], at: Instant): SettingsCommand {
  const command = { by: OWNER, at };
  switch (type) {
    case "connect":
      return { ...command, type, platform: { type: "github.com" }, isCloudOwner: true };
    case "enable":
      return { ...command, type, terms: { isAccepted: true } };
    case "disable":
    case "disconnect":
      return { ...command, type };
  }
}
