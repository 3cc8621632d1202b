// What an engine that distributes tables by a column reads of a statement, with PostgreSQL's own parser.
import { parse } from "pgsql-parser";
import { WAYS_TABLE } from "../../../src/adapters/postgres/distribute.ts";

/** A part of a statement that names a table, with the parameters that it compares the column of distribution with. */
interface TablePart {
  readonly table: string;
  readonly keys: readonly number[];
}

/** What decides where a statement is run. */
export interface Routing {
  readonly parts: readonly TablePart[];
  /** The tables that an INSERT within a WITH writes to. */
  readonly insertedInWith: readonly string[];
  /** How many queries answer no column: Citus cannot keep the result of one. */
  readonly withoutColumns: number;
}

/** The tables that are not distributed by the column `installation`. */
const COLUMNS: Readonly<Record<string, string>> = { [WAYS_TABLE]: "account" };

function columnOf(table: string): string {
  return COLUMNS[table] ?? "installation";
}

type Node = Readonly<Record<string, unknown>>;

/** Reads one statement; throws if the text has another number of them. */
export async function routingOf(sql: string): Promise<Routing> {
  const { stmts } = (await parse(sql)) as { readonly stmts: readonly { readonly stmt: Node }[] };
  const [only, ...others] = stmts;
  if (!only || others.length > 0) throw new Error(`${stmts.length} statements in one text`);
  const found = { parts: [] as TablePart[], insertedInWith: [] as string[], withoutColumns: 0 };
  visit(only.stmt, false);
  return found;

  function visit(node: unknown, isInWith: boolean): void {
    if (Array.isArray(node)) for (const one of node) visit(one, isInWith);
    if (!isNode(node) || Array.isArray(node)) return;
    for (const [name, value] of Object.entries(node)) {
      // `larg` is half of a UNION, or of a join.
      const isHalf = (name === "larg" || name === "rarg") && isNode(value) && "op" in value;
      const isStatement = isHalf || /^(Select|Update|Delete|Insert)Stmt$/.test(name);
      if (isStatement) readStatement(name, value as Node, isInWith);
      visit(value, isInWith || name === "CommonTableExpr");
    }
  }

  function readStatement(name: string, statement: Node, isInWith: boolean): void {
    const { relation, fromClause, usingClause, whereClause, targetList, valuesLists, op } = statement;
    const joins: unknown[] = [];
    const tables = [...tablesIn(fromClause, joins), ...tablesIn(usingClause, joins)];
    if (name === "InsertStmt") {
      const { relname } = relation as { readonly relname: string };
      if (isInWith) found.insertedInWith.push(relname);
      found.parts.push({ table: nameOf(relation as Node), keys: insertedKeys(statement) });
    } else if (relation) tables.push(relation as Node);
    for (const table of tables) {
      if (table["schemaname"] === undefined) continue;
      const keys = [whereClause, ...joins].flatMap((condition) => keysIn(condition, table));
      found.parts.push({ table: nameOf(table), keys });
    }
    const isQuery =
      name !== "InsertStmt" && !relation && !valuesLists && (op === undefined || op === "SETOP_NONE");
    if (isQuery && !targetList) found.withoutColumns++;
  }
}

/** The tables of a FROM; the conditions of its joins are added to `joins`. */
function tablesIn(from: unknown, joins: unknown[]): Node[] {
  if (Array.isArray(from)) return from.flatMap((one) => tablesIn(one, joins));
  if (!isNode(from)) return [];
  const { RangeVar, JoinExpr } = from as Readonly<Record<string, Node | undefined>>;
  if (RangeVar) return [RangeVar];
  if (!JoinExpr) return [];
  joins.push(JoinExpr["quals"]);
  return [...tablesIn(JoinExpr["larg"], joins), ...tablesIn(JoinExpr["rarg"], joins)];
}

/** The parameters that a condition compares a table's column of distribution with, in a part that has to be true. */
function keysIn(condition: unknown, table: Node): readonly number[] {
  if (!isNode(condition)) return [];
  const { BoolExpr, A_Expr } = condition as Readonly<Record<string, Node | undefined>>;
  if (BoolExpr?.["boolop"] === "AND_EXPR") {
    return (BoolExpr["args"] as readonly unknown[]).flatMap((one) => keysIn(one, table));
  }
  if (!A_Expr || lastOf(A_Expr["name"]) !== "=") return [];
  const sides = [A_Expr["lexpr"], A_Expr["rexpr"]];
  return sides.flatMap((side, at) => (isKey(side, table) ? parametersOf(sides[1 - at]) : []));
}

