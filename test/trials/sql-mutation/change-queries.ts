// A setup file: changes the statements that a test sends, and writes down those that each file of tests sends.
import { appendFileSync, readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, expect } from "vitest";
import type { StatementChanges } from "./database-tests.ts";
import { changeInSchema } from "./schema-of-test.ts";

const file = process.env["STATEMENT_CHANGES"] ?? "";
const { changed, sentTo }: StatementChanges = JSON.parse(readFileSync(file, "utf8"));
const changes = new Map(changed);
const sent = new Set<string>();

type Query = (statement: unknown, ...others: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };
const query = prototype.query;
prototype.query = function (statement, ...others) {
  if (typeof statement === "string") return query.call(this, change(statement), ...others);
  const { text } = statement as { readonly text?: unknown };
  const other = typeof text === "string" ? { ...(statement as object), text: change(text) } : statement;
  return query.call(this, other, ...others);
};

function change(text: string): string {
  return changeInSchema(text, (general) => {
    sent.add(general);
    return changes.get(general) ?? general;
  });
}

afterAll(() => {
  const line = JSON.stringify({ file: expect.getState().testPath, statements: [...sent] });
  if (sentTo !== null) appendFileSync(sentTo, `${line}\n`);
});
