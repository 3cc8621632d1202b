import { type Clock, err, ok, type Result, ResultAsync, type UserId } from "unified-contributions";
import type { SourceFault } from "unified-contributions/ghes";
import * as z from "zod";

/** The GraphQL API of a server. */
export interface GraphqlApi {
  /** `https://HOSTNAME/api/graphql`. */
  readonly url: string;
  readonly token: () => string;
  readonly clock: Clock;
}

/** As many nodes as the API takes in one query. */
const MOST_NODES = 100;

const QUERY = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { databaseId login } } }";

const ANSWER = z.object({
  data: z.object({
    nodes: z.array(z.object({ databaseId: z.int(), login: z.string() }).nullable().catch(null)),
  }),
});

/** How long to wait before a request that failed is sent again, in milliseconds; once each. */
const WAITS_MS: readonly number[] = [1_000, 5_000, 20_000];

/** How long one answer may take, in milliseconds. */
const TIMEOUT_MS = 30_000;

const NO_LOGINS: SourceFault = {
  type: "source-fault",
  message: "The server does not list its users now: check its log, its address and any proxy on the way.",
};
const BAD_TOKEN: SourceFault = {
  type: "source-fault",
  message:
    "The server does not take the token (`server.token`): it is wrong, revoked or expired. Make a new one.",
};

/**
 * Returns the logins that these users have now, by the ids that no renaming changes. So another person who gets an old
 * login never gets the counts of its earlier user. A user that the server does not show is left out.
 */
export function askForLogins(
  nodeIds: readonly string[],
  signal: AbortSignal,
  api: GraphqlApi,
): ResultAsync<ReadonlyMap<UserId, string>, SourceFault> {
  return new ResultAsync(askForAll(nodeIds, signal, api));
}

async function askForAll(
  nodeIds: readonly string[],
  signal: AbortSignal,
  api: GraphqlApi,
): Promise<Result<ReadonlyMap<UserId, string>, SourceFault>> {
  const logins = new Map<UserId, string>();
  for (let at = 0; at < nodeIds.length; at += MOST_NODES) {
    const nodes = await askAgain(nodeIds.slice(at, at + MOST_NODES), signal, api);
    if (nodes.isErr()) return err(nodes.error);
    for (const node of nodes.value) if (node) logins.set(`${node.databaseId}` as UserId, node.login);
  }
  return ok(logins);
}

type Nodes = z.output<typeof ANSWER>["data"]["nodes"];

/** Asks, and again after each wait for as long as there is no answer. */
async function askAgain(
  ids: readonly string[],
  signal: AbortSignal,
  api: GraphqlApi,
): Promise<Result<Nodes, SourceFault>> {
  for (const waitMs of WAITS_MS) {
    const nodes = await ask(ids, signal, api);
    if (nodes.isOk() || nodes.error === BAD_TOKEN || signal.aborted) return nodes;
    await api.clock.wait(waitMs, signal);
  }
  return ask(ids, signal, api);
}

async function ask(
  ids: readonly string[],
  signal: AbortSignal,
  { url, token }: GraphqlApi,
): Promise<Result<Nodes, SourceFault>> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `bearer ${token()}`, "content-type": "application/json" },
      body: JSON.stringify({ query: QUERY, variables: { ids } }),
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.status === 401) return err(BAD_TOKEN);
    return ok(ANSWER.parse(await response.json()).data.nodes);
  } catch {
    return err(NO_LOGINS);
  }
}
