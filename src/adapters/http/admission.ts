import { createRate } from "./rate.ts";

/** A place at which a request of an installation is worked on. */
export interface Place {
  /** Whether the place is kept for deletions: any other message has to be refused. */
  readonly isForDeletions: boolean;
  /** Gives the place back; harmless the second time. */
  leave(): void;
}

/** Which requests of which installations are worked on. */
export interface Admission {
  /**
   * Takes a place for a request whose installation is proven, or answers null if the installation has to come later.
   *
   * @param mayDelete whether it may be a deletion, as far as its head tells
   */
  enter(installation: string, mayDelete: boolean): Place | null;
}

/** How much is worked on. */
export interface AdmissionBounds {
  /** Requests at once. */
  readonly places: number;
  /** Requests of one installation at once. */
  readonly placesEach: number;
  /** Requests of one installation in a second, for long. */
  readonly perSecond: number;
  /** Requests of one installation in a burst. */
  readonly burst: number;
}

/**
 * Makes an admission with two lanes. The first takes whatever comes. What finds no place there or comes too often may take
 * the second, which is as wide and has a rate of its own, if it is a deletion: so no report can hold back a deletion. Whether
 * it is one is only known when it was read, and a token that was taken in vain is gone.
 */
export function createAdmission(bounds: AdmissionBounds): Admission {
  const any = createLane(bounds);
  const deletions = createLane(bounds);
  return {
    enter: (installation, mayDelete) => {
      const leaveAny = any(installation);
      if (leaveAny) return { isForDeletions: false, leave: leaveAny };
      const leaveDeletions = mayDelete ? deletions(installation) : null;
      return leaveDeletions && { isForDeletions: true, leave: leaveDeletions };
    },
  };
}

/** Takes a place, and returns how to give it back; null if there is none. */
type Lane = (installation: string) => (() => void) | null;

function createLane({ places, placesEach, perSecond, burst }: AdmissionBounds): Lane {
  const rate = createRate(perSecond, burst);
  const takenBy = new Map<string, number>();
  let taken = 0;
  return (installation) => {
    const takenHere = takenBy.get(installation) ?? 0;
    if (taken >= places || takenHere >= placesEach || !rate.take(installation)) return null;
    taken++;
    takenBy.set(installation, takenHere + 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      taken--;
      const left = (takenBy.get(installation) ?? 1) - 1;
      if (left > 0) takenBy.set(installation, left);
      else takenBy.delete(installation);
    };
  };
}
