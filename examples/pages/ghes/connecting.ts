import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { AttemptId, ConsentCode, ResultAsync, UserId } from "unified-contributions";
import type { PageHost } from "../web/host.ts";
import { backTo } from "../web/page.ts";
import type { PageContext } from "../web/session.ts";
import { type ServerHost, USER_PAGE } from "./server-host.ts";

/** How a user of the server meets the account's owner on the cloud. */
export interface Connecting {
  /** The user selected "Send my contribution counts": opts in, or leads to the cloud for another consent. */
  optIn(context: PageContext<UserId>): Promise<Response>;
}

/** Where the cloud leads a browser back to. */
const RETURN_PATH = `${USER_PAGE}/connected`;

/** Names the attempt that this browser has begun, and whether the user has selected to send. */
const COOKIE = "connecting";
const SENDS = "send";

/** Mounts the way to the cloud's "Authorize" page. */
export function mountConnecting(pages: PageHost<UserId>, host: ServerHost): Connecting {
  const { sender, clock, cloud } = host;

  function leadToCloud(context: PageContext<UserId>, choice: string): Promise<Response> {
    return sender.connect(pages.person(context).id).match(
      ({ attempt, expiresAt }) => {
        setCookie(context, COOKIE, `${attempt}.${choice}`, {
          ...{ httpOnly: true, sameSite: "Lax", path: RETURN_PATH },
          secure: new URL(context.req.url).protocol === "https:",
          maxAge: Math.floor((expiresAt - clock.now()) / 1_000),
        });
        return context.redirect(`${cloud.url}/authorize?${new URLSearchParams({ attempt })}`, 303);
      },
      ({ message }) => backTo(context, USER_PAGE, message),
    );
  }

  pages.app.post(`${USER_PAGE}/connect`, (context) => leadToCloud(context, ""));

  return {
    optIn: async (context) => {
      const user = pages.person(context).id;
      const sharing = await sender.sharing(user);
      // After opting out there is an account, and no consent any more.
      const isAsked = sharing.isOk() && sharing.value.link.status === "opted-out";
      return isAsked ? leadToCloud(context, SENDS) : tell(context, send(host, user), SENT);
    },
  };
}

/** Mounts the way back, for every browser that brings a code, even if no user is signed in to it. */
export function mountReturn({ app }: PageHost<UserId>, host: ServerHost): void {
  app.get(RETURN_PATH, (context) => {
    const { attempt = "", code = "" } = context.req.query();
    const [begun = "", choice] = (getCookie(context, COOKIE) ?? "").split(".");
    deleteCookie(context, COOKIE, { path: RETURN_PATH });
    const person = context.get("session").person;
    // A code in another browser, or under another's session, is worth nothing afterwards.
    const user = person && begun === attempt ? person.id : null;
    const redeemed = host.sender.redeem({ user, attempt: attempt as AttemptId, code: code as ConsentCode });
    if (user !== null && choice === SENDS)
      return tell(
        context,
        redeemed.andThen(() => send(host, user)),
        SENT,
      );
    return tell(context, redeemed, `Your account on ${host.cloud.name} is connected. Nothing is sent yet.`);
  });
}

const SENT = "Your contribution counts are sent from now on.";

function send(
  { sender, clock }: ServerHost,
  user: UserId,
): ResultAsync<unknown, { readonly message: string }> {
  return sender.changeLink(user, { type: "opt-in", by: user, at: clock.now() }).andThen(() => sender.sync());
}

function tell(
  context: PageContext<UserId>,
  outcome: ResultAsync<unknown, { readonly message: string }>,
  notice: string,
): Promise<Response> {
  return outcome.match(
    () => backTo(context, USER_PAGE, notice),
    ({ message }) => backTo(context, USER_PAGE, message),
  );
}
