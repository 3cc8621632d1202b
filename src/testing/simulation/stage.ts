/** A process of the simulated world: its work can be paused anywhere, and dies with it. */
export interface Process {
  readonly name: string;
}

/** One piece of work of a process. */
interface Actor {
  readonly process: Process;
  /** What the work has read from the source of truth, and when: order of reading by user. */
  readonly reads: Map<string, number>;
}

/** A pause of the actor that runs. */
interface Pause<Value> {
  readonly promise: Promise<Value>;
  /** Lets the actor go on, unless it has ended or was resumed before. */
  resume(value: Value): void;
}

/**
 * Runs asynchronous work one piece at a time: whoever runs does so until it pauses, ends or dies, so that the order of
 * everything follows from the agenda alone, on every version of every engine.
 */
export interface Stage {
  /** The work that runs now. */
  current(): Actor | null;
  /** Begins a piece of work, from outside of any other or within a pause of one. */
  start<Value>(process: Process, work: () => PromiseLike<Value>, onEnd?: (value: Value) => void): void;
  /** Pauses the work that runs. */
  pause<Value>(): Pause<Value>;
  /** Ends the process of the work that runs, with all its other work; the promise never resolves. */
  die(): Promise<never>;
  /** Ends all work of a process. */
  kill(process: Process): void;
  /** Comes back when nothing runs. */
  settle(): Promise<void>;
}

/** After so many turns without an end a port works outside of the simulation: then the real world gets its turn. */
const PATIENCE = 1_000;

/**
 * Makes an empty stage.
 *
 * @param onThrow told of what a piece of work threw, which nothing in this library ever does
 */
export function createStage(onThrow: (thrown: unknown) => void): Stage {
  let running = 0;
  let current: Actor | null = null;
  const alive = new Map<Process, Set<Actor>>();

  function isAlive(actor: Actor): boolean {
    return alive.get(actor.process)?.has(actor) ?? false;
  }

  function leave(): Actor {
    if (!current) throw new Error("Nothing runs that could pause.");
    const actor = current;
    current = null;
    running--;
    return actor;
  }

  function enter(actor: Actor): void {
    if (current) throw new Error("Two pieces of work run at once.");
    current = actor;
    running++;
  }

  const stage: Stage = {
    current: () => current,

    start: (process, work, onEnd) => {
      const actor: Actor = { process, reads: new Map() };
      const actors = alive.get(process);
      if (actors) actors.add(actor);
      else alive.set(process, new Set([actor]));
      enter(actor);
      work().then(
        (value) => {
          if (!isAlive(actor)) return;
          alive.get(process)?.delete(actor);
          leave();
          onEnd?.(value);
        },
        (thrown: unknown) => {
          if (!isAlive(actor)) return;
          alive.get(process)?.delete(actor);
          leave();
          onThrow(thrown);
        },
      );
    },

    pause: <Value>(): Pause<Value> => {
      const actor = leave();
      let isResumed = false;
      let resolve: (value: Value) => void = () => undefined;
      const promise = new Promise<Value>((given) => {
        resolve = given;
      });
      return {
        promise,
        resume: (value) => {
          if (isResumed || !isAlive(actor)) return;
          isResumed = true;
          enter(actor);
          resolve(value);
        },
      };
    },

    die: () => {
      const { process } = leave();
      alive.delete(process);
      return new Promise<never>(() => undefined);
    },

    kill: (process) => {
      alive.delete(process);
    },

    settle: async () => {
      for (let turn = 1; running > 0; turn++) {
        await (turn % PATIENCE === 0 ? turnOfTheWorld() : null);
      }
    },
  };
  return stage;
}

function turnOfTheWorld(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
