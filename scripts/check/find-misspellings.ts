/** The words of this project that a general dictionary does not know: one per line, in lower case, sorted. */
export const WORDS_FILE = "scripts/check/words.txt";

/** A word that the general dictionaries do not know, or that the project spells in another way. */
interface ReportedWord {
  readonly word: string;
  readonly isForbidden: boolean;
  /** The file with its line and column, both counted from 1. */
  readonly place: string;
  /** The spelling to use instead, if there is one. */
  readonly correction: string | null;
}

/**
 * Returns one sentence per mistake. A mistake is a word that no dictionary has, a word of the project that no file
 * uses, or a word out of order.
 *
 * @param report the lines that cspell prints without the project's own words
 * @param words the text of the file of the project's own words
 */
export function findMisspellings(report: string, words: string): readonly string[] {
  const own = words.split("\n").filter((word) => word !== "");
  const reported = report.split("\n").flatMap(readLine);
  const unknown = reported.filter(({ word, isForbidden }) => isForbidden || !own.includes(stemOf(word)));
  const used = new Set(reported.map(({ word }) => stemOf(word)));
  return [
    ...unknown.map(
      ({ place, word, correction }) =>
        `${place} "${word}" is not in a dictionary: ${correction === null ? "correct it" : `write "${correction}"`}, or add it to ${WORDS_FILE}.`,
    ),
    ...own
      .filter((word) => !used.has(word))
      .map((word) => `${WORDS_FILE}: no file uses "${word}": remove it.`),
    ...own
      .filter((word, at) => at > 0 && word <= (own[at - 1] ?? ""))
      .map((word) => `${WORDS_FILE}: "${word}" is out of order or there twice: sort the lines.`),
  ];
}

function readLine(line: string): readonly ReportedWord[] {
  const match = /^(.+:\d+:\d+) - (Unknown|Forbidden) word \((.+?)\)(?: fix: \((.+?)\))?$/.exec(line);
  if (match === null) return [];
  const [, place = "", kind, word = "", correction = null] = match;
  return [{ place, word, isForbidden: kind === "Forbidden", correction }];
}

/** A word as the project's file has it: without capitals, and without the sign of the genitive. */
function stemOf(word: string): string {
  return word.toLowerCase().replace(/['’]s$/, "");
}
