/** The events of a simulated world, line by line. */
export interface History {
  /** Adds a line that begins with the instant. */
  add(line: string): void;
  /** Adds a text to the fingerprint alone, such as every byte that crosses the wire. */
  imprint(text: string): void;
  /** Returns a fingerprint of everything: 16 hexadecimal digits. */
  fingerprint(): string;
  /** The lines; empty if they are not kept. */
  readonly lines: readonly string[];
}

/**
 * Returns an empty history.
 *
 * @param now the present instant
 * @param isKept whether the lines are kept, or only their fingerprint
 */
export function createHistory(now: () => number, isKept: boolean): History {
  const lines: string[] = [];
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;

  function print(text: string): void {
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      high = Math.imul(high ^ code, 2_654_435_761);
      low = Math.imul(low ^ code, 1_597_334_677);
    }
    high = Math.imul(high ^ (low >>> 15), 2_246_822_507);
    low = Math.imul(low ^ (high >>> 13), 3_266_489_909);
  }

  return {
    lines,
    imprint: print,
    add: (line) => {
      const at = now();
      print(`${at} ${line}`);
      if (isKept) lines.push(`${new Date(at).toISOString().slice(0, 19)}Z ${line}`);
    },
    fingerprint: () => [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join(""),
  };
}
