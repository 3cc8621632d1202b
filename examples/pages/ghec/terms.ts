import { html } from "hono/html";
import type { AccountId } from "unified-contributions";
import type { PageHost } from "../web/host.ts";
import { backTo, postForm } from "../web/page.ts";
import type { CloudHost } from "./cloud-host.ts";

/** Where an enterprise owner accepts the current terms. */
export const TERMS_PAGE = "/enterprise/terms";

/** The enterprise's terms: "we may redirect you … to check your current terms of service" (F4). */
export function mountTerms(pages: PageHost<AccountId>, { server, terms }: CloudHost): void {
  pages.app.get(TERMS_PAGE, (context) => {
    if (!pages.person(context).isEnterpriseOwner)
      return pages.show(context, {
        title: "Terms of service",
        main: html`<p>Only an owner of ${server.enterprise} may accept its terms.</p>`,
        status: 403,
      });
    const accept = html`<button class="primary">Accept the terms</button>`;
    return pages.show(context, {
      title: "Terms of service",
      main: html`<p>These are the current terms of ${server.enterprise}.</p>
        ${terms.isAccepted() ? html`<p>They are accepted.</p>` : postForm(context.get("session"), TERMS_PAGE, accept)}
        <p><a href="${server.url}/enterprise/github-connect">Back to the enterprise's server</a></p>`,
    });
  });

  pages.app.post(TERMS_PAGE, (context) => {
    if (!pages.person(context).isEnterpriseOwner) return context.redirect(TERMS_PAGE, 303);
    terms.accept();
    return backTo(context, TERMS_PAGE, "The terms are accepted: go back, and enable the feature.");
  });
}
