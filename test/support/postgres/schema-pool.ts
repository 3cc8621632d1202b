import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import { copyRows, freshSchema, type TestDatabase } from "./test-database.ts";

/** Schemas that are used again: to empty one takes less time than to make its tables. */
export interface SchemaPool {
  lend(): LentSchemas;
}

/** The schemas of one borrower, who gives all of them back at once. */
interface LentSchemas {
  /** Answers a schema that holds what another one with the same part holds, or what a new one does if left out. */
  take(part: SchemaPart, from?: string): Promise<string>;
  giveBack(): void;
}

/** Makes a pool without any schema. */
export function createSchemaPool(database: TestDatabase): SchemaPool {
  const free = new Map<SchemaPart, string[]>();
  const pristine = new Map<SchemaPart, string>();

  async function pristineOf(part: SchemaPart): Promise<string> {
    const schema = pristine.get(part) ?? (await freshSchema(database, part));
    pristine.set(part, schema);
    return schema;
  }

  return {
    lend: () => {
      const taken: [SchemaPart, string][] = [];
      return {
        take: async (part, from) => {
          const source = from ?? (await pristineOf(part));
          const schema = free.get(part)?.pop() ?? (await freshSchema(database, part));
          taken.push([part, schema]);
          await copyRows(database, source, schema, part);
          return schema;
        },
        giveBack: () => {
          for (const [part, schema] of taken.splice(0)) free.set(part, [...(free.get(part) ?? []), schema]);
        },
      };
    },
  };
}
