import { ResultAsync, type StorageFault, type UserId } from "unified-contributions";
import type { PostgresClient } from "unified-contributions/adapters/postgres";
import * as z from "zod";

/**
 * The users who have signed in. A user's id is the number that the server gave them, which no renaming changes. Beside it
 * stands the id under which the GraphQL API finds them; no login is kept.
 */
export interface Users {
  /** Remembers a user who has signed in. */
  save(user: UserId, nodeId: string): ResultAsync<void, StorageFault>;
  /** The ids of these users in the GraphQL API, of those who have signed in. */
  nodeIds(users: readonly UserId[]): ResultAsync<ReadonlyMap<UserId, string>, StorageFault>;
  /** All users who have signed in. */
  all(): ResultAsync<readonly UserId[], StorageFault>;
}

/** Makes the table of users where there is none. */
export const USERS_TABLE = `CREATE SCHEMA IF NOT EXISTS sidecar;
CREATE TABLE IF NOT EXISTS sidecar.users (id text PRIMARY KEY, node_id text NOT NULL)`;

const SAVE = `INSERT INTO sidecar.users (id, node_id) VALUES ($1, $2)
  ON CONFLICT (id) DO UPDATE SET node_id = excluded.node_id`;
const FIND =
  "SELECT id, node_id FROM sidecar.users WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb))";
const ALL = "SELECT id, node_id FROM sidecar.users ORDER BY id";

const ANSWER = z.object({ rows: z.array(z.object({ id: z.string(), node_id: z.string() })) });

const AWAY: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The table of users cannot be read or written: check that the database can be reached.",
};

/** The users in the table that {@link USERS_TABLE} makes. */
export function createUsers(client: PostgresClient): Users {
  const query = (text: string, values: unknown[]) =>
    ResultAsync.fromPromise(
      Promise.resolve(client.query(text, values)).then((answer) => ANSWER.parse(answer).rows),
      () => AWAY,
    );
  return {
    save: (user, nodeId) => query(SAVE, [user, nodeId]).map(() => undefined),
    nodeIds: (users) =>
      query(FIND, [JSON.stringify(users)]).map(
        (rows) => new Map(rows.map(({ id, node_id: nodeId }) => [id as UserId, nodeId])),
      ),
    all: () => query(ALL, []).map((rows) => rows.map(({ id }) => id as UserId)),
  };
}
