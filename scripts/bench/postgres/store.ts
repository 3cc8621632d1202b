// One request's reports, stored by the adapter, from the typed records to their outcomes. The yardstick is one
// statement that writes the same rows under the same conditions of each link. Its parameters are packed beforehand, and
// it checks no session, switch or order of requests. There are two tables of one shape, and each side writes only one.

import { okAsync } from "unified-contributions";
import { createHttpHandler } from "unified-contributions/adapters/http";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { createReceiver } from "unified-contributions/ghec";
import type { Delivery, ReceiverStore } from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import { uuid } from "../activity.ts";
import {
  atMost,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  takeTurns,
  warmUpRounds,
} from "../measure.ts";
import { type BenchDatabase, EPOCH, rowsOf, valueFrom } from "./database.ts";
import {
  bodyOf,
  createDeliveries,
  FIRST_COMMIT,
  linksOf,
  NOW,
  packed,
  REGISTRATION,
  schemaWithLinks,
  storeDelivery,
} from "./links.ts";

const RECORDS = 1_000;
const REQUESTS_A_TURN = 4;

/** Runs the rows. */
export async function store(
  { pool, client }: BenchDatabase,
  { rounds, isQuick }: Effort,
): Promise<readonly Finding[]> {
  const links = isQuick ? 5_000 : 100_000;
  const [rawSchema, ourSchema, requested, unanalysed] = [
    await schemaWithLinks(pool, links),
    await schemaWithLinks(pool, links),
    await schemaWithLinks(pool, links),
    await schemaWithLinks(pool, links, { isAnalysed: false }),
  ];
  const ids = await linksOf(pool, ourSchema);

  // All requests are made before, so that no turn pays for them.
  const requests = (rounds + warmUpRounds(rounds)) * REQUESTS_A_TURN;
  const deliveries = () => Array.from({ length: requests }, createDeliveries(ids, RECORDS));
  const batches = deliveries().map(packed);

  const times = await takeTurns(rounds, "collect", {
    raw: async () => {
      for (const batch of batches.splice(0, REQUESTS_A_TURN)) {
        demand(
          (await rowsOf(client, rawStatement(rawSchema), batch)) === RECORDS,
          "the raw statement writes every row",
        );
      }
    },
    ours: await createStoring(ourSchema, deliveries()),
    request: await createHandling(requested, deliveries().map(bodyOf)),
    fresh: await createStoring(unanalysed, deliveries()),
  });
  for (const schema of [rawSchema, ourSchema, requested, unanalysed])
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  const perLink = (name: keyof typeof times): string =>
    perItem(median(times[name]), RECORDS * REQUESTS_A_TURN);
  const against = "one UPDATE of the same rows, parameters packed beforehand";
  return [
    atMost(1.2, {
      id: "postgres.store",
      what: `applyDelivery of ${RECORDS} reports of 90 counts, ${links.toLocaleString("en")} links`,
      yardstick: against,
      ratio: ratioOf(times.ours, times.raw),
      detail: `${perLink("ours")} against ${perLink("raw")} a link`,
    }),
    atMost(1.5, {
      id: "postgres.request",
      what: `Request to Response over the HTTP handler, ${RECORDS} reports stored`,
      yardstick: against,
      ratio: ratioOf(times.request, times.raw),
      detail: `${perLink("request")} against ${perLink("raw")} a link`,
    }),
    atMost(3, {
      id: "postgres.store-unanalysed",
      what: "the same on a table that was never analysed",
      yardstick: `${against}, on a table that was`,
      ratio: ratioOf(times.fresh, times.raw),
      detail: `${perLink("fresh")} against ${perLink("raw")} a link`,
    }),
  ];

  async function storeIn(schema: string): Promise<ReceiverStore> {
    const receiverStore = createPostgresReceiverStore({ client, schema });
    await valueFrom(receiverStore.commitRegistration({ ...FIRST_COMMIT, registration: REGISTRATION }));
    return receiverStore;
  }

  /** Handles a message the whole way: bytes in, rows written, bytes out. */
  async function createHandling(
    schema: string,
    waiting: Uint8Array<ArrayBuffer>[],
  ): Promise<() => Promise<void>> {
    const receiver = createReceiver({
      store: await storeIn(schema),
      ledger: createMemoryLedger(),
      clock: createTestClock(NOW),
      random: { id: uuid },
    });
    const handler = createHttpHandler({
      receiver,
      authenticate: () => okAsync(REGISTRATION.installation),
      requestsPerSecond: 1_000_000,
      requestBurst: 1_000_000,
    });
    return async () => {
      for (const body of waiting.splice(0, REQUESTS_A_TURN)) {
        const response = await handler(requestOf(body));
        const kept = (await response.text()).split('"kept"').length - 1;
        demand(kept === RECORDS, `every report of a request is kept, and not ${kept}`);
      }
    };
  }

  async function createStoring(schema: string, waiting: Delivery[]): Promise<() => Promise<void>> {
    const receiverStore = await storeIn(schema);
    return async () => {
      for (const delivery of waiting.splice(0, REQUESTS_A_TURN)) await storeDelivery(receiverStore, delivery);
    };
  }
}

const ADDRESS = "https://cloud.example/unified-contributions";

/** Returns a request as a server hands it over, with the length that its client declared. */
function requestOf(body: Uint8Array<ArrayBuffer>): Request {
  const headers = { "content-type": "application/json", "content-length": String(body.byteLength) };
  return new Request(ADDRESS, { method: "POST", headers, body });
}

function rawStatement(schema: string): string {
  return `
UPDATE ${schema}.links AS l SET choice = 1, report_session = 3, received_at = $2, first_day = i.first_day, last_day = i.last_day,
  counts = substring($6::bytea FROM (i.place::int4 - 1) * 180 + 1 FOR 180)
FROM unnest((SELECT $3::text[]), (SELECT $4::int4[]), (SELECT $5::int4[])) WITH ORDINALITY
  AS i (link, first_day, last_day, place)
WHERE l.installation = $1 AND l.link = i.link
  AND CASE WHEN l.epoch = ${EPOCH} THEN l.account IS NOT NULL ELSE false END`;
}
