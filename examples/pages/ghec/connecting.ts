import { html } from "hono/html";
import type { AccountId } from "unified-contributions";
import type { PageHost } from "../web/host.ts";
import { postForm } from "../web/page.ts";
import type { CloudHost } from "./cloud-host.ts";

/** Which accounts have authorized the server; a real cloud has a table of its own for it. */
export interface Grants {
  has(account: AccountId): boolean;
  end(account: AccountId): void;
}

/** Mounts the "Authorize" page: it names the enterprise, and the account that will show the counts. */
export function mountConnecting(pages: PageHost<AccountId>, { receiver, server }: CloudHost): Grants {
  const granted = new Set<AccountId>();
  const title = "Authorize a GitHub Enterprise Server";

  pages.app.get("/authorize", async (context) => {
    const { name } = pages.person(context);
    const { server: asked, state = "" } = context.req.query();
    if (asked !== server.installation) return context.notFound();
    return await receiver.offerConsent(server.installation).match(
      ({ epoch }) => {
        const form = html`<input type="hidden" name="state" value="${state}" />
          <input type="hidden" name="epoch" value="${epoch}" />
          <button class="primary">Authorize</button>`;
        return pages.show(context, {
          title,
          main: html`<p>The GitHub Enterprise Server of <strong>${server.enterprise}</strong> wants to connect to the account <strong>${name}</strong>.</p>
            <ul>
              <li>Once you select “Send my contribution counts” there, it sends how many contributions you made per day, and nothing else.</li>
              <li>The profile of ${name} shows the counts of the past 90 days as private contributions.</li>
              <li>You can revoke this at any time. Then the counts are deleted.</li>
            </ul>
            ${postForm(context.get("session"), "/authorize", form)}
            <p><a href="${server.url}/settings/github-connect">Cancel</a></p>`,
        });
      },
      ({ message }) => pages.show(context, { title, main: html`<p class="note">${message}</p>` }),
    );
  });

  pages.app.post("/authorize", async (context) => {
    const account = pages.person(context).id;
    const { state, epoch: shownUnder } = await context.req.parseBody();
    const request = { installation: server.installation, account, epoch: Number(shownUnder) };
    return receiver.openLink(request).match(
      ({ linkId, epoch }) => {
        granted.add(account);
        const query = new URLSearchParams({ state: String(state), link: linkId, epoch: String(epoch) });
        return context.redirect(`${server.url}/settings/github-connect/connected?${query}`, 303);
      },
      ({ message }) => pages.show(context, { title, main: html`<p class="note">${message}</p>` }),
    );
  });

  return { has: (account) => granted.has(account), end: (account) => granted.delete(account) };
}
