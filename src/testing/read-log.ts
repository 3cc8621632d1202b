import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import { answerOf, expectThat } from "./contract.ts";

/** A page of an audit log. */
type Page<Entry> = readonly { readonly id: number; readonly entry: Entry }[];

/** Returns all entries of an audit log, read in pages of at most so many. Fails if a page is larger, or if ids do not rise. */
export async function readLog<Entry>(
  limit: number,
  load: (after: number) => ResultAsync<Page<Entry>, StorageFault>,
): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for (let last = 0; ; ) {
    const page = await answerOf(load(last));
    expectThat(`a page of at most ${limit} has ${page.length}`, page.length <= limit);
    if (page.length === 0) return found;
    for (const { id, entry } of page) {
      expectThat("ids rise", id > last);
      found.push(entry);
      last = id;
    }
  }
}
