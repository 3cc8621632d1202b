import type { Hono } from "hono";
import type { UserId } from "unified-contributions";
import { createPageHost } from "../web/host.ts";
import type { PageEnv } from "../web/session.ts";
import { mountConnectTab } from "./connect-tab.ts";
import { mountConnecting, mountReturn } from "./connecting.ts";
import { mountSentMessages } from "./sent-messages.ts";
import { OWNER_PAGE, type ServerHost, USER_PAGE } from "./server-host.ts";
import { mountUserSettings } from "./user-settings.ts";

/** The pages of GitHub Enterprise Server: the owner's GitHub Connect tab, and each user's settings. */
export function createServerPages(host: ServerHost): Hono<PageEnv<UserId>> {
  const pages = createPageHost<UserId>({
    site: {
      name: "GitHub Enterprise Server",
      links: ({ isEnterpriseOwner }) => [
        [USER_PAGE, "Your settings"],
        ...(isEnterpriseOwner
          ? ([
              [OWNER_PAGE, "Enterprise settings"],
              [`${OWNER_PAGE}/sent`, "What has left"],
            ] as const)
          : []),
      ],
    },
    random: host.random,
    cookie: "server_session",
    otherOrigin: host.cloud.url,
    signIn: host.signIn,
    beforeSignIn: (open) => mountReturn(open, host),
  });
  pages.app.get("/", (context) =>
    context.redirect(pages.person(context).isEnterpriseOwner ? OWNER_PAGE : USER_PAGE),
  );
  mountConnectTab(pages, host);
  mountSentMessages(pages, host);
  mountUserSettings(pages, host);
  mountConnecting(pages, host);
  return pages.app;
}
