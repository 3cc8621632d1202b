import { html } from "hono/html";
import type { PageContext, Person, Session } from "./session.ts";

/** Markup of Hono's `html`, in which every value is escaped. */
export type Markup = ReturnType<typeof html>;

/** The parts that all pages of one host share. */
export interface Site<Id extends string> {
  readonly name: string;
  /** Where a person can go from every page. */
  readonly links: (person: Person<Id>) => readonly (readonly [path: string, text: string])[];
  /** The style sheets and scripts besides `/style.css`. */
  readonly styles?: readonly string[];
  readonly scripts?: readonly string[];
}

/** One page. */
export interface Page {
  readonly title: string;
  readonly main: Markup;
  readonly status?: 200 | 403 | 404 | 502;
}

/** Answers with a page. The outcome of the last form stands above it, once. */
export function showPage<Id extends string>(
  site: Site<Id>,
  context: PageContext<Id>,
  { title, main, status = 200 }: Page,
): Promise<Response> {
  const session = context.get("session");
  const { notice } = session;
  session.notice = null;
  const styles = ["/style.css", ...(site.styles ?? [])];
  const answer = context.html(
    html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${title} · ${site.name}</title>
    ${styles.map((href) => html`<link rel="stylesheet" href="${href}" />`)}
    ${(site.scripts ?? []).map((src) => html`<script src="${src}" defer></script>`)}
  </head>
  <body>
    ${headerOf(site, session, context.req.path)}
    <main>
      <h1>${title}</h1>
      ${notice === null ? "" : html`<p class="note" role="status">${notice}</p>`}
      ${main}
    </main>
  </body>
</html>`,
    status,
  );
  return Promise.resolve(answer);
}

function headerOf<Id extends string>(site: Site<Id>, session: Session<Id>, path: string): Markup {
  const { person } = session;
  if (!person) return html`<header><strong>${site.name}</strong></header>`;
  const links = site
    .links(person)
    .map(([href, text]) =>
      href === path
        ? html`<a href="${href}" aria-current="page">${text}</a>`
        : html`<a href="${href}">${text}</a>`,
    );
  return html`<header>
    <strong>${site.name}</strong>
    <nav aria-label="Pages">${links}</nav>
    ${postForm(session, "/sign-out", html`<button>Sign out ${person.name}</button>`)}
  </header>`;
}

/** A form that changes something. */
export function postForm(session: Session<string>, action: string, content: Markup): Markup {
  return html`<form method="post" action="${action}">
    <input type="hidden" name="token" value="${session.token}" />${content}
  </form>`;
}

/** Answers a form by leading to a page that says what became of it, so that loading it again repeats nothing. */
export function backTo<Id extends string>(context: PageContext<Id>, path: string, notice: string): Response {
  context.get("session").notice = notice;
  return context.redirect(path, 303);
}
