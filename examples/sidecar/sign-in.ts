import { html } from "hono/html";
import type { UserId } from "unified-contributions";
import { pathToReturnTo, type SignIn } from "../pages/web/host.ts";
import type { Person, Session } from "../pages/web/session.ts";
import { type Attempt, createOauthClient, type OauthOptions, type ServerUser } from "./oauth-client.ts";
import type { Users } from "./users.ts";

/** The settings of the sign-in with a server's accounts. */
export interface ServerSignInOptions extends Omit<OauthOptions, "redirectUri"> {
  /** The origin of the pages; the OAuth app's callback address is `/sign-in/callback` there. */
  readonly publicUrl: string;
  /** The logins of the enterprise's owners. */
  readonly enterpriseOwners: readonly string[];
  readonly users: Users;
}

const CALLBACK_PATH = "/sign-in/callback";

/** Lets people sign in with their accounts on the server, and remembers that they are its users. */
export function createServerSignIn(options: ServerSignInOptions): SignIn<UserId> {
  const { publicUrl, users, enterpriseOwners } = options;
  const client = createOauthClient({ ...options, redirectUri: `${publicUrl}${CALLBACK_PATH}` });
  // With the session: another browser, and another session of the same one, has nothing to finish.
  const begun = new WeakMap<Session<UserId>, Attempt & { readonly returnTo: string }>();

  return ({ app, sessions, show }) => {
    app.get("/sign-in", (context) => {
      const query = new URLSearchParams({ return_to: pathToReturnTo(context.req.query("return_to")) });
      // A link and no form: the policy of these pages lets no form lead to the server.
      const link = html`<a href="/sign-in/begin?${query}">Sign in with your account on GitHub Enterprise Server</a>`;
      return show(context, { title: "Sign in", main: html`<p>${link}</p>` });
    });

    app.get("/sign-in/begin", async (context) => {
      const { attempt, address } = await client.begin();
      const returnTo = pathToReturnTo(context.req.query("return_to"));
      begun.set(context.get("session"), { ...attempt, returnTo });
      return context.redirect(address, 303);
    });

    app.get(CALLBACK_PATH, (context) => {
      const session = context.get("session");
      const attempt = begun.get(session);
      // An attempt counts once: loading the address again begins a new one.
      begun.delete(session);
      return client
        .finish(new URL(context.req.url), attempt)
        .andThen((user) => users.save(idOf(user), user.node_id).map(() => personOf(user, enterpriseOwners)))
        .match(
          (person) => {
            sessions.begin(context, person);
            return context.redirect(attempt?.returnTo ?? "/", 303);
          },
          ({ type, message }) =>
            show(context, {
              ...{ title: "Not signed in", status: type === "refused" ? 403 : 502 },
              main: html`<p>${message}</p><p><a href="/sign-in">Begin again</a></p>`,
            }),
        );
    });
  };
}

function idOf({ id }: ServerUser): UserId {
  return `${id}` as UserId;
}

function personOf(user: ServerUser, enterpriseOwners: readonly string[]): Person<UserId> {
  const isSame = (login: string): boolean => login.toLowerCase() === user.login.toLowerCase();
  return { id: idOf(user), name: user.login, isEnterpriseOwner: enterpriseOwners.some(isSame) };
}
