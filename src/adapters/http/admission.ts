import type { InstallationId } from "../../domain/identifiers.ts";

/** Who may come in, and whether everyone who did has left again. */
export interface Admission {
  /** Takes a place: `full` where there is none, `closed` after {@link Admission.close}; neither has to leave. */
  enter(): "entered" | "full" | "closed";
  /** Gives the place back. */
  leave(): void;
  /** Runs something in the name of an installation, or answers null where too much already runs in its name. */
  as<Value>(installation: InstallationId, run: () => PromiseLike<Value>): Promise<Value | null>;
  /** Lets nobody in from now on; resolves when everyone has left. */
  close(): Promise<void>;
}

/** Makes an admission with so many places in all, and so many for one installation. */
export function createAdmission(places: number, placesEach: number): Admission {
  let taken = 0;
  let isClosed = false;
  const takenBy = new Map<InstallationId, number>();
  const waiting: (() => void)[] = [];
  return {
    enter: () => {
      if (isClosed) return "closed";
      if (taken >= places) return "full";
      taken++;
      return "entered";
    },
    leave: () => {
      taken--;
      if (isClosed && taken === 0) for (const resolve of waiting.splice(0)) resolve();
    },
    as: async (installation, run) => {
      const own = takenBy.get(installation) ?? 0;
      if (own >= placesEach) return null;
      takenBy.set(installation, own + 1);
      try {
        return await run();
      } finally {
        const left = (takenBy.get(installation) ?? 1) - 1;
        if (left > 0) takenBy.set(installation, left);
        else takenBy.delete(installation);
      }
    },
    close: () => {
      isClosed = true;
      return new Promise((resolve) => {
        if (taken === 0) resolve();
        else waiting.push(resolve);
      });
    },
  };
}
