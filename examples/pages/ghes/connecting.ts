import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { AttemptId, ConsentCode, UserId } from "unified-contributions";
import type { PageHost } from "../web/host.ts";
import { backTo } from "../web/page.ts";
import { type ServerHost, USER_PAGE } from "./server-host.ts";

/** Where the cloud leads a browser back to. */
const RETURN_PATH = `${USER_PAGE}/connected`;

/** Names the attempt that this browser has begun. */
const COOKIE = "connecting";

/** Mounts the way to the cloud's "Authorize" page. */
export function mountConnecting(pages: PageHost<UserId>, { sender, clock, cloud }: ServerHost): void {
  pages.app.post(`${USER_PAGE}/connect`, (context) =>
    sender.connect(pages.person(context).id).match(
      ({ attempt, expiresAt }) => {
        setCookie(context, COOKIE, attempt, {
          ...{ httpOnly: true, sameSite: "Lax", path: RETURN_PATH },
          secure: new URL(context.req.url).protocol === "https:",
          maxAge: Math.floor((expiresAt - clock.now()) / 1_000),
        });
        return context.redirect(`${cloud.url}/authorize?${new URLSearchParams({ attempt })}`, 303);
      },
      ({ message }) => backTo(context, USER_PAGE, message),
    ),
  );
}

/** Mounts the way back, for every browser that brings a code, even if no user is signed in to it. */
export function mountReturn({ app }: PageHost<UserId>, { sender, cloud }: ServerHost): void {
  app.get(RETURN_PATH, (context) => {
    const { attempt = "", code = "" } = context.req.query();
    const begun = getCookie(context, COOKIE) ?? "";
    deleteCookie(context, COOKIE, { path: RETURN_PATH });
    const person = context.get("session").person;
    // A code in another browser, or under another's session, is worth nothing afterwards.
    const user = person && begun === attempt ? person.id : null;
    return sender.redeem({ user, attempt: attempt as AttemptId, code: code as ConsentCode }).match(
      () => backTo(context, USER_PAGE, `Your account on ${cloud.name} is connected. Nothing is sent yet.`),
      ({ message }) => backTo(context, USER_PAGE, message),
    );
  });
}
