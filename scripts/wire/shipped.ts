import { jsonSchema, openApi } from "./schema.ts";
import { playVectors } from "./vectors.ts";

/** The files for other implementations, and the functions that make them. */
export const SHIPPED: ReadonlyMap<string, () => unknown> = new Map<string, () => unknown>([
  ["wire/messages-1.schema.json", jsonSchema],
  ["wire/openapi-1.json", openApi],
  ["wire/vectors-1.json", playVectors],
]);
