import { timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Random } from "unified-contributions";

/** A person who is signed in, as the host knows them. */
export interface Person<Id extends string> {
  readonly id: Id;
  readonly name: string;
  readonly isEnterpriseOwner: boolean;
}

/** The state that a host keeps for one browser. */
export interface Session<Id extends string> {
  /** Every form carries it: a page of another site cannot know it. */
  readonly token: string;
  readonly person: Person<Id> | null;
  /** The outcome of the last form, to be shown once on the next page; null if there is nothing to say. */
  notice: string | null;
}

/** The variables that every handler finds in its context. */
export interface PageEnv<Id extends string> {
  Variables: { session: Session<Id> };
}

/** The context of a page. */
export type PageContext<Id extends string> = Context<PageEnv<Id>>;

/** The sessions of one host, in memory. */
export interface Sessions<Id extends string> {
  /** Finds or begins the session, and refuses a form that does not carry its token with a 403. */
  readonly guard: MiddlewareHandler<PageEnv<Id>>;
  /** Begins a new session for a person who has just signed in, or without a person. The old one ends. */
  begin(context: PageContext<Id>, person: Person<Id> | null): void;
}

/** How many sessions are kept; the oldest ends for the next one. */
const MAX_SESSIONS = 10_000;

/** Makes the sessions. Two hosts on one machine need two names: browsers give a cookie to every port. */
export function createSessions<Id extends string>(cookie: string, random: Random): Sessions<Id> {
  const sessions = new Map<string, Session<Id>>();

  function begin(context: PageContext<Id>, person: Person<Id> | null): void {
    sessions.delete(getCookie(context, cookie) ?? "");
    const [oldest] = sessions.size < MAX_SESSIONS ? [] : sessions.keys();
    if (oldest !== undefined) sessions.delete(oldest);
    const id = random.id();
    const session: Session<Id> = { token: random.id(), person, notice: null };
    sessions.set(id, session);
    const secure = new URL(context.req.url).protocol === "https:";
    // Lax: the browser brings it along when another site leads here with a link or a redirect, never with its own form.
    setCookie(context, cookie, id, { httpOnly: true, sameSite: "Lax", path: "/", secure });
    context.set("session", session);
  }

  return {
    begin,
    guard: async (context, next) => {
      const session = sessions.get(getCookie(context, cookie) ?? "");
      if (session) context.set("session", session);
      else begin(context, null);
      if (context.req.method === "POST") {
        const { token } = await context.req.parseBody();
        if (typeof token !== "string" || !isSame(token, context.get("session").token))
          return context.text(
            "This form is not from this page, or is too old: go back and load the page again.",
            403,
          );
      }
      return next();
    },
  };
}

/** Whether two texts are the same; the time it takes does not tell how much of one was right. */
function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
