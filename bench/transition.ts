// Transitions: commands through the two state machines, taken and refused ones. Against a bare switch over the same
// states and commands that returns `ok` (what nobody can undercut without giving up Results), and against the same
// machines in XState v5 (its pure `transition`) and robot3. All of them get the same commands and have to end each step
// in the same state; every life begins anew, so that no run repeats the one before.
import {
  NEVER_CONNECTED,
  type Settings,
  transitionSettings,
  transitionUserLink,
  type UserLink,
} from "unified-contributions/ghes";
import { initialTransition, transition as xstateTransition } from "xstate";
import { bareTransition as bareLinkTransition } from "./bare-link.ts";
import { bareTransition as bareSettingsTransition } from "./bare-settings.ts";
import { type LinkStep, linkLives } from "./link-script.ts";
import {
  atLeast,
  atMost,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  takeTurns,
} from "./measure.ts";
import { robotLink } from "./robot-link.ts";
import { robotSettings } from "./robot-settings.ts";
import { type SettingsStep, settingsLives } from "./settings-script.ts";
import { xstateLink } from "./xstate-link.ts";
import { xstateSettings } from "./xstate-settings.ts";

/** Walks one life to its last status; where it is asked to, it says the status after each step, and the refusal if any. */
type Walk<Step> = (life: readonly Step[], said: Said | null) => unknown;
type Said = (string | null)[];
type Machine = "ours" | "bare" | "xstate" | "robot";

/** How often a turn walks all lives, so that each turn takes about the same. */
const REPETITIONS: Readonly<Record<Machine, number>> = { ours: 1_000, bare: 1_000, xstate: 4, robot: 40 };

/** Runs the group. */
export async function transition(effort: Effort): Promise<readonly Finding[]> {
  return [
    ...(await compare("link", "transitionUserLink", linkLives(), LINK_WALKS, effort)),
    ...(await compare("settings", "transitionSettings", settingsLives(), SETTINGS_WALKS, effort)),
  ];
}

const LINK_WALKS: Readonly<Record<Machine, Walk<LinkStep>>> = {
  ours: (life, said) => {
    let link: UserLink = { status: "never-connected" };
    for (const { command, context } of life) {
      const result = transitionUserLink(link, command, context);
      if (result.isOk()) link = result.value.link;
      said?.push(link.status, result.isOk() ? null : result.error.type);
    }
    return link.status;
  },
  bare: (life, said) => {
    let link: UserLink = { status: "never-connected" };
    for (const { command, context } of life) {
      const result = bareLinkTransition(link, command, context);
      if (result.isOk()) link = result.value.link;
      said?.push(link.status, result.isOk() ? null : result.error.type);
    }
    return link.status;
  },
  xstate: (life, said) => {
    let [snapshot] = initialTransition(xstateLink);
    for (const { event } of life) {
      const [next, actions] = xstateTransition(xstateLink, snapshot, event);
      snapshot = next;
      said?.push(snapshot.value, refusalIn(actions));
    }
    return snapshot.value;
  },
  robot: (life, said) => {
    const service = robotLink();
    for (const { event } of life) {
      service.send(event);
      said?.push(service.machine.current, service.context.refusal);
    }
    return service.machine.current;
  },
};

const SETTINGS_WALKS: Readonly<Record<Machine, Walk<SettingsStep>>> = {
  ours: (life, said) => {
    let settings: Settings = NEVER_CONNECTED;
    for (const { command } of life) {
      const result = transitionSettings(settings, command);
      if (result.isOk()) settings = result.value.settings;
      said?.push(settings.status, result.isOk() ? null : result.error.type);
    }
    return settings.status;
  },
  bare: (life, said) => {
    let settings: Settings = NEVER_CONNECTED;
    for (const { command } of life) {
      const result = bareSettingsTransition(settings, command);
      if (result.isOk()) settings = result.value.settings;
      said?.push(settings.status, result.isOk() ? null : result.error.type);
    }
    return settings.status;
  },
  xstate: (life, said) => {
    let [snapshot] = initialTransition(xstateSettings);
    for (const { command } of life) {
      const [next, actions] = xstateTransition(xstateSettings, snapshot, command);
      snapshot = next;
      said?.push(snapshot.value, refusalIn(actions));
    }
    return snapshot.value;
  },
  robot: (life, said) => {
    const service = robotSettings();
    for (const { command } of life) {
      service.send(command);
      said?.push(service.machine.current, service.context.refusal);
    }
    return service.machine.current;
  },
};

/** What XState was told to refuse, or null. */
function refusalIn(actions: readonly { readonly type: string; readonly params: unknown }[]): string | null {
  const [action] = actions;
  return action?.type === "refuse" ? (action.params as { readonly type: string }).type : null;
}

interface Expected {
  readonly status: string;
  readonly refusal: string | null;
}

/** Whether a machine says after every step of every life what it has to say. */
function agrees<Step extends Expected>(walk: Walk<Step>, lives: readonly (readonly Step[])[]): boolean {
  return lives.every((life) => {
    const said: Said = [];
    walk(life, said);
    return life.every(({ status, refusal }, at) => said[2 * at] === status && said[2 * at + 1] === refusal);
  });
}

async function compare<Step extends Expected>(
  id: string,
  ours: string,
  lives: readonly (readonly Step[])[],
  walks: Readonly<Record<Machine, Walk<Step>>>,
  { rounds, isQuick }: Effort,
): Promise<readonly Finding[]> {
  const machines = Object.keys(walks) as Machine[];
  for (const machine of machines) demand(agrees(walks[machine], lives), `${machine} does what ${ours} does`);
  const repetitions = (machine: Machine): number => (isQuick ? 1 : REPETITIONS[machine]);
  const turn = (machine: Machine) => (): unknown => {
    let last: unknown = null;
    for (let repetition = 0; repetition < repetitions(machine); repetition++) {
      for (const life of lives) last = walks[machine](life, null);
    }
    return last;
  };
  const times = await takeTurns(rounds, "keep", {
    ours: turn("ours"),
    bare: turn("bare"),
    xstate: turn("xstate"),
    robot: turn("robot"),
  });
  const steps = lives.reduce((sum, life) => sum + life.length, 0);
  const aStep = (machine: Machine): readonly number[] =>
    times[machine].map((took) => took / repetitions(machine) / steps);
  const row = (machine: Exclude<Machine, "ours">, yardstick: string, ratio: number) => ({
    id: `transition.${id}.${machine}`,
    what: ours,
    yardstick,
    ratio,
    detail: `${perItem(median(aStep("ours")), 1)} against ${perItem(median(aStep(machine)), 1)} a command`,
  });
  return [
    atMost(1.5, row("bare", "a bare switch returning ok", ratioOf(aStep("ours"), aStep("bare")))),
    atLeast(
      200,
      row("xstate", "XState v5 transition, times as fast", ratioOf(aStep("xstate"), aStep("ours"))),
    ),
    atLeast(20, row("robot", "robot3, times as fast", ratioOf(aStep("robot"), aStep("ours")))),
  ];
}
