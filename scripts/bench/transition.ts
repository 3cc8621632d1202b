// Transitions: commands that the two state machines take or refuse. The yardstick is a bare switch over the same states
// and commands that returns `ok`. No machine that returns Results can be faster. Both get the same commands and have to
// end each step in the same state. Every life begins anew, so no run repeats the one before.
import {
  type LinkContext,
  NEVER_CONNECTED,
  type Settings,
  transitionSettings,
  transitionUserLink,
  type UserLink,
} from "unified-contributions/ghes";
import { transitionConnecting } from "../../src/ghes/connecting.ts";
import { bareTransition as bareLinkTransition } from "./bare-link.ts";
import { bareTransition as bareSettingsTransition } from "./bare-settings.ts";
import { type LinkStep, linkLives } from "./link-script.ts";
import { atMost, demand, type Effort, type Finding, median, perItem, ratioOf, takeTurns } from "./measure.ts";
import { type SettingsStep, settingsLives } from "./settings-script.ts";

/** Walks one life to its last status. With a trace, it notes the status after each step, and the refusal if any. */
type Walk<Step> = (life: readonly Step[], trace: Trace | null) => unknown;
type Trace = (string | null)[];
type Machine = "ours" | "bare";

/** How many times a turn walks all lives. */
const REPETITIONS = 1_000;

/** Runs the group. */
export async function transition(effort: Effort): Promise<readonly Finding[]> {
  return [
    ...(await compare("link", "transitionUserLink", linkLives(), LINK_WALKS, effort)),
    ...(await compare("settings", "transitionSettings", settingsLives(), SETTINGS_WALKS, effort)),
  ];
}

const LINK_WALKS: Readonly<Record<Machine, Walk<LinkStep>>> = {
  ours: (life, trace) => {
    let link: UserLink = { status: "never-connected" };
    for (const { command, context } of life) {
      const result = transitionOf(link, command, context);
      if (result.isOk()) link = result.value.link;
      trace?.push(link.status, result.isOk() ? null : result.error.type);
    }
    return link.status;
  },
  bare: (life, trace) => {
    let link: UserLink = { status: "never-connected" };
    for (const { command, context } of life) {
      const result = bareLinkTransition(link, command, context);
      if (result.isOk()) link = result.value.link;
      trace?.push(link.status, result.isOk() ? null : result.error.type);
    }
    return link.status;
  },
};

/** Returns the machine of the library that a command is for. */
function transitionOf(
  link: UserLink,
  command: LinkStep["command"],
  context: LinkContext,
): ReturnType<typeof transitionUserLink> {
  switch (command.type) {
    case "start-connecting":
    case "start-redeeming":
    case "finish-redeeming":
      return transitionConnecting(link, command, context);
    case "cancel-connecting":
    case "opt-in":
    case "opt-out":
    case "disconnect":
    case "end":
      return transitionUserLink(link, command, context);
  }
}

const SETTINGS_WALKS: Readonly<Record<Machine, Walk<SettingsStep>>> = {
  ours: (life, trace) => {
    let settings: Settings = NEVER_CONNECTED;
    for (const { command } of life) {
      const result = transitionSettings(settings, command);
      if (result.isOk()) settings = result.value.settings;
      trace?.push(settings.status, result.isOk() ? null : result.error.type);
    }
    return settings.status;
  },
  bare: (life, trace) => {
    let settings: Settings = NEVER_CONNECTED;
    for (const { command } of life) {
      const result = bareSettingsTransition(settings, command);
      if (result.isOk()) settings = result.value.settings;
      trace?.push(settings.status, result.isOk() ? null : result.error.type);
    }
    return settings.status;
  },
};

interface Expected {
  readonly status: string;
  readonly refusal: string | null;
}

/** Whether a machine gives the expected result after every step of every life. */
function agrees<Step extends Expected>(walk: Walk<Step>, lives: readonly (readonly Step[])[]): boolean {
  return lives.every((life) => {
    const trace: Trace = [];
    walk(life, trace);
    return life.every(
      ({ status, refusal }, index) => trace[2 * index] === status && trace[2 * index + 1] === refusal,
    );
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
  const repetitions = isQuick ? 1 : REPETITIONS;
  const turn = (machine: Machine) => (): unknown => {
    let last: unknown = null;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const life of lives) last = walks[machine](life, null);
    }
    return last;
  };
  const times = await takeTurns(rounds, "keep", { ours: turn("ours"), bare: turn("bare") });
  const steps = lives.reduce((sum, life) => sum + life.length, 0);
  const aStep = (machine: Machine): readonly number[] =>
    times[machine].map((took) => took / repetitions / steps);
  return [
    atMost(1.5, {
      id: `transition.${id}.bare`,
      what: ours,
      yardstick: "a bare switch returning ok",
      ratio: ratioOf(aStep("ours"), aStep("bare")),
      detail: `${perItem(median(aStep("ours")), 1)} against ${perItem(median(aStep("bare")), 1)} a command`,
    }),
  ];
}
