import type { Random } from "../../domain/environment.ts";
import type { Instant } from "../../domain/identifiers.ts";
import { createTestRandom } from "../random.ts";
import { type Agenda, type Appointment, createAgenda } from "./agenda.ts";
import { createDice, type Dice } from "./dice.ts";
import { createHistory, type History } from "./history.ts";
import { createIncidents, type IncidentKind, type Incidents } from "./incidents.ts";
import { createJudge, type Judge } from "./judge.ts";
import { createStage, type Stage } from "./stage.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The parts that everything in a simulated world shares. */
export interface World {
  readonly stage: Stage;
  readonly agenda: Agenda;
  readonly dice: Dice;
  readonly judge: Judge;
  readonly history: History;
  readonly incidents: Incidents;
  /** The source of the random ids of both sides. */
  readonly random: Random;
  now(): Instant;
  /** The hours since the beginning. */
  hour(): number;
  /** Does an action after this many milliseconds. */
  later(milliseconds: number, what: Appointment["what"]): void;
  /** Whether nothing goes wrong any more. */
  isHealing: boolean;
  /** Runs everything up to an instant, or to the first violation. */
  runUntil(instant: number, afterEach: () => Promise<void>): Promise<void>;
}

/** The options of a world. */
export interface WorldOptions {
  readonly seed: number;
  readonly without: ReadonlySet<string>;
  readonly keepsHistory: boolean;
}

/** The first instant of all worlds that the dice do not move: ten days before a leap year begins. */
const START = Date.UTC(2027, 11, 22);

/** Returns a world in which nothing has happened. */
export function createWorld({ seed, without, keepsHistory }: WorldOptions): World {
  const dice = createDice(seed);
  const start = START + Math.floor(dice.fraction(2) * 400) * DAY_MS;
  let present = start;
  const judge = createJudge(() => present);
  const agenda = createAgenda();
  const history = createHistory(() => present, keepsHistory);
  const incidents = createIncidents({ dice, without, onIncident: (name) => history.add(name) });
  const world: World = {
    stage: createStage((thrown) =>
      judge.blame({ invariant: "no-throw", message: `something was thrown: ${String(thrown)}` }),
    ),
    agenda,
    dice,
    judge,
    history,
    incidents,
    random: createTestRandom(seed),
    now: () => present as Instant,
    hour: () => Math.floor((present - start) / HOUR_MS),
    later: (milliseconds, what) => agenda.add(present + milliseconds, what),
    isHealing: false,
    runUntil: async (instant, afterEach) => {
      for (let next = agenda.next(); next; next = agenda.next()) {
        if (next.at > instant || judge.violation()) {
          agenda.add(next.at, next.what);
          break;
        }
        present = Math.max(present, next.at);
        await next.what();
        await world.stage.settle();
        await afterEach();
      }
      present = Math.max(present, instant);
    },
  };
  return world;
}

/** The trouble of one machine, hour by hour. In most hours there is none. */
export interface Trouble {
  /** Whether nothing goes wrong in this hour. */
  isCalm(): boolean;
  /** Whether an incident happens at this step, at this many times the hour's own probability. */
  happens(kind: IncidentKind, times?: number): boolean;
  /** Returns a random number for this step. */
  fraction(): number;
}

/** The probability of each fault at each step, for every kind of hour. */
const WEATHER = [0, 0, 0, 0, 0, 0, 0, 0, 0.01, 0.05, 0.2];

/** Returns the trouble of the machine of this number. */
export function createTrouble(world: World, machine: number): Trouble {
  let hour = -1;
  let roughness = 0;
  let step = 0;
  function look(): void {
    if (world.hour() === hour) return;
    hour = world.hour();
    roughness = world.dice.pick(WEATHER, 3, machine, hour);
    step = 0;
  }
  return {
    isCalm: () => {
      look();
      return world.isHealing || roughness === 0;
    },
    happens: (kind, times = 1) => {
      look();
      if (world.isHealing || roughness === 0) return false;
      return world.incidents.happens(kind, roughness * times, machine, hour, step++);
    },
    fraction: () => world.dice.fraction(4, machine, hour, step++),
  };
}
