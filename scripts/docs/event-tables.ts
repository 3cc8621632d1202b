import ts from "typescript";
import { attributeName, INSTRUMENTS, PREFIX, SPANS } from "../../src/adapters/opentelemetry/instruments.ts";
import { loadConfig } from "../check/typescript-program.ts";

/** The document whose tables follow the types of the events. */
export const EVENTS_DOCUMENT = "docs/events.md";

/** The unions of events, each with the heading of its tables and its file. */
const UNIONS: readonly (readonly [heading: string, file: string, union: string])[] = [
  ["The sender", "src/ghes/events.ts", "SenderEvent"],
  ["The receiver", "src/ghec/events.ts", "ReceiverEvent"],
  ["The HTTP handler", "src/adapters/http/events.ts", "HttpHandlerEvent"],
  ["The HTTP transport", "src/adapters/http/events.ts", "HttpTransportEvent"],
  ["The parts in PostgreSQL", "src/adapters/postgres/events.ts", "PostgresEvent"],
];

const BEGINNING = "<!-- Written by `npm run generate` from the types of the events. -->\n";
const END = "<!-- The end of what is written. -->\n";

/** Returns the document with the tables of all events in their place. */
export function withEventTables(document: string): string {
  const [before, rest = ""] = document.split(BEGINNING);
  const [, after = ""] = rest.split(END);
  return `${before}${BEGINNING}${eventTables()}${END}${after}`;
}

/** Returns the types of all events of all unions, each once. */
export function eventTypes(): readonly string[] {
  return [...new Set(readUnions().flatMap(({ events }) => events.map(({ type }) => type)))];
}

interface EventDescription {
  readonly type: string;
  readonly meaning: string;
  readonly fields: readonly (readonly [name: string, type: string, meaning: string])[];
}

function readUnions(): readonly { readonly heading: string; readonly events: readonly EventDescription[] }[] {
  const { options, fileNames } = loadConfig("src/tsconfig.json");
  const files = UNIONS.map(([, file]) => file);
  const platform = fileNames.filter((file) => file.endsWith(".d.ts"));
  const program = ts.createProgram([...files, ...platform], { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  return UNIONS.map(([heading, file, union]) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    const alias = module && checker.getExportsOfModule(module).find(({ name }) => name === union);
    if (!alias) throw new Error(`${file} does not export ${union}`);
    const members = checker.getDeclaredTypeOfSymbol(alias);
    const events = (members.isUnion() ? members.types : [members]).map((type) => describe(checker, type));
    return { heading, events };
  });
}

function describe(checker: ts.TypeChecker, event: ts.Type): EventDescription {
  const symbol = event.getSymbol();
  const fields = checker.getPropertiesOfType(event).map((property) => {
    const [declaration] = property.declarations ?? [];
    if (!declaration) throw new Error(`${property.name} is declared nowhere`);
    const written = ts.isPropertySignature(declaration) && declaration.type ? declaration.type.getText() : "";
    const isOptional = property.flags & ts.SymbolFlags.Optional;
    return [`${property.name}${isOptional ? "?" : ""}`, written, wordsOf(checker, property)] as const;
  });
  const type = fields.find(([name]) => name === "type")?.[1].replaceAll('"', "") ?? "";
  return {
    type,
    meaning: symbol ? wordsOf(checker, symbol) : "",
    fields: fields.filter(([name]) => name !== "type"),
  };
}

function wordsOf(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const words = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return words.replaceAll(/\{@link (\S+?)\}/g, "`$1`").replaceAll(/\s+/g, " ");
}

function eventTables(): string {
  const seen = new Set<string>();
  const sections = readUnions().map(({ heading, events }) => {
    const own = events.map((event) => {
      const again = seen.has(event.type);
      seen.add(event.type);
      return again ? `### \`${event.type}\` again\n\nAs above.\n` : section(event);
    });
    return `## ${heading}\n\n${own.join("\n")}`;
  });
  return `\n${[...sections, telemetryTables()].join("\n")}\n`;
}

/** Returns the tables of the OpenTelemetry listener's metrics and spans. */
function telemetryTables(): string {
  const named = (attributes: readonly string[]): string =>
    attributes.map((name) => `\`${attributeName(name)}\``).join(" · ") || "–";
  const metrics = Object.entries(INSTRUMENTS).map(
    ([name, { kind, unit, description, attributes }]) =>
      `| \`${PREFIX}${name}\` | ${kind} | \`${unit}\` | ${description} | ${named(attributes)} |`,
  );
  const spans = Object.entries(SPANS).map(
    ([name, { description, attributes }]) =>
      `| \`${PREFIX}${name}\` | ${description} | ${named(attributes)} |`,
  );
  return [
    "## Metrics and spans\n",
    ...["| metric | kind | unit | | attributes |", "|---|---|---|---|---|", ...metrics, ""],
    ...["| span | | attributes |", "|---|---|---|", ...spans],
  ].join("\n");
}

function section({ type, meaning, fields }: EventDescription): string {
  const rows = fields.map(
    ([name, written, words]) => `| \`${name}\` | \`${inCell(written)}\` | ${inCell(words)} |`,
  );
  const table = rows.length > 0 ? `\n| field | type | |\n|---|---|---|\n${rows.join("\n")}\n` : "";
  return `### \`${type}\`\n\n${meaning}\n${table}`;
}

function inCell(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
}
