// The bundle: the size that the core adds to a program which imports all of it, minified and gzipped. The core is the
// package's root, with the vocabulary and the wire of both sides. It is measured with and without zod, which many
// programs have already. There is no yardstick.
import { measureBundle } from "../package/measure-bundle.ts";
import { atMost, type Effort, type Finding } from "./measure.ts";

/** Runs the group. The size is the same every time. */
export async function bundle(_effort: Effort): Promise<readonly Finding[]> {
  return [
    row("bundle.with-zod", "kB of the core, zod included", 32, await measure([])),
    row("bundle.without-zod", "kB of the core, zod excluded", 8, await measure(["zod"])),
  ];
}

function measure(external: readonly string[]): Promise<number> {
  return measureBundle(["unified-contributions"], ".", external);
}

function row(id: string, what: string, goalKb: number, bytes: number): Finding {
  const detail = `${bytes} bytes, minified and gzipped`;
  return atMost(goalKb, { id, what, yardstick: "none: kB", ratio: bytes / 1_000, detail });
}
