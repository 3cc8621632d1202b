import { html } from "hono/html";
import type { AccountId } from "unified-contributions";
import type { PageHost } from "../web/host.ts";
import { backTo, postForm } from "../web/page.ts";
import { receiptOf, timeOf } from "../web/words.ts";
import { type CloudHost, SERVERS_PAGE } from "./cloud-host.ts";
import type { Grants } from "./connecting.ts";

/** The servers that send for an account, and the way to end that from this side. */
export function mountServers(
  pages: PageHost<AccountId>,
  { receiver, server }: CloudHost,
  grants: Grants,
): void {
  pages.app.get(SERVERS_PAGE, (context) => {
    const account = pages.person(context).id;
    const title = "Servers that send for you";
    return receiver.shownCounts(account).match(
      (windows) => {
        const sent = windows.find(({ installation }) => installation === server.installation);
        const isListed = sent !== undefined || grants.has(account);
        const when = sent
          ? `Its counts last came at ${timeOf(sent.receivedAt)}.`
          : "It has sent no counts that are shown.";
        const revoke = html`<button class="danger">Revoke</button>`;
        const main = isListed
          ? html`<section class="row" aria-labelledby="server">
              <div>
                <h2 id="server">GitHub Enterprise Server of ${server.enterprise}</h2>
                <p>${when}</p>
              </div>
              ${postForm(context.get("session"), `${SERVERS_PAGE}/revoke`, revoke)}
            </section>`
          : html`<p>No server sends contribution counts for you.</p>`;
        return pages.show(context, { title, main });
      },
      ({ message }) => pages.show(context, { title, main: html`<p>${message}</p>`, status: 502 }),
    );
  });

  pages.app.post(`${SERVERS_PAGE}/revoke`, (context) => {
    const account = pages.person(context).id;
    return receiver.revokeAuthorization(server.installation, account).match(
      (links) => {
        grants.end(account);
        const receipts = links.map(({ receipt }) => receiptOf(receipt));
        return backTo(context, SERVERS_PAGE, ["The authorization is revoked.", ...receipts].join(" "));
      },
      ({ message }) => backTo(context, SERVERS_PAGE, message),
    );
  });
}
