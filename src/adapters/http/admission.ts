import { createCounts } from "./counts.ts";
import { createRate } from "./rate.ts";

/** A place in which the handler works on a request of an installation. */
export interface Place {
  /** Whether the place is kept for deletions. Any other message in it has to be refused. */
  readonly isForDeletions: boolean;
  /** Gives the place back; a second call has no effect. */
  leave(): void;
}

/** The requests that the handler works on, by installation. */
export interface Admission {
  /**
   * Returns a place for a request whose installation is proven, or null if the installation has to come later.
   *
   * @param claimsDeletion whether the head says that the message is a deletion, and has the length of one
   */
  enter(installation: string, claimsDeletion: boolean): Place | null;
}

/** The bounds of an admission. */
export interface AdmissionBounds {
  /** How many requests at once. */
  readonly places: number;
  /** How many requests of one installation at once. */
  readonly placesEach: number;
  /** How many requests of one installation per second, on average over a long time. */
  readonly perSecond: number;
  /** How many requests of one installation in a burst. */
  readonly burst: number;
}

/**
 * Returns an admission with two lanes, so that no report can hold back a deletion.
 *
 * The first lane takes any request. A request that finds no place there, or comes too often, may take the second lane
 * if its head says that it is a deletion. That lane is as wide and has its own rate. Reports cannot spend its tokens,
 * since they do not say so. The handler finds a false claim after reading, and the token is lost. So an installation
 * that makes false claims spends its own.
 */
export function createAdmission(bounds: AdmissionBounds): Admission {
  const any = createLane(bounds);
  const deletions = createLane(bounds);
  return {
    enter: (installation, claimsDeletion) => {
      const leaveAny = any(installation);
      if (leaveAny) return { isForDeletions: false, leave: leaveAny };
      const leaveDeletions = claimsDeletion ? deletions(installation) : null;
      return leaveDeletions && { isForDeletions: true, leave: leaveDeletions };
    },
  };
}

/** Takes a place and returns a function that gives it back, or returns null if there is none. */
type Lane = (installation: string) => (() => void) | null;

function createLane({ places, placesEach, perSecond, burst }: AdmissionBounds): Lane {
  const rate = createRate(perSecond, burst);
  const takenBy = createCounts<string>();
  return (installation) => {
    const isFull = takenBy.total >= places || takenBy.of(installation) >= placesEach;
    if (isFull || !rate.take(installation)) return null;
    takenBy.change(installation, 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      takenBy.change(installation, -1);
    };
  };
}
