import ts from "typescript";

/** A piece of prose in a source file, with its place. */
export interface Prose {
  readonly kind: "doc-comment" | "comment" | "message" | "title";
  readonly file: string;
  /** The line on which it begins, counted from 1. */
  readonly line: number;
  /** The text without the signs of a comment. Each expression in a template is "`…`". */
  readonly text: string;
}

interface Found extends Pick<Prose, "kind" | "text"> {
  /** Where it begins, in characters from the start of the file. */
  readonly start: number;
}

/** The file of an example that runs. The comment at its end is its output, word for word, and not prose. */
const EXAMPLE = /(?:^|\/)examples\/[^/]+\/main\.ts$/;

/**
 * Returns the comments of a source file, and the strings that are sentences, in the order of the file.
 *
 * Neighbouring comments of a line each are one. The parts of a sum of strings are one, too. The output that an example
 * ends with is left out.
 */
export function findProse(file: string, sourceText: string): readonly Prose[] {
  const source = ts.createSourceFile(file, sourceText, ts.ScriptTarget.ES2023, true);
  const comments = new Map<number, ts.CommentRange>();
  const strings: Found[] = [];
  function visit(node: ts.Node): void {
    const before = ts.getLeadingCommentRanges(source.text, node.pos) ?? [];
    const after = ts.getTrailingCommentRanges(source.text, node.end) ?? [];
    for (const comment of [...before, ...after]) comments.set(comment.pos, comment);
    const text = textOf(node);
    if (text !== undefined && isSentence(text))
      strings.push({ kind: "message", start: node.getStart(source), text });
    // The parts of a sum are one text already.
    if (text !== undefined && ts.isBinaryExpression(node)) return;
    for (const child of node.getChildren(source)) if (!ts.isJSDoc(child)) visit(child);
  }
  visit(source);
  for (const { pos } of outputOf(file, source)) comments.delete(pos);
  const ordered = [...comments.values()].sort((a, b) => a.pos - b.pos);
  const found = [...joinLines(ordered, source.text), ...strings];
  return found.sort((a, b) => a.start - b.start).map((each) => placed(file, source, each));
}

/** Returns the comments behind the last statement of an example, and none of another file. */
function outputOf(file: string, source: ts.SourceFile): readonly ts.CommentRange[] {
  if (!EXAMPLE.test(file)) return [];
  return ts.getLeadingCommentRanges(source.text, source.endOfFileToken.pos) ?? [];
}

/** Returns the titles of a test file in their order. Each has those of the blocks around it before it. */
export function findTitles(file: string, sourceText: string): readonly Prose[] {
  const source = ts.createSourceFile(file, sourceText, ts.ScriptTarget.ES2023, true);
  const titles: Found[] = [];
  function visit(node: ts.Node, around: readonly string[]): void {
    const title = titleOf(node, source);
    const path = title === undefined ? around : [...around, title];
    if (title !== undefined)
      titles.push({ kind: "title", start: node.getStart(source), text: path.join(" > ") });
    ts.forEachChild(node, (child) => visit(child, path));
  }
  visit(source, []);
  return titles.map((each) => placed(file, source, each));
}

/** Returns the first text that a call of `describe`, `it` or `test` is given. */
function titleOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (!ts.isCallExpression(node) || !/^(?:describe|it|test)\b/.test(node.expression.getText(source)))
    return undefined;
  const [title] = node.arguments;
  return title && textOf(title);
}

function placed(file: string, source: ts.SourceFile, { kind, start, text }: Found): Prose {
  return { kind, file, line: source.getLineAndCharacterOfPosition(start).line + 1, text };
}

/** Returns the text of a string, a template or a sum of them, with each expression in it as one word. */
function textOf(node: ts.Node): string | undefined {
  // Each line of a usage text stands by itself.
  if (ts.isStringLiteralLike(node)) return node.text.replaceAll("\n", "\n\n");
  if (ts.isTemplateExpression(node))
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("`…`");
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const parts = [textOf(node.left), textOf(node.right)];
  return parts.includes(undefined) ? undefined : parts.join("");
}

function isSentence(text: string): boolean {
  return /\w [\s\S]*\w[.!?]$/.test(text);
}

function joinLines(comments: readonly ts.CommentRange[], text: string): readonly Found[] {
  const found: (Found & { end: number })[] = [];
  for (const { kind, pos, end } of comments) {
    const last = found.at(-1);
    const isLine = kind === ts.SyntaxKind.SingleLineCommentTrivia;
    const words = withoutSigns(text.slice(pos, end), isLine);
    const isNext = isLine && last !== undefined && /^\r?\n[ \t]*$/.test(text.slice(last.end, pos));
    if (isNext) Object.assign(last, { end, text: `${last.text}\n${words}` });
    else {
      const kind = text.startsWith("/**", pos) ? "doc-comment" : "comment";
      found.push({ kind, start: pos, end, text: words });
    }
  }
  return found;
}

function withoutSigns(comment: string, isLine: boolean): string {
  if (isLine) return comment.replace(/^\/\/+ ?/, "");
  return comment.replace(/^\/\*+|\*+\/$/g, "").replace(/^[ \t]*\* ?/gm, "");
}
