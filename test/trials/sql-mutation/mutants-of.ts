import { deparseSync, loadModule, parseSync } from "pgsql-parser";

/** One change of a statement. */
export interface SqlMutant {
  /** The rule, and the part of the statement that it changed. */
  readonly title: string;
  /**
   * Where it stands in our code, as far as a statement tells: a guard is one for all statements, and so is a query of a
   * `WITH` that several statements have. Mutants of one place are one mutant.
   */
  readonly place: string;
  /** The statement after the change. */
  readonly sql: string;
}

/** A node of the parser's tree, or a list of them. */
type Tree = Record<string, unknown>;

/** One change of a node. */
interface Change {
  /** The rule, and what it changes. */
  readonly title: string;
  /** Makes the change in place. */
  make(node: Tree): void;
}

/** A change with the path to its node. */
interface PlacedChange extends Change {
  readonly path: readonly string[];
  readonly place: string;
}

/** Each comparison, and what a careless hand could write in its place. */
const COMPARISONS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["=", ["<>"]],
  ["<>", ["="]],
  ["<", ["<=", ">="]],
  ["<=", ["<", ">"]],
  [">", [">=", "<="]],
  [">=", [">", "<"]],
]);

/** The function that every guard calls. */
const GUARD = "row_security_active";

/** Loads the parser. The other functions need it. */
export const loadParser: () => Promise<void> = loadModule;

/** Returns a statement as the parser writes it. It means the same. */
export function rewritten(sql: string): string {
  return writtenFrom(parseSync(sql) as Tree);
}

/**
 * Returns the mutants of a statement, by rule: each comparison, each part of an `AND` or `OR`, each `NOT`, each branch of
 * a `CASE`, `LEAST` and `GREATEST`, and each clause that locks rows.
 */
export function mutantsOf(sql: string): readonly SqlMutant[] {
  const whole = parseSync(sql) as Tree;
  const changes = placesIn(whole, []).flatMap((path): PlacedChange[] => {
    const node = nodeAt(whole, path);
    return changesOf(node).map((change) => ({ ...change, path, place: placeOf(whole, path, change.title) }));
  });
  return changes.flatMap((change) => {
    const { title, place } = change;
    // A statement can have the same guard twice.
    const together = changes.filter((other) => other.place === place);
    if (together[0] !== change) return [];
    const tree = structuredClone(whole);
    for (const { make, path } of together) make(nodeAt(tree, path));
    return [{ title, place, sql: writtenFrom(tree) }];
  });
}

function placeOf(whole: Tree, path: readonly string[], title: string): string {
  const above = path.map((_, index) => nodeAt(whole, path.slice(0, index + 1)));
  if (above.some(isGuard)) return title;
  const length = path.lastIndexOf("CommonTableExpr");
  const shared = length < 0 ? whole : nodeAt(whole, path.slice(0, length));
  return [textOf(shared), ...path.slice(length + 1), title].join(" ");
}

/** Returns the paths to all nodes of a tree. */
function placesIn(tree: Tree, path: readonly string[]): readonly (readonly string[])[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    if (typeof value !== "object" || value === null || isRepeated(value as Tree)) return [];
    const inner = [...path, key];
    return [inner, ...placesIn(value as Tree, inner)];
  });
}

/** Whether a node is a further column of an assignment to several, whose source the parser repeats with each. */
function isRepeated({ MultiAssignRef }: Tree): boolean {
  return MultiAssignRef !== undefined && (MultiAssignRef as { colno: number }).colno > 1;
}

function nodeAt(tree: Tree, path: readonly string[]): Tree {
  return path.reduce((node, key) => node[key] as Tree, tree);
}

/** The tests of one value, each as the parser names it and its type, with two types that are opposites. */
const TESTS = [
  ["NullTest", "nulltesttype", "IS_NULL", "IS_NOT_NULL"],
  ["BooleanTest", "booltesttype", "IS_TRUE", "IS_FALSE"],
] as const;

