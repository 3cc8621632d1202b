import { createHash } from "node:crypto";
import { type GraphqlInstance, nodeIdOf, type Person, startInstance } from "./graphql-instance.ts";

/** The OAuth app that the instance knows. */
export const OAUTH_APP = { clientId: "the-app", clientSecret: "the app's secret" };

/** An instance of GitHub Enterprise Server: its GraphQL API, its OAuth, and `GET /api/v3/user`. */
export interface GhesInstance extends Omit<GraphqlInstance, "url"> {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  /** Who is signed in to the instance in every browser; null refuses what an app asks for. */
  signedIn: Person | null;
  /** Whether `/api/v3/user` works. */
  isApiUp: boolean;
  /** What apps have sent to the token endpoint so far. */
  readonly redeemed: URLSearchParams[];
}

/** A code of the authorization server, good once. */
interface Grant {
  readonly person: Person;
  readonly challenge: string;
  readonly redirectUri: string;
}

/** Starts an instance whose OAuth app may lead browsers back to any address of this machine. */
export async function startGhes(): Promise<GhesInstance> {
  const grants = new Map<string, Grant>();
  const tokens = new Map<string, Person>();
  const redeemed: URLSearchParams[] = [];

  function authorize({ searchParams: asked }: URL): Response {
    const redirectUri = asked.get("redirect_uri") ?? "";
    const challenge = asked.get("code_challenge") ?? "";
    const isKnown = asked.get("client_id") === OAUTH_APP.clientId && redirectUri.startsWith("http");
    const isBound = asked.get("code_challenge_method") === "S256" && challenge.length === 43;
    if (!isKnown || !isBound) return new Response("No such app, or no challenge.", { status: 400 });
    const answer = new URLSearchParams({ state: asked.get("state") ?? "" });
    if (instance.signedIn === null) {
      answer.set("error", "access_denied");
    } else {
      const code = crypto.randomUUID();
      grants.set(code, { person: instance.signedIn, challenge, redirectUri });
      answer.set("code", code);
    }
    return new Response(null, { status: 302, headers: { location: `${redirectUri}?${answer}` } });
  }

  async function giveToken(request: Request): Promise<Response> {
    const asked = new URLSearchParams(await request.text());
    redeemed.push(asked);
    const code = asked.get("code") ?? "";
    const grant = grants.get(code);
    grants.delete(code);
    const verifier = asked.get("code_verifier") ?? "";
    const isRight =
      grant?.challenge === createHash("sha256").update(verifier).digest("base64url") &&
      grant.redirectUri === asked.get("redirect_uri") &&
      asked.get("client_id") === OAUTH_APP.clientId &&
      asked.get("client_secret") === OAUTH_APP.clientSecret;
    // With a 200, as GitHub answers.
    if (!isRight) return Response.json({ error: "bad_verification_code" });
    const token = crypto.randomUUID();
    tokens.set(token, grant.person);
    return Response.json({ access_token: token, token_type: "bearer", scope: "" });
  }

  function whoIs(request: Request): Response {
    const person = tokens.get(request.headers.get("authorization")?.replace(/^bearer /i, "") ?? "");
    if (!instance.isApiUp) return new Response("<html>Down.</html>", { status: 503 });
    if (person?.id === undefined) return Response.json({ message: "Bad credentials" }, { status: 401 });
    const { id, login } = person;
    return Response.json({ id, node_id: nodeIdOf(id), login, name: "Anybody" });
  }

  const graphql = await startInstance((request) => {
    const url = new URL(request.url);
    if (url.pathname === "/login/oauth/authorize") return Promise.resolve(authorize(url));
    if (url.pathname === "/login/oauth/access_token") return giveToken(request);
    if (url.pathname === "/api/v3/user") return Promise.resolve(whoIs(request));
    return null;
  });
  const instance: GhesInstance = {
    ...graphql,
    ...{ url: new URL(graphql.url).origin, signedIn: null, isApiUp: true, redeemed },
  };
  return instance;
}
