import { html } from "hono/html";
import type { UserId } from "unified-contributions";
import type { PageHost } from "../web/host.ts";
import { OWNER_PAGE, type ServerHost } from "./server-host.ts";

/** Every byte that has left lately, for an owner who wants to see that nothing else does. */
export function mountSentMessages(pages: PageHost<UserId>, { sent }: ServerHost): void {
  pages.app.get(`${OWNER_PAGE}/sent`, (context) => {
    const messages = [...sent()].reverse();
    return pages.show(context, {
      title: "What has left this server",
      main: html`<p>The last messages to the cloud, byte for byte, the newest first.</p>
        ${messages.map((text, index) => html`<pre tabindex="0" role="region" aria-label="Message ${index + 1}">${text}</pre>`)}`,
    });
  });
}