/** Returns the changes of one node, and not of what it contains. */
function changesOf(node: Tree): readonly Change[] {
  const { A_Expr, BoolExpr, CaseWhen, MinMaxExpr, SelectStmt } = node;
  if (A_Expr) {
    const [operator] = (A_Expr as { name: Tree[] }).name.slice(-1).map(textIn);
    return (COMPARISONS.get(operator) ?? []).map((other) => ({
      title: `${other} in ${textOf(node)}`,
      make: (changed) => {
        const { name } = changed["A_Expr"] as { name: Tree[] };
        name.splice(-1, 1, { String: { sval: other } });
      },
    }));
  }
  for (const [kind, type, one, other] of TESTS) {
    const test = node[kind] as Tree | undefined;
    if (!test) continue;
    const opposite = test[type] === one ? other : one;
    const make = (changed: Tree) => Object.assign(changed[kind] as Tree, { [type]: opposite });
    return [{ title: `${opposite} in ${textOf(node)}`, make }];
  }
  if (BoolExpr) {
    const { boolop, args } = BoolExpr as { boolop: string; args: Tree[] };
    if (boolop === "NOT_EXPR") {
      const [part] = args as [Tree];
      return [{ title: `no NOT before ${textOf(part)}`, make: (changed) => replace(changed, part) }];
    }
    const isAnd = boolop === "AND_EXPR";
    return args.map((part, index) => ({
      title: `no ${isAnd ? "AND" : "OR"} with ${textOf(part)}`,
      make: (changed) => {
        const { args: parts } = changed["BoolExpr"] as { args: Tree[] };
        parts[index] = always(isAnd, part);
      },
    }));
  }
  if (CaseWhen) {
    const condition = (CaseWhen as { expr: Tree }).expr;
    return [true, false].map((taken) => ({
      title: `${taken ? "always" : "never"} WHEN ${textOf(condition)}`,
      make: (changed) => Object.assign(changed["CaseWhen"] as Tree, { expr: always(taken, condition) }),
    }));
  }
  if (MinMaxExpr) {
    const other = (MinMaxExpr as Tree)["op"] === "IS_LEAST" ? "IS_GREATEST" : "IS_LEAST";
    const make = (changed: Tree) => Object.assign(changed["MinMaxExpr"] as Tree, { op: other });
    return [{ title: `${other} in ${textOf(node)}`, make }];
  }
  if (SelectStmt && (SelectStmt as Tree)["lockingClause"]) {
    const make = (changed: Tree) => delete (changed["SelectStmt"] as Tree)["lockingClause"];
    return [{ title: `no lock in ${textOf(node)}`, make }];
  }
  return [];
}

/** Returns a condition that is always true, or never, and keeps the types of the parameters in it. */
function always(value: boolean, condition: Tree): Tree {
  const constant = { A_Const: { boolval: value ? { boolval: true } : {} } };
  return { BoolExpr: { boolop: value ? "OR_EXPR" : "AND_EXPR", args: [condition, constant] } };
}

/** Whether a node is a guard whole: `(1 / (…)::int4)::bool`. */
function isGuard({ TypeCast }: Tree): boolean {
  const { arg } = (TypeCast ?? {}) as { arg?: Tree };
  return arg !== undefined && "A_Expr" in arg && JSON.stringify(arg).includes(GUARD);
}

function replace(node: Tree, by: Tree): void {
  for (const key of Object.keys(node)) delete node[key];
  Object.assign(node, structuredClone(by));
}

function textIn({ String: text }: Tree): unknown {
  return (text as Tree)["sval"];
}

/** Returns a node as SQL in one line. */
function textOf(node: Tree): string {
  const sql = deparseSync(node as unknown as Parameters<typeof deparseSync>[0]);
  return sql
    .replace(/\s+/g, " ")
    .replace(/OPERATOR\(pg_catalog\.(\S+)\)/g, "$1")
    .replaceAll("pg_catalog.", "");
}

/** Returns a tree as SQL. Throws if the parser does not read the same tree again. */
function writtenFrom(tree: Tree): string {
  repeatSources(tree);
  const sql = deparseSync(tree as unknown as Parameters<typeof deparseSync>[0]);
  if (shapeOf(parseSync(sql) as Tree) !== shapeOf(tree))
    throw new Error(`The parser wrote another statement: ${sql}`);
  return sql;
}

/** Gives all columns of an assignment the source that its first one has by now. */
function repeatSources(node: Tree): void {
  let source: unknown;
  for (const value of Object.values(node)) {
    if (typeof value !== "object" || value === null) continue;
    const { val } = ((value as Tree)["ResTarget"] ?? {}) as { val?: Tree };
    const assigned = (val?.["MultiAssignRef"] ?? {}) as { colno?: number; source?: unknown };
    if (assigned.colno === 1) source = assigned.source;
    if ((assigned.colno ?? 0) > 1) assigned.source = source;
    else repeatSources(value as Tree);
  }
}

/**
 * Returns what a tree says, without its places in the text. The parser writes no schema before its own types, and no
 * parentheses around an `AND` within an `AND`.
 */
function shapeOf(tree: Tree): string {
  return JSON.stringify(tree, (key, value) => {
    if (/^(location|stmt_len|stmt_location|rexpr_list_start|rexpr_list_end)$/.test(key)) return undefined;
    if (key === "names") return (value as Tree[]).filter((name) => textIn(name) !== "pg_catalog");
    if (isRepeated((value ?? {}) as Tree)) return undefined;
    const { boolop, args } = (value ?? {}) as { boolop?: string; args?: Tree[] };
    return boolop === "AND_EXPR" || boolop === "OR_EXPR" ? { boolop, args: flat(boolop, args ?? []) } : value;
  });
}

function flat(boolop: string, args: readonly Tree[]): readonly Tree[] {
  return args.flatMap((arg) => {
    const inner = (arg["BoolExpr"] ?? {}) as { boolop?: string; args?: Tree[] };
    return inner.boolop === boolop ? flat(boolop, inner.args ?? []) : [arg];
  });
}
