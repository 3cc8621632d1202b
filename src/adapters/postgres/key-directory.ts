import { err, ok, okAsync, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { ConnectionId, InstallationId } from "../../domain/identifiers.ts";
import type { SignatureAlgorithm } from "../http-signatures/algorithm.ts";
import { keepNewest } from "../http-signatures/keep-newest.ts";
import type { Jwk } from "../http-signatures/key-material.ts";
import { keyRefusal } from "../http-signatures/key-refusal.ts";
import type { KeyRegistry, VerificationKey } from "../http-signatures/ports.ts";
import { readStoredKey } from "../http-signatures/stored-key.ts";
import type { Row } from "./client.ts";
import { obeys, seeingAllRows } from "./guard.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { qualify } from "./qualify.ts";
import { asText, flagIn, numberIn, sameTextIn, textIn, textOrNullIn } from "./read-row.ts";
import { statementsOf } from "./run-statement.ts";
import { UNREADABLE_ROW } from "./storage-fault-of.ts";
import { watchClient } from "./watch-client.ts";

/** How many imported keys of WebCrypto are kept in memory. Each takes about a kilobyte. */
const MANY = 1_000;

/**
 * Returns a key directory in PostgreSQL, which all processes of the cloud share. Each look-up is one query by the
 * primary key, so a revocation counts from its commit on. Only the imported key of a row is kept in memory, because
 * importing an RSA key takes longer than the query.
 *
 * @throws TypeError if an option is wrong, which is a mistake in the program
 */
export function createPostgresKeyDirectory(options: PostgresOptions): KeyRegistry {
  const { schema } = checkOptions("createPostgresKeyDirectory", options);
  const read = createRowReader();
  const statements = keyStatements(schema);
  const run = statementsOf(
    watchClient("createPostgresKeyDirectory", options, "key-directory", { ...statements }),
  );

  return {
    find: (keyId) =>
      run(statements.find, [keyId], ([row]) => (row === undefined ? null : keyRowIn(row, keyId))).andThen(
        (row) => (row === null ? okAsync(null) : read(row)),
      ),

    offer: ({ installation, challenge, until }) =>
      run(statements.offer, [installation, challenge, until], onlyRow),

    register: ({ keyId, thumbprint, installation, connectionId = null, algorithm, jwk, challenge, at }) => {
      const key = [keyId, thumbprint, installation, algorithm, JSON.stringify(jwk), at];
      const values = [...key, challenge, connectionId];
      return run(statements.register, values, ([row = {}]) => ({
        isOffered: flagIn(row, "is_offered"),
        isNew: flagIn(row, "is_new"),
      })).andThen(({ isOffered, isNew }) => {
        if (!isOffered) return err(keyRefusal("unknown-challenge"));
        if (isNew) return ok(undefined);
        // The first statement does not see the rows that it has waited for, so this is a second one.
        return run(statements.findUsed, [keyId, thumbprint], ([row = {}]) => ({
          isIdUsed: flagIn(row, "is_id_used"),
          isKeyUsed: flagIn(row, "is_key_used"),
        })).andThen(({ isIdUsed, isKeyUsed }) => {
          if (isKeyUsed) return err(keyRefusal("reused-key"));
          return err(isIdUsed ? keyRefusal("reused-key-id") : UNREADABLE_ROW);
        });
      });
    },

    revoke: (keyId, at) => run(statements.revoke, [keyId, at], onlyRow),

    // The first statement waits for a registration that uses the challenge. Only a later one sees the key of it.
    revokeAll: (installation, at) =>
      run(statements.withdrawChallenge, [installation], onlyRow).andThen(() =>
        run(statements.revokeAll, [installation, at], onlyRow),
      ),
  };
}

/** The statements of the key directory in one schema. */
export interface KeyStatements {
  readonly find: string;
  readonly offer: string;
  readonly register: string;
  readonly findUsed: string;
  readonly revoke: string;
  readonly withdrawChallenge: string;
  readonly revokeAll: string;
}

/** Returns the statements for a schema, which is quoted already. */
export function keyStatements(schema: string): KeyStatements {
  const keys = `${schema}.keys`;
  const challenges = `${schema}.key_challenges`;
  return {
    find: qualify(
      seeingAllRows(
        `SELECT ${asText("key_id", "installation", "connection", "algorithm", "jwk")} FROM ${keys} WHERE key_id = $1 AND revoked_at IS NULL`,
        keys,
      ),
    ),

    offer: qualify(`
WITH offered AS (
  INSERT INTO ${challenges} (installation, challenge, until) VALUES ($1, $2, $3)
  ON CONFLICT (installation) DO UPDATE SET challenge = EXCLUDED.challenge, until = EXCLUDED.until
  RETURNING 1
)
SELECT count(*)::text AS changed FROM offered WHERE ${obeys(challenges)}`),

    // If two requests use one challenge, the second waits for the first one's deletion, and then finds nothing to
    // delete.
    register: qualify(`
WITH used AS (
  DELETE FROM ${challenges} AS c WHERE c.installation = $3 AND c.challenge = $7 RETURNING c.until
), added AS (
  INSERT INTO ${keys} (key_id, thumbprint, installation, algorithm, jwk, registered_at, connection)
  SELECT $1, $2, $3, $4, $5::text::json, $6::int8, $8 FROM used AS u WHERE u.until > $6::int8
  ON CONFLICT DO NOTHING
  RETURNING 1
)
SELECT (EXISTS (SELECT FROM used AS u WHERE u.until > $6::int8))::text AS is_offered,
  (EXISTS (SELECT FROM added))::text AS is_new
WHERE ${obeys(keys, challenges)}`),

    findUsed: qualify(
      seeingAllRows(
        `SELECT (EXISTS (SELECT FROM ${keys} WHERE key_id = $1))::text AS is_id_used,
  (EXISTS (SELECT FROM ${keys} WHERE thumbprint = $2))::text AS is_key_used`,
        keys,
      ),
    ),

    // It is not a mistake if no live key has the id: count(*) answers a row without a change, too.
    revoke: qualify(`
WITH revoked AS (
  UPDATE ${keys} SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL RETURNING 1
)
SELECT count(*)::text AS changed FROM revoked WHERE ${obeys(keys)}`),

    withdrawChallenge: qualify(`
WITH withdrawn AS (
  DELETE FROM ${challenges} WHERE installation = $1 RETURNING 1
)
SELECT count(*)::text AS changed FROM withdrawn WHERE ${obeys(challenges)}`),

    revokeAll: qualify(`
WITH revoked AS (
  UPDATE ${keys} SET revoked_at = $2 WHERE installation = $1 AND revoked_at IS NULL RETURNING 1
)
SELECT count(*)::text AS changed FROM revoked WHERE ${obeys(keys)}`),
  };
}

/** A key in the form of its row. */
interface KeyRow {
  readonly installation: InstallationId;
  readonly connectionId: ConnectionId | undefined;
  readonly algorithm: SignatureAlgorithm;
  readonly jwk: Jwk;
}

function keyRowIn(row: Row, keyId: string): KeyRow {
  sameTextIn(row, "key_id", keyId);
  return {
    installation: textIn(row, "installation"),
    connectionId: textOrNullIn<ConnectionId>(row, "connection") ?? undefined,
    algorithm: textIn(row, "algorithm"),
    jwk: JSON.parse(textIn(row, "jwk")),
  };
}

/** Returns a function that imports each key once. The key of a row never changes. */
function createRowReader(): (row: KeyRow) => ResultAsync<VerificationKey, StorageFault> {
  const known = new Map<string, VerificationKey>();
  return (row) => {
    const text = JSON.stringify(row);
    const key = known.get(text);
    if (key !== undefined) return okAsync(key);
    return readStoredKey(row).map((imported) => {
      known.set(text, imported);
      keepNewest(known, MANY);
      return imported;
    });
  };
}

/** Checks that the statement was run, so that its guard held. */
function onlyRow([row = {}]: readonly Row[]): void {
  numberIn(row, "changed");
}