/** Whether an expression is the column of distribution of a table, also by its bare name. */
function isKey(side: unknown, table: Node): boolean {
  const fields = (side as { ColumnRef?: { fields: unknown } })?.ColumnRef?.fields;
  if (!Array.isArray(fields) || lastOf(fields) !== columnOf(nameOf(table))) return false;
  return fields.length === 1 || lastOf(fields.slice(0, 1)) === aliasOf(table);
}

/** What an INSERT gives the column of distribution. */
function insertedKeys({ relation, cols, selectStmt }: Node): readonly number[] {
  const place = (cols as readonly { ResTarget: Node }[]).findIndex(
    ({ ResTarget }) => ResTarget["name"] === columnOf(nameOf(relation as Node)),
  );
  const query = (selectStmt as { SelectStmt: Node }).SelectStmt;
  const [row] = (query["valuesLists"] ?? []) as readonly { List: { items: readonly unknown[] } }[];
  const targets = (query["targetList"] ?? []) as readonly { ResTarget: { val: unknown } }[];
  return parametersOf(row ? row.List.items[place] : targets[place]?.ResTarget.val);
}

function parametersOf(node: unknown): readonly number[] {
  const number = (node as { ParamRef?: { number: number } })?.ParamRef?.number;
  return number === undefined ? [] : [number];
}

function nameOf(table: Node): string {
  return table["schemaname"] === "pg_catalog" ? `pg_catalog.${table["relname"]}` : String(table["relname"]);
}

function aliasOf(table: Node): string {
  return ((table["alias"] as { aliasname: string } | undefined)?.aliasname ?? table["relname"]) as string;
}

function lastOf(names: unknown): unknown {
  return (names as readonly { String?: { sval: string } }[]).at(-1)?.String?.sval;
}

function isNode(node: unknown): node is Node {
  return typeof node === "object" && node !== null;
}

/** The columns that are unique together in a table. */
export interface UniqueKey {
  readonly table: string;
  readonly columns: readonly unknown[];
}

interface ConstraintNode {
  readonly Constraint: { readonly contype: string; readonly keys?: readonly { String: { sval: string } }[] };
}

/** The tables and indexes that some DDL makes. */
interface Definitions {
  readonly stmts: readonly {
    readonly stmt: {
      readonly CreateStmt?: {
        readonly relation: { readonly relname: string };
        readonly tableElts: readonly {
          readonly ColumnDef?: { readonly colname: string; readonly constraints?: readonly ConstraintNode[] };
          readonly Constraint?: ConstraintNode["Constraint"];
        }[];
      };
      readonly IndexStmt?: {
        readonly unique?: boolean;
        readonly relation: { readonly relname: string };
        readonly indexParams: readonly { readonly IndexElem: { readonly name?: string } }[];
      };
    };
  }[];
}

/** The primary keys and unique indexes of some DDL. */
export async function uniqueKeysOf(sql: string): Promise<readonly UniqueKey[]> {
  const { stmts } = (await parse(sql)) as unknown as Definitions;
  return stmts.flatMap(({ stmt: { CreateStmt, IndexStmt } }): UniqueKey[] => {
    if (IndexStmt?.unique) {
      const columns = IndexStmt.indexParams.map(({ IndexElem }) => IndexElem.name);
      return [{ table: IndexStmt.relation.relname, columns }];
    }
    const table = CreateStmt?.relation.relname ?? "";
    return (CreateStmt?.tableElts ?? []).flatMap(({ ColumnDef, Constraint }): UniqueKey[] => {
      if (Constraint && isUnique({ Constraint })) {
        return [{ table, columns: (Constraint.keys ?? []).map(({ String: { sval } }) => sval) }];
      }
      return ColumnDef?.constraints?.some(isUnique) ? [{ table, columns: [ColumnDef.colname] }] : [];
    });
  });
}

function isUnique({ Constraint }: ConstraintNode): boolean {
  return /PRIMARY|UNIQUE/.test(Constraint.contype);
}
