import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { AccountId, AttemptId, BrowserId } from "unified-contributions";
import type { PageHost } from "../web/host.ts";
import { type Markup, postForm } from "../web/page.ts";
import type { PageContext } from "../web/session.ts";
import type { CloudHost } from "./cloud-host.ts";

/** Which accounts have authorized the server; a real cloud has a table of its own for it. */
export interface Grants {
  has(account: AccountId): boolean;
  end(account: AccountId): void;
}

const TITLE = "Authorize a GitHub Enterprise Server";

/** Tells one browser from another, regardless of the account that is signed in. */
const COOKIE = "cloud_browser";

/** The first browser that brings an attempt has it: it is claimed before anybody is asked to sign in. */
export function mountClaim(
  { app, show }: PageHost<AccountId>,
  { receiver, random, server }: CloudHost,
): void {
  app.get("/authorize", async (context, next) => {
    const browser = getCookie(context, COOKIE) ?? random.id();
    const secure = new URL(context.req.url).protocol === "https:";
    setCookie(context, COOKIE, browser, { httpOnly: true, sameSite: "Lax", path: "/authorize", secure });
    const attempt = (context.req.query("attempt") ?? "") as AttemptId;
    const offer = await receiver.offerConsent({ attempt, browser: browser as BrowserId });
    if (offer.isErr()) return show(context, { title: TITLE, main: refusal(offer.error), status: 403 });
    // Which server asks is what the cloud knows of the attempt, never what the address says.
    return offer.value.installation === server.installation ? next() : context.notFound();
  });
}

/** Mounts the "Authorize" page: it names the enterprise, and the account that will show the counts. */
export function mountConnecting(pages: PageHost<AccountId>, { receiver, server }: CloudHost): Grants {
  const granted = new Set<AccountId>();

  pages.app.get("/authorize", (context) => {
    const { name } = pages.person(context);
    const form = html`<input type="hidden" name="attempt" value="${context.req.query("attempt")}" />
      <button class="primary">Authorize</button>`;
    return pages.show(context, {
      title: TITLE,
      main: html`<p>The GitHub Enterprise Server of <strong>${server.enterprise}</strong> wants to connect to the account <strong>${name}</strong>.</p>
        <ul>
          <li>Once you select “Send my contribution counts” there, it sends how many contributions you made per day, and nothing else.</li>
          <li>The profile of ${name} shows the counts of the past 90 days as private contributions.</li>
          <li>You can revoke this at any time. Then the counts are deleted.</li>
        </ul>
        ${postForm(context.get("session"), "/authorize", form)}
        <p><a href="${server.url}/settings/github-connect">Cancel</a></p>`,
    });
  });

  pages.app.post("/authorize", async (context: PageContext<AccountId>) => {
    const account = pages.person(context).id;
    const form = await context.req.parseBody();
    const attempt = String(form["attempt"]) as AttemptId;
    const browser = (getCookie(context, COOKIE) ?? "") as BrowserId;
    return await receiver.giveConsent({ attempt, browser, account }).match(
      ({ code }) => {
        granted.add(account);
        const query = new URLSearchParams({ attempt, code });
        return context.redirect(`${server.url}/settings/github-connect/connected?${query}`, 303);
      },
      (error) => pages.show(context, { title: TITLE, main: refusal(error), status: 403 }),
    );
  });

  return { has: (account) => granted.has(account), end: (account) => granted.delete(account) };
}

function refusal({ message }: { readonly message: string }): Markup {
  return html`<p class="note">${message}</p>`;
}
