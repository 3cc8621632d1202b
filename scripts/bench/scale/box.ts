// The links that one machine stores in a second, the whole way: requests over sockets, checked signatures, rows on the
// disk, signed answers. One process for each core receives. PostgreSQL runs on the same cores with its own defaults of
// safety. So do the clients, whose requests are made before and signed when they are sent.
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { gzipSync } from "node:zlib";
import type { InstallationId } from "unified-contributions";
import {
  createRequestSigner,
  generateKeyPair,
  importSigningKey,
} from "unified-contributions/adapters/http-signatures";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { askChild } from "../../../test/support/child-talk.ts";
import { bundle } from "../../bundle.js";
import { atLeast, demand, type Effort, type Finding, median, takeTurns, warmUpRounds } from "../measure.ts";
import {
  type BenchDatabase,
  benchSchema,
  numberFrom,
  openDatabase,
  valueFrom,
} from "../postgres/database.ts";
import {
  bodyOf,
  createDeliveries,
  FIRST_COMMIT,
  linkIdsOf,
  REGISTRATION,
  schemaWithLinks,
} from "../postgres/links.ts";
import { type BoxOrder, type BoxReport, PATH, PUBLIC_URL } from "./box-talk.ts";

/** Every setting on which the safety of a commit depends is on, and autovacuum runs as it always does. */
const SAFE = { autovacuum: "on", fsync: "on" };

/** How many row changes sync engines publish that they take in a second. */
const YARDSTICK = 6_000;

const RECORDS = 1_000;
const REQUESTS_A_TURN = 4;

type RequestSigner = ReturnType<typeof createRequestSigner>;

/** A GitHub Enterprise Server: its requests, in their order, and the process that takes them. */
interface Sending {
  readonly url: string;
  readonly sign: RequestSigner;
  readonly waiting: Uint8Array<ArrayBuffer>[];
}

/** Runs the row. */
export async function box({ rounds, isQuick }: Effort): Promise<readonly Finding[]> {
  const database = await openDatabase(SAFE);
  const processes: ChildProcess[] = [];
  try {
    const servers = Array.from({ length: isQuick ? 4 : 16 }, (_, n) => `server-${n + 1}` as InstallationId);
    const links = isQuick ? RECORDS : 25_000;
    const { order, signers } = await prepare(database, servers, links);
    const program = await bundle("scripts/bench/scale/box-receiver.ts");
    const ports: number[] = [];
    for (let core = 0; core < availableParallelism(); core++) {
      const child = fork(program);
      processes.push(child);
      ports.push((await askChild<BoxReport, "listening">(child, { ...order }, "listening")).port);
    }

    const requests = (rounds + warmUpRounds(rounds)) * REQUESTS_A_TURN;
    const sending = servers.map((installation, n): Sending => {
      const next = createDeliveries(linkIdsOf(installation, links), RECORDS, installation);
      return {
        url: `http://127.0.0.1:${ports[n % ports.length]}${PATH}`,
        sign: signers[n] as RequestSigner,
        waiting: Array.from({ length: requests }, () => gzipped(bodyOf(next()))),
      };
    });
    return [await measure({ database, processes, sending, rounds, schema: order.schema, links })];
  } finally {
    for (const child of processes) child.kill("SIGKILL");
    await database.stop();
  }
}

interface Measured {
  readonly database: BenchDatabase;
  readonly processes: readonly ChildProcess[];
  readonly sending: readonly Sending[];
  readonly rounds: number;
  readonly schema: string;
  readonly links: number;
}

async function measure({ database, processes, sending, rounds, schema, links }: Measured): Promise<Finding> {
  const receiving = async (): Promise<number> => {
    const reports = await Promise.all(
      processes.map((child) => askChild<BoxReport, "cpu">(child, "cpu", "cpu")),
    );
    return reports.reduce((sum, { ms }) => sum + ms, 0);
  };
  const [startedMs, receivedMs, before] = [performance.now(), await receiving(), process.cpuUsage()];
  const times = await takeTurns(rounds, "collect", {
    ours: () => Promise.all(sending.map(sendTurn)),
  });
  const { user, system } = process.cpuUsage(before);
  const all = (performance.now() - startedMs) * processes.length;
  const share = (ms: number): string => `${Math.round((100 * ms) / all)} %`;
  const stored = await numberFrom(
    database.pool,
    `SELECT count(*) FROM ${schema}.links WHERE counts IS NOT NULL`,
  );
  const sent = (rounds + warmUpRounds(rounds)) * REQUESTS_A_TURN * RECORDS;
  demand(
    stored === sending.length * Math.min(links, sent),
    `every link is stored, and not ${stored} of them`,
  );
  const rate = (sending.length * REQUESTS_A_TURN * RECORDS * 1_000) / median(times.ours);
  return atLeast(10, {
    id: "scale.box",
    what: `links that ${processes.length} cores store in a second, HTTP, signatures, PostgreSQL and clients together`,
    yardstick: `${YARDSTICK.toLocaleString("en")} row changes a second, which sync engines publish`,
    ratio: rate / YARDSTICK,
    detail: `${Math.round(rate).toLocaleString("en")} links/s; the receivers take ${share((await receiving()) - receivedMs)} of the cores, the clients ${share((user + system) / 1_000)}`,
  });
}

/** Sends the requests of a turn one after another, as one server does. */
async function sendTurn({ url, sign, waiting }: Sending): Promise<void> {
  for (const body of waiting.splice(0, REQUESTS_A_TURN)) {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const signed = await sign(new Request(PUBLIC_URL + PATH, { method: "POST", headers, body }), body);
    const response = await fetch(url, { method: "POST", headers: signed.headers, body });
    const text = await response.text();
    const kept = text.split('"kept"').length - 1;
    demand(kept === RECORDS, `every report of a request is kept, and not ${kept}: ${text.slice(0, 200)}`);
    demand(response.headers.has("signature"), "the answer is signed");
  }
}

/** Makes the tables with the links of each server, and their keys. */
async function prepare(database: BenchDatabase, servers: readonly InstallationId[], links: number) {
  const { pool, client, server } = database;
  const schema = await schemaWithLinks(pool, links, { installations: servers });
  const [nonces, ledgerSchema] = [await benchSchema(client, "nonces"), await benchSchema(client, "ledger")];
  const store = createPostgresReceiverStore({ client, schema });
  const keys: BoxOrder["keys"][number][] = [];
  const signers: RequestSigner[] = [];
  for (const installation of servers) {
    const registration = { ...REGISTRATION, installation };
    await valueFrom(store.commitRegistration({ ...FIRST_COMMIT, registration }));
    const { publicKey, privateKey } = await valueFrom(generateKeyPair("ed25519"));
    const key = await valueFrom(
      importSigningKey({ keyId: installation, algorithm: "ed25519", jwk: privateKey }),
    );
    keys.push({ installation, jwk: publicKey });
    signers.push(createRequestSigner({ key: () => key, clock: systemClock, random: systemRandom }));
  }
  const order: BoxOrder = { connection: server.connection, schema, nonces, ledgerSchema, keys };
  return { order, signers };
}

function gzipped(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(body));
}
