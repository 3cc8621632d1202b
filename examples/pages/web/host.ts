import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import { secureHeaders } from "hono/secure-headers";
import type { Random } from "unified-contributions";
import { type Page, type Site, showPage } from "./page.ts";
import { createSessions, type PageContext, type PageEnv, type Person, type Sessions } from "./session.ts";
import { PAGE_STYLE } from "./style.ts";

/** How people sign in at a host: mounts what `/sign-in` needs. */
export type SignIn<Id extends string> = (host: PageHost<Id>) => void;

/** The pages of one host. */
export interface PageHost<Id extends string> {
  readonly app: Hono<PageEnv<Id>>;
  readonly sessions: Sessions<Id>;
  /** Answers with a page of this host's. */
  show(context: PageContext<Id>, page: Page): Promise<Response>;
  /** The person who is signed in; every page but the public ones has one. */
  person(context: PageContext<Id>): Person<Id>;
}

/** The parts of which the pages of one host are made. */
export interface PageHostOptions<Id extends string> {
  readonly site: Site<Id>;
  readonly random: Random;
  readonly cookie: string;
  /** Where its forms may lead besides its own pages: the other host. */
  readonly otherOrigin: string;
  readonly signIn: SignIn<Id>;
  /** Mounts the pages that need no sign-in. */
  readonly beforeSignIn: (host: PageHost<Id>) => void;
  /** Files that pages ask for, by path; each with its type and its text. */
  readonly files?: Readonly<Record<string, readonly [type: string, text: string]>>;
}

/** A form of these pages has a few hundred bytes. */
const MAX_FORM_BYTES = 16_384;

/** Makes an application whose pages need a sign-in, refuse to be framed, and have no inline scripts or styles. */
export function createPageHost<Id extends string>(options: PageHostOptions<Id>): PageHost<Id> {
  const { site, random, cookie, otherOrigin, signIn, beforeSignIn, files = {} } = options;
  const app = new Hono<PageEnv<Id>>();
  const sessions = createSessions<Id>(cookie, random);
  const host: PageHost<Id> = {
    app,
    sessions,
    show: (context, page) => showPage(site, context, page),
    person: (context) => {
      const { person } = context.get("session");
      if (!person) throw new Error("This page was mounted before the guard.");
      return person;
    },
  };

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // A browser holds redirects after a form to this, too.
        formAction: ["'self'", otherOrigin],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      xFrameOptions: "DENY",
    }),
  );
  for (const [path, [type, text]] of Object.entries({
    ...files,
    "/style.css": ["text/css", PAGE_STYLE] as const,
  }))
    app.get(path, (context) => context.body(text, 200, { "content-type": `${type}; charset=utf-8` }));

  app.use(bodyLimit({ maxSize: MAX_FORM_BYTES }), sessions.guard, async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  beforeSignIn(host);
  signIn(host);
  app.post("/sign-out", (context) => {
    sessions.begin(context, null);
    return context.redirect("/sign-in", 303);
  });
  app.notFound((context) =>
    host.show(context, { title: "Not found", main: html`<p>There is no such page.</p>`, status: 404 }),
  );
  app.use((context, next) => {
    if (context.get("session").person) return next();
    const { pathname, search } = new URL(context.req.url);
    const asked = context.req.method === "GET" ? `${pathname}${search}` : "/";
    return Promise.resolve(context.redirect(`/sign-in?return_to=${encodeURIComponent(asked)}`, 303));
  });
  return host;
}

/** The path that a person wanted before they signed in; only one of this host's own. */
export function pathToReturnTo(given: unknown): string {
  return typeof given === "string" && /^\/(?![/\\])[!-~]*$/.test(given) ? given : "/";
}
