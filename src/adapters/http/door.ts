/** An entrance for requests that can be closed. */
export interface Door {
  /** Lets a request in, and returns true; false after {@link Door.close}. */
  enter(): boolean;
  /** Counts a request as answered. */
  leave(): void;
  /** Lets nothing in from now on. It resolves when all requests were answered, or after this many milliseconds. */
  close(timeoutMs: number): Promise<void>;
}

/** Returns a door that is open. */
export function createDoor(): Door {
  let inside = 0;
  let isClosed = false;
  const waiting = new Set<() => void>();
  return {
    enter: () => {
      if (!isClosed) inside++;
      return !isClosed;
    },
    leave: () => {
      inside--;
      if (isClosed && inside === 0) for (const resolve of waiting) resolve();
    },
    close: (timeoutMs) => {
      isClosed = true;
      if (inside === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, timeoutMs);
        waiting.add(end);
      });
    },
  };
}
