// A process of the cloud that lives for one request: reads its head and body on standard input, checks the signature over
// the database that all processes share, and prints whose it is or why not.
import { text } from "node:stream/consumers";
import pg from "pg";
import {
  createMemoryNonceStore,
  createRequestVerifier,
} from "unified-contributions/adapters/http-signatures";
import {
  createPostgresKeyDirectory,
  createPostgresNonceStore,
} from "unified-contributions/adapters/postgres";
import { systemClock } from "unified-contributions/adapters/system";

/** What the process is told. */
export interface Errand {
  readonly connection: pg.PoolConfig;
  readonly schema: string;
  readonly publicUrl: string;
  /** Where the process remembers nonces: with all others, or by itself. */
  readonly nonces: "postgres" | "memory";
  readonly url: string;
  readonly headers: readonly [string, string][];
  readonly body: string;
}

const errand: Errand = JSON.parse(await text(process.stdin));
const client = new pg.Pool(errand.connection);
const options = { client, schema: errand.schema };
const verify = createRequestVerifier({
  directory: createPostgresKeyDirectory(options),
  nonces: errand.nonces === "memory" ? createMemoryNonceStore() : createPostgresNonceStore(options),
  clock: systemClock,
  publicUrl: errand.publicUrl,
});
const headers = errand.headers.map(([name, value]): [string, string] => [name, value]);
const request = new Request(errand.url, { method: "POST", headers, body: errand.body });
const verified = await verify(request, new TextEncoder().encode(errand.body));
await client.end();
process.stdout.write(
  verified.match(
    (installation) => installation,
    ({ type }) => type,
  ),
);
