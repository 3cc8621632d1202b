import type { Hono } from "hono";
import type { AccountId } from "unified-contributions";
import { CALENDAR_SCRIPT, CALENDAR_STYLE } from "unified-contributions/calendar-html";
import { createPageHost } from "../web/host.ts";
import type { PageEnv } from "../web/session.ts";
import { type CloudHost, profilePath, SERVERS_PAGE } from "./cloud-host.ts";
import { mountClaim, mountConnecting } from "./connecting.ts";
import { mountProfile } from "./profile.ts";
import { mountServers } from "./servers.ts";
import { mountTerms, TERMS_PAGE } from "./terms.ts";

/** The pages of GitHub Enterprise Cloud: profiles, "Authorize", the servers that send, and the enterprise's terms. */
export function createCloudPages(host: CloudHost): Hono<PageEnv<AccountId>> {
  const pages = createPageHost<AccountId>({
    site: {
      name: "GitHub Enterprise Cloud",
      links: ({ id, isEnterpriseOwner }) => [
        [profilePath(id), "Your profile"],
        [SERVERS_PAGE, "Servers that send for you"],
        ...(isEnterpriseOwner ? ([[TERMS_PAGE, "Enterprise terms"]] as const) : []),
      ],
      styles: ["/calendar.css"],
      scripts: ["/calendar.js"],
    },
    random: host.random,
    cookie: "cloud_session",
    otherOrigin: host.server.url,
    signIn: host.signIn,
    beforeSignIn: (open) => mountClaim(open, host),
    files: {
      "/calendar.css": ["text/css", CALENDAR_STYLE],
      "/calendar.js": ["text/javascript", CALENDAR_SCRIPT],
    },
  });
  pages.app.get("/", (context) => context.redirect(profilePath(pages.person(context).id)));
  mountTerms(pages, host);
  mountProfile(pages, host);
  const grants = mountConnecting(pages, host);
  mountServers(pages, host, grants);
  return pages.app;
}
