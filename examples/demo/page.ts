/** Where the story is written. */
export interface Page {
  /** Whether colours can be seen. */
  readonly isColoured: boolean;
  /** Begins a chapter. */
  chapter(title: string): void;
  /** Says something, in lines of a length that reads well. */
  write(text: string): void;
  /** Rows of a question and its outcome, one under the other. */
  facts(rows: readonly (readonly [what: string, outcome: string])[]): void;
  /** Lines as they are. */
  show(lines: readonly string[]): void;
  /** Text of which not a character may be changed; broken into lines all the same. */
  verbatim(text: string): void;
}

const INDENT = "   ";
const WIDTH = 88;
/** How wide the first column of facts is; RFC 3339 with two spaces fits. */
const FACT_WIDTH = 27;

/** Makes a page of a function that writes text. */
export function createPage(write: (text: string) => void, isColoured: boolean): Page {
  let chapters = 0;
  const show = (lines: readonly string[]): void => {
    for (const line of lines) write(line === "" ? "\n" : `${INDENT}${line}\n`);
    write("\n");
  };
  return {
    isColoured,
    show,
    chapter: (title) => {
      const heading = `${++chapters}  ${title}`;
      write(isColoured ? `\u001b[1m${heading}\u001b[0m\n\n` : `${heading}\n\n`);
    },
    write: (text) => show(wrap(text, WIDTH)),
    facts: (rows) =>
      show(
        rows.flatMap(([what, outcome]) =>
          wrap(outcome, WIDTH - FACT_WIDTH).map(
            (line, index) => (index === 0 ? what : "").padEnd(FACT_WIDTH) + line,
          ),
        ),
      ),
    verbatim: (text) => show(text.split("\n").flatMap((line) => cut(line, WIDTH))),
  };
}

function wrap(text: string, width: number): readonly string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

function cut(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start === 0 || start < text.length; start += width)
    lines.push(text.slice(start, start + width));
  return lines;
}
