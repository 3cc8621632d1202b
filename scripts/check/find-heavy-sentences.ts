import { findProse } from "./find-prose.ts";

/** A sentence that is hard to read, with its place and advice. */
export interface HeavySentence {
  readonly file: string;
  /** The line on which the comment or message begins, counted from 1. */
  readonly line: number;
  /** One sentence that says what is wrong and what to write instead. */
  readonly advice: string;
}

/** The most words in one sentence. A code span, a link and a quotation count as one word each. */
const MAX_WORDS = 25;

const PER = 'write "per", as in "per day"';
const NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten|an?|how many|as many";
/** Nouns that are never verbs, and nouns that can be verbs: "it answers a request" is a good sentence. */
const NOUNS =
  "bytes|contributions|fields|lookups|messages|numbers|outcomes|rounds|rows|signatures|statements|times";
const VERBS = "answers|attempts|calls|counts|lines|links|queries|records|reports|requests";
const SINGLE = `${NOUNS}|${VERBS}`.replace(/ies\b/g, "y").replace(/s\b/g, "");
const TIME = "day|hour|minute|second|week|month|year";
const PART = "request|link|user|record|row|message|method|statement|call|account|installation|line";
const A_PART = String.raw`an? (?:${TIME}|${PART})\b(?! (?:may|can|could|must)\b)`;

/** The phrases to avoid, each with the advice that follows them. */
const PHRASES: readonly (readonly [phrase: RegExp, advice: string])[] = [
  [new RegExp(String.raw`\b(?:\d[\d,.]*|${NOUNS}|(?:${NUMBER}) (?:\w+ )?(?:${SINGLE})) ${A_PART}`, "i"), PER],
  [
    new RegExp(String.raw`\b(?:once|twice|(?<!^)(?:${VERBS})) an? (?:${TIME})\b(?! (?:has|is|was)\b)`, "i"),
    PER,
  ],
  [/\b(?:null|undefined|NaN|false|empty|throws|rejects|fails) where\b/i, 'write "if"'],
  [/\bbut for\b/i, 'write "except"'],
  [/\b(?<!\bthere )(?:is|are|was|were|be) no (?!longer\b|more\b)/i, 'write "not a", or "there is no"'],
  [/\bno product\b/i, 'write "not a product"'],
  [/\b(?:nobody|somebody|everybody|no one|whoever|whom)\b/i, "name the actor"],
];

const OPENING: readonly [phrase: RegExp, advice: string] = [
  /^(?:who|what)\b(?!.*\?$)/i,
  "begin with the actor or with a noun",
];

/**
 * Returns the heavy sentences of a source file, in the order of the file.
 *
 * It reads every comment, and every string that is a sentence. It does not look into code spans, links and quotations.
 */
export function findHeavySentences(file: string, text: string): readonly HeavySentence[] {
  return findProse(file, text).flatMap(({ line, text: prose }) =>
    sentencesOf(prose).flatMap((sentence) => adviceOn(sentence).map((advice) => ({ file, line, advice }))),
  );
}

/**
 * Returns the heavy sentences of a Markdown document, in its order.
 *
 * It does not look into code. Headings and the cells of a table are not sentences: they are held to the phrases alone,
 * and may begin with "what".
 */
export function findHeavyMarkdown(file: string, text: string): readonly HeavySentence[] {
  const withoutCode = text.replace(/^[ \t]*```[\s\S]*?^[ \t]*```/gm, (code) => code.replace(/[^\n]/g, ""));
  return blocksOf(withoutCode).flatMap(({ line, text: block }) => {
    const isProse = !/^(?:#|\|)/.test(block);
    return sentencesOf(withoutMarkup(block)).flatMap((sentence) =>
      (isProse ? adviceOn(sentence) : phraseAdviceOn(sentence)).map((advice) => ({ file, line, advice })),
    );
  });
}

/** Returns the paragraphs, list items, headings and rows of a document, each with the line on which it begins. */
function blocksOf(document: string): readonly { readonly line: number; readonly text: string }[] {
  const blocks: { line: number; text: string }[] = [];
  let isOpen = false;
  for (const [index, text] of document.split("\n").entries()) {
    const last = blocks.at(-1);
    const begins = /^(?:#|\||[ \t]*(?:[-*]|\d+\.)[ \t])/.test(text);
    if (text.trim() === "") isOpen = false;
    else if (isOpen && !begins && last !== undefined) last.text = `${last.text}\n${text.trim()}`;
    else {
      blocks.push({ line: index + 1, text: text.trim() });
      isOpen = !text.startsWith("#");
    }
  }
  return blocks;
}

/** Returns a block without the signs of Markdown. A link to a file counts as one word, any other as its text. */
function withoutMarkup(block: string): string {
  return block
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, (_, label: string) => (/[./]\w+$/.test(label) ? "`…`" : label))
    .replaceAll("**", "")
    .replace(/^#+ /, "");
}

/** Returns the sentences of a text without its code. A list item, a table cell and a tag each begin a new sentence. */
function sentencesOf(prose: string): readonly string[] {
  return prose
    .replace(/^[ \t]*```[\s\S]*?^[ \t]*```/gm, "\n\n")
    .replace(/^(?: {4}|\t).*$/gm, "\n\n")
    .replace(/\{@\w+[^}]*\}|`[^`]*`|"[^"]*"/g, "`…`")
    .split(/\n[ \t]*\n|\n(?=[ \t]*(?:[-*|@]|\d+\.|[A-Z]+\d+:))|\|/)
    .map((block) =>
      block
        .replace(/^[ \t]*(?:@\w+(?: \S+)?|[-*]|\d+\.)\s+/, "")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .flatMap((block) => block.split(/(?<=(?<!\b(?:e\.g|i\.e|etc))[.!?][)\]]?) (?=[A-Z0-9`(])/))
    .map((sentence) => sentence.replace(/^(?:[A-Za-z]*[A-Z\d]\w*|`…`):\s+/, ""))
    .filter((sentence) => sentence !== "");
}

function phraseAdviceOn(sentence: string, phrases = PHRASES): readonly string[] {
  return phrases.flatMap(([phrase, advice]) => {
    const match = phrase.exec(sentence);
    return match === null ? [] : [`"${match[0].trim()}" in "${startOf(sentence)} …": ${advice}`];
  });
}

function startOf(sentence: string): string {
  return sentence.split(" ").slice(0, 6).join(" ");
}

function adviceOn(sentence: string): readonly string[] {
  const start = startOf(sentence);
  const words = sentence.split(" ").filter((word) => /[\p{L}\p{N}…]/u.test(word)).length;
  const found = [...phraseAdviceOn(sentence, [...PHRASES, OPENING])];
  if (words > MAX_WORDS) found.push(`${words} words in "${start} …": split it, ${MAX_WORDS} are the most`);
  if ((sentence.match(/[:;](?= |$)/g) ?? []).length > 1)
    found.push(`more than one colon or semicolon in "${start} …": begin a new sentence`);
  return found;
}
