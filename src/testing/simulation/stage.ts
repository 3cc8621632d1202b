/** A process of the simulated world. Its work can be paused anywhere, and dies with it. */
export interface Process {
  readonly name: string;
  /**
   * Whether its work may wait for other work of the same process, or for several things at once, as a server's does.
   *
   * The stage then knows that such a process runs only by its calls to the world. The process uses
   * {@link Stage.pauseIn}, and is never the current one.
   */
  readonly isShared?: boolean;
}

/** One piece of work of a process. */
interface Actor {
  readonly process: Process;
}

/** A pause of the running actor. */
export interface Pause<Value> {
  readonly promise: Promise<Value>;
  /** Lets the actor go on, unless it has ended or was resumed before. */
  resume(value: Value): void;
}

/**
 * Runs asynchronous work one piece at a time, until that piece pauses, ends or dies.
 *
 * The agenda alone thus decides the order of everything, on every version of every engine.
 */
export interface Stage {
  /** The work that runs now, or null if only work of shared processes runs. */
  current(): Actor | null;
  /** Begins a piece of work, from outside of any other or within a pause of one. */
  start<Value>(process: Process, work: () => PromiseLike<Value>, onEnd?: (value: Value) => void): void;
  /** Pauses the work that runs. */
  pause<Value>(): Pause<Value>;
  /** Pauses one of the activities of a shared process. */
  pauseIn<Value>(process: Process): Pause<Value>;
  /** An activity of a shared process goes on outside of it until {@link Stage.returns}. Nothing settles before. */
  leaves(): void;
  returns(): void;
  /** Lets a shared process do work outside of it. */
  outside<Value>(work: () => PromiseLike<Value>): Promise<Value>;
  /** Ends the process of the work that runs, with all its other work. The promise never resolves. */
  die(): Promise<never>;
  /** Ends all work of a process. */
  kill(process: Process): void;
  /** Whether a shared process has not been ended. */
  isAlive(process: Process): boolean;
  /** Resolves when nothing runs. */
  settle(): Promise<void>;
}

/**
 * Returns an empty stage.
 *
 * @param onThrow called with a value that a piece of work threw, which nothing in this library ever does
 */
export function createStage(onThrow: (thrown: unknown) => void): Stage {
  let running = 0;
  let current: Actor | null = null;
  const alive = new Map<Process, Set<Actor>>();
  const dead = new WeakSet<Process>();
  /** How many activities of shared processes run outside of them. */
  let outside = 0;
  /** Whether any work may have gone on since the stage was last quiet. */
  let isStirred = false;
  /** The actions after work of shared processes that has ended. They wait until all these processes are quiet. */
  const ended: (() => void)[] = [];

  function isActing(actor: Actor): boolean {
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
    if (current)
      throw new Error(`Two pieces of work run at once: ${current.process.name} and ${actor.process.name}.`);
    current = actor;
    running++;
    stir();
  }

  function stir(): void {
    isStirred = true;
  }

  function begin(process: Process): Actor {
    const actor: Actor = { process };
    const actors = alive.get(process);
    if (actors) actors.add(actor);
    else alive.set(process, new Set([actor]));
    return actor;
  }

  function startShared<Value>(
    process: Process,
    work: () => PromiseLike<Value>,
    onEnd?: (value: Value) => void,
  ): void {
    const actor = begin(process);
    const end = (then: () => void): void => {
      if (!isActing(actor)) return;
      alive.get(process)?.delete(actor);
      stir();
      ended.push(then);
    };
    stir();
    work().then(
      (value) => end(() => onEnd?.(value)),
      (thrown: unknown) => end(() => onThrow(thrown)),
    );
  }

  /** A pause ends once, and only while its work is alive. */
  function pause<Value>(goOn: () => boolean): Pause<Value> {
    let isResumed = false;
    let resolve: (value: Value) => void = () => undefined;
    const promise = new Promise<Value>((given) => {
      resolve = given;
    });
    return {
      promise,
      resume: (value) => {
        if (isResumed || !goOn()) return;
        isResumed = true;
        resolve(value);
      },
    };
  }

  const stage: Stage = {
    current: () => current,

    start: (process, work, onEnd) => {
      if (process.isShared) return startShared(process, work, onEnd);
      const actor = begin(process);
      enter(actor);
      work().then(
        (value) => {
          if (!isActing(actor)) return;
          alive.get(process)?.delete(actor);
          leave();
          onEnd?.(value);
        },
        (thrown: unknown) => {
          if (!isActing(actor)) return;
          alive.get(process)?.delete(actor);
          leave();
          onThrow(thrown);
        },
      );
    },

    pause: () => {
      const actor = leave();
      return pause(() => {
        if (!isActing(actor)) return false;
        enter(actor);
        return true;
      });
    },

    pauseIn: (process) => {
      stir();
      return pause(() => {
        stir();
        return !dead.has(process);
      });
    },

    leaves: () => {
      outside++;
    },

    returns: () => {
      outside--;
      stir();
    },

    outside: async (work) => {
      stage.leaves();
      try {
        return await work();
      } finally {
        stage.returns();
      }
    },

    die: () => {
      const { process } = leave();
      stage.kill(process);
      return new Promise<never>(() => undefined);
    },

    kill: (process) => {
      alive.delete(process);
      dead.add(process);
    },

    isAlive: (process) => !dead.has(process),

    settle: async () => {
      while (isStirred || running > 0 || outside > 0 || ended.length > 0) {
        isStirred = false;
        await turnOfTheWorld();
        if (running === 0 && outside === 0) ended.shift()?.();
      }
    },
  };
  return stage;
}

const soon = globalThis.setImmediate ?? ((callback: () => void) => setTimeout(callback, 0));

/** Resolves when all work has gone as far as it can by itself, and the world outside has had its turn. */
function turnOfTheWorld(): Promise<void> {
  return new Promise((resolve) => {
    soon(resolve);
  });
}
