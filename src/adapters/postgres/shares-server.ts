import { ok, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { PostgresClient, Row } from "./client.ts";
import { qualify } from "./qualify.ts";
import { flagIn, textIn } from "./read-row.ts";
import { statementsOf } from "./run-statement.ts";

/** The clients of the receiver's store and of its ledger. */
export interface StoreAndLedger {
  readonly store: PostgresClient;
  readonly ledger: PostgresClient;
}

/** The warning if the store and the ledger are on one server. */
export const SHARED_SERVER =
  "The ledger is on the server of the receiver's store. A failover or a restore takes both back: move the ledger to a server of its own.";

const MAY_IDENTIFY = qualify(
  `SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')::text AS may_identify`,
);

const IDENTITY = qualify("SELECT system_identifier::text AS identity FROM pg_control_system()");

/**
 * It is in microseconds, so that hardly two servers have the same. It is a number, since the text of an instant depends
 * on the session.
 */
const STARTED = qualify(
  `SELECT (date_part('epoch', pg_postmaster_start_time()) * 1000000::float8)::int8::text AS identity`,
);

/**
 * Returns whether the receiver's store and its ledger are on one PostgreSQL server. A failover or a restore would take
 * back both of them. Ask at start, and log the answer.
 *
 * It compares the servers' `system_identifier` if both roles may read it, and else the times of their start.
 */
export function sharesServer({ store, ledger }: StoreAndLedger): ResultAsync<boolean, StorageFault> {
  return mayIdentify(store).andThen((one) =>
    mayIdentify(ledger).andThen((other) => {
      const identity = one && other ? IDENTITY : STARTED;
      return identityOf(store, identity).andThen((ofStore) =>
        identityOf(ledger, identity).andThen((ofLedger) => ok(ofStore === ofLedger)),
      );
    }),
  );
}

function mayIdentify(client: PostgresClient): ResultAsync<boolean, StorageFault> {
  return statementsOf(client)(MAY_IDENTIFY, [], ([row = {}]) => flagIn(row, "may_identify"));
}

function identityOf(client: PostgresClient, statement: string): ResultAsync<string, StorageFault> {
  return statementsOf(client)(statement, [], ([row = {}]: readonly Row[]) => textIn(row, "identity"));
}
