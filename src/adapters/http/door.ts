/** Where requests come in, and which can be closed. */
export interface Door {
  /** Lets a request in; false after {@link Door.close}. */
  enter(): boolean;
  /** The request was answered. */
  leave(): void;
  /** Lets nothing in from now on; resolves when all was answered, or after so many milliseconds. */
  close(timeoutMs: number): Promise<void>;
}

/** Makes a door that is open. */
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
