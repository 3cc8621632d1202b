import * as oauth from "oauth4webapi";
import { err, errAsync, ok, type Result, ResultAsync } from "unified-contributions";
import * as z from "zod";
import { isLoopback } from "./config.ts";

/** The settings for signing in at a server. */
export interface OauthOptions {
  /** The origin of the server. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the server leads browsers back to: the OAuth app's callback address. */
  readonly redirectUri: string;
}

/** The secrets of an attempt to sign in, kept with the session of the browser that began it. */
export interface Attempt {
  readonly state: string;
  readonly verifier: string;
}

/** The user who has signed in, as the server describes them. */
export type ServerUser = z.output<typeof USER>;

/** The reason why a sign-in failed. */
interface SignInFault {
  /** The browser brought something else than the answer to its attempt, or the server could not be asked. */
  readonly type: "refused" | "unavailable";
  readonly message: string;
}

/** Signs people in with their accounts on the server. */
export interface OauthClient {
  /** Begins an attempt, and answers the address to which its browser goes. */
  begin(): Promise<{ readonly attempt: Attempt; readonly address: string }>;
  /**
   * A browser has come back to this address: asks the server who it is. The token is used for that alone.
   *
   * @param attempt the one that this browser has begun; undefined if it has begun none
   */
  finish(address: URL, attempt: Attempt | undefined): ResultAsync<ServerUser, SignInFault>;
}

/** How long the server may take for one answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** The answer of `GET /api/v3/user`, as far as it is needed. */
const USER = z.object({ id: z.int().positive(), node_id: z.string().min(1), login: z.string().min(1) });

const REFUSED: SignInFault = {
  type: "refused",
  message: "This sign-in was refused, or was not begun in this browser, or was begun a second time since.",
};
const UNAVAILABLE: SignInFault = {
  type: "unavailable",
  message: "The server did not say who you are. If that goes on, tell the operator of this service.",
};

/** Makes a client of a server's OAuth: the authorization code grant with PKCE, without any scope. */
export function createOauthClient(options: OauthOptions): OauthClient {
  const { url, clientId, clientSecret, redirectUri } = options;
  const server: oauth.AuthorizationServer = {
    issuer: `${url}/login/oauth`,
    authorization_endpoint: `${url}/login/oauth/authorize`,
    token_endpoint: `${url}/login/oauth/access_token`,
  };
  const client: oauth.Client = { client_id: clientId };
  // `http:` to this machine itself alone: the configuration takes no other.
  const request = () => ({
    [oauth.allowInsecureRequests]: isLoopback(new URL(url)),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });

  /** Returns the server's answer that the browser brings, if it belongs to this attempt. */
  function answerIn(address: URL, { state }: Attempt): Result<URLSearchParams, SignInFault> {
    try {
      return ok(oauth.validateAuthResponse(server, client, address, state));
    } catch {
      return err(REFUSED);
    }
  }

  async function tokenFor(answer: URLSearchParams, { verifier }: Attempt): Promise<string> {
    const authentication = oauth.ClientSecretPost(clientSecret);
    const response = await oauth.authorizationCodeGrantRequest(
      ...([server, client, authentication, answer, redirectUri, verifier, request()] as const),
    );
    return (await oauth.processAuthorizationCodeResponse(server, client, response)).access_token;
  }

  async function userOf(token: string): Promise<ServerUser> {
    const address = new URL(`${url}/api/v3/user`);
    const response = await oauth.protectedResourceRequest(token, "GET", address, undefined, null, request());
    return USER.parse(await response.json());
  }

  return {
    begin: async () => {
      const attempt = { state: oauth.generateRandomState(), verifier: oauth.generateRandomCodeVerifier() };
      const query = new URLSearchParams({
        ...{ response_type: "code", client_id: clientId, redirect_uri: redirectUri, state: attempt.state },
        code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: "S256",
      });
      return { attempt, address: `${server.authorization_endpoint}?${query}` };
    },
    finish: (address, attempt) => {
      if (!attempt) return errAsync(REFUSED);
      return answerIn(address, attempt).asyncAndThen((answer) =>
        ResultAsync.fromPromise(tokenFor(answer, attempt).then(userOf), () => UNAVAILABLE),
      );
    },
  };
}
