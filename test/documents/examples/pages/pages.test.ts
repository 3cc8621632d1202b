import type { UserId } from "unified-contributions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPagesWorld, type PagesWorld } from "../../../support/pages-world.ts";
import { createVisitor, type VisitedPage, type Visitor } from "../../../support/visitor.ts";

const OWNER_PAGE = "/enterprise/github-connect";
const USER_PAGE = "/settings/github-connect";

let world: PagesWorld;
let visitor: Visitor;

beforeEach(async () => {
  world = await openPagesWorld();
  visitor = createVisitor();
});
afterEach(() => world.close());

async function signIn(url: string, person: string): Promise<VisitedPage> {
  const page = await visitor.open(`${url}/sign-in`);
  return page.press(person);
}

/** The owner enables the feature, and accepts the terms on the way. */
async function enable(): Promise<VisitedPage> {
  const tab = await signIn(world.serverUrl, "Olivia, enterprise owner");
  await tab.press("Enable");
  await signIn(world.cloudUrl, "Olivia on the cloud, enterprise owner");
  await (await visitor.open(`${world.cloudUrl}/enterprise/terms`)).press("Accept the terms");
  return (await visitor.open(`${world.serverUrl}${OWNER_PAGE}`)).press("Enable");
}

/** A user connects an account, and selects to send. */
async function join(person: string): Promise<VisitedPage> {
  await signIn(world.cloudUrl, `${person} on the cloud`);
  const settings = await signIn(world.serverUrl, person);
  const connected = await (await settings.press("Connect to GitHub.com")).press("Authorize");
  return connected.press("Update contributions", { send: "on" });
}

describe("every page of both hosts", () => {
  const paths = [
    "/sign-in",
    "/",
    USER_PAGE,
    OWNER_PAGE,
    "/settings/servers",
    "/users/account-of-Ada",
    "/enterprise/terms",
  ];

  it("allows no inline script or style, no frame and no form that leads elsewhere", async () => {
    for (const url of [world.serverUrl, world.cloudUrl]) {
      for (const path of [...paths, "/style.css", "/no-such-page"]) {
        const { headers } = await visitor.open(`${url}${path}`);
        const other = url === world.serverUrl ? world.cloudUrl : world.serverUrl;
        expect(headers.get("content-security-policy")).toBe(
          `default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self' ${other}; frame-ancestors 'none'; base-uri 'none'`,
        );
        expect(headers.get("x-frame-options")).toBe("DENY");
        if (path !== "/style.css") expect(headers.get("cache-control")).toBe("no-store");
      }
    }
  });

  it("has no script, but for the keyboard's on the cloud", async () => {
    await enable();
    await join("Ada");
    for (const path of paths) {
      const [onServer, onCloud] = [
        await visitor.open(`${world.serverUrl}${path}`),
        await visitor.open(`${world.cloudUrl}${path}`),
      ];
      expect(onServer.html).not.toContain("<script");
      expect(onCloud.html.match(/<script.*?>/g)).toEqual(['<script src="/calendar.js" defer>']);
      expect(onServer.html + onCloud.html).not.toMatch(/ style=| on[a-z]+=|javascript:/);
    }
  });

  it("has a token in each of its forms, and does nothing for a form without the session's own", async () => {
    const tab = await signIn(world.serverUrl, "Olivia, enterprise owner");
    const stranger = await createVisitor().open(`${world.serverUrl}/sign-in`);
    const [, token = ""] = /name="token" value="([^"]+)"/.exec(stranger.html) ?? [];
    await enable();

    for (const fields of [{}, { token: "" }, { token }, { token: "x".repeat(token.length) }]) {
      const { status, text } = await visitor.post(`${world.serverUrl}${OWNER_PAGE}/disable`, fields);
      expect([status, text]).toEqual([
        403,
        "This form is not from this page, or is too old: go back and load the page again.",
      ]);
    }
    expect((await world.sender.status())._unsafeUnwrap().settings.status).toBe("enabled");
    expect(tab.html.match(/<form/g)?.length).toBe(tab.html.match(/name="token"/g)?.length);
  });

  it("ends a session with its token when somebody signs in or out", async () => {
    const page = await visitor.open(`${world.serverUrl}/sign-in`);
    const first = await page.press("Ada");
    const tokenOf = ({ html }: VisitedPage) => /name="token" value="([^"]+)"/.exec(html)?.[1];
    const out = await first.press("Sign out Ada");

    expect(new Set([page, first, out].map(tokenOf)).size).toBe(3);
    expect((await visitor.open(`${world.serverUrl}${USER_PAGE}`)).url).toBe(
      `${world.serverUrl}/sign-in?return_to=%2Fsettings%2Fgithub-connect`,
    );
  });

  it.each(["//evil.example", "/\\evil.example", "https://evil.example/", "/ok\nSet-Cookie: x"])(
    "leads nobody to %j after signing in",
    async (place) => {
      const page = await visitor.open(`${world.serverUrl}/sign-in?return_to=${encodeURIComponent(place)}`);

      expect(new URL((await page.press("Ada")).url).origin).toBe(world.serverUrl);
    },
  );

  it("takes no form that is longer than any of its own", async () => {
    const { status } = await visitor.post(`${world.serverUrl}/sign-in`, { person: "x".repeat(20_000) });

    expect(status).toBe(413);
  });
});

describe("the owner's GitHub Connect tab", () => {
  it("is for owners, page and buttons alike", async () => {
    await signIn(world.serverUrl, "Ada");
    const tab = await visitor.open(`${world.serverUrl}${OWNER_PAGE}`);
    const [, token = ""] = /name="token" value="([^"]+)"/.exec(tab.html) ?? [];
    const pressed = await visitor.post(`${world.serverUrl}${OWNER_PAGE}/enable`, { token });

    expect([tab.status, pressed.status]).toEqual([403, 403]);
    expect(tab.text).toBe("GitHub Connect Only an enterprise owner may see this page: ask one of them.");
  });

  it("says that no sync gets an answer, and why", async () => {
    await enable();
    world.isWireUp = false;
    await (await visitor.open(`${world.serverUrl}${OWNER_PAGE}`)).press("Sync now");

    const { text } = await visitor.open(`${world.serverUrl}${OWNER_PAGE}`);
    expect(text).toContain(
      "No answer came in 1 sync in a row. The receiver gave no answer: try again later.",
    );
  });

  it("does not say that counts are deleted before the receipt has come", async () => {
    await enable();
    world.isWireUp = false;
    const pending = await (await visitor.open(`${world.serverUrl}${OWNER_PAGE}`)).press("Disable");
    world.isWireUp = true;
    const done = await pending.press("Sync now");

    expect(pending.text).toContain(
      "The deletion was asked for at 2026-03-01 12:00 UTC and has no receipt yet.",
    );
    expect(done.text).toContain(
      "Receipt: the counts of every user have been gone since 2026-03-01 12:00 UTC.",
    );
  });

  it("lets the owner decide which of two copies goes on", async () => {
    await enable();
    const copy = world.copyServer();
    for (const sender of [world.sender, copy, world.sender, copy]) (await sender.sync())._unsafeUnwrap();
    const contested = await (await visitor.open(`${world.serverUrl}${OWNER_PAGE}`)).press("Sync now");

    const decided = await contested.press("Take over");

    expect(contested.text).toContain("Another copy of this server holds the session");
    expect(decided.text).toContain("This copy of the server goes on.");
    expect(decided.text).not.toContain("Another copy");
  });

  it("says that GitHub Connect is off, and users see that a deletion was left to the cloud", async () => {
    await enable();
    await join("Ada");
    world.isWireUp = false;
    await (await visitor.open(`${world.serverUrl}${USER_PAGE}`)).press("Update contributions");
    const by = { userId: "olivia" as UserId, isEnterpriseOwner: true };
    (await world.sender.changeSettings({ type: "disconnect", by, at: world.clock.now() }))._unsafeUnwrap();
    const settings = await visitor.open(`${world.serverUrl}${USER_PAGE}`);
    const tab = await signIn(world.serverUrl, "Olivia, enterprise owner");

    expect(settings.text).toContain(
      "GitHub Connect was turned off: GitHub Enterprise Cloud deletes the counts by itself.",
    );
    expect(settings.text).toContain("GitHub Connect is off: an enterprise owner has to enable it.");
    expect(tab.text).toContain("GitHub Connect is off.");
    expect(tab.html).not.toContain("Enable</button>");
  });

  it("shows what has left, byte for byte", async () => {
    await enable();
    const page = await visitor.open(`${world.serverUrl}${OWNER_PAGE}/sent`);

    expect(world.sent.length).toBeGreaterThan(1);
    expect(world.sent.filter((message) => !page.text.includes(message))).toEqual([]);
  });
});

describe("a user's settings", () => {
  it("say which gate is closed, and what to do", async () => {
    const off = await signIn(world.serverUrl, "Ada");
    await enable();
    const on = await signIn(world.serverUrl, "Ada");

    expect(off.text).toContain("Unified contributions is off: an enterprise owner has to enable it.");
    expect(on.text).toContain("The user has to connect an account on GitHub Enterprise Cloud.");
  });

  it("preview zeros for who contributed nothing, and a sentence where contributions cannot be read", async () => {
    await enable();
    const nothing = await visitor.open(`${world.serverUrl}${USER_PAGE}`);
    world.source.add("ada" as UserId, [{ occurredAt: "yesterday" }]);
    const wrong = await signIn(world.serverUrl, "Ada");

    expect(nothing.text).toContain(`"first":"2025-12-02","counts":[${new Array(90).fill(0).join(",")}]}`);
    expect(wrong.text).toContain("Contribution 3 has no RFC 3339 date and time in `occurredAt`");
  });

  it("do not say that counts are deleted before the receipt has come", async () => {
    await enable();
    const sending = await join("Ada");
    world.isWireUp = false;

    const { text } = await sending.press("Update contributions");

    expect(text).toContain(
      "The deletion was asked for. GitHub Enterprise Cloud has not confirmed it yet. It was asked for at 2026-03-01 12:00 UTC.",
    );
  });

  it("opt in again without a way to the cloud", async () => {
    await enable();
    const out = await (await join("Ada")).press("Update contributions");

    const again = await out.press("Update contributions", { send: "on" });

    expect(out.text).toContain("Your account on GitHub.com is connected.");
    expect(again.url).toBe(out.url);
    expect(again.text).toContain("Your contribution counts are sent from now on.");
  });

  it("take nobody else's way back from the cloud", async () => {
    await enable();
    await signIn(world.cloudUrl, "Ada on the cloud");
    const asked = await (await signIn(world.serverUrl, "Ada")).press("Connect to GitHub.com");
    await signIn(world.serverUrl, "Grace");

    const { text } = await asked.press("Authorize");

    expect(text).toContain("No such attempt to connect is under way: start connecting again.");
    for (const user of ["ada", "grace"]) {
      const { link } = (await world.sender.sharing(user as UserId))._unsafeUnwrap();
      expect(link.status).toBe("never-connected");
    }
  });

  it("wait for the cloud's answer without one more question to the user", async () => {
    await enable();
    await signIn(world.cloudUrl, "Ada on the cloud");
    const asked = await (await signIn(world.serverUrl, "Ada")).press("Connect to GitHub.com");
    world.isWireUp = false;
    const waiting = await asked.press("Authorize");
    world.isWireUp = true;
    (await world.sender.sync())._unsafeUnwrap();
    const connected = await visitor.open(`${world.serverUrl}${USER_PAGE}`);

    expect(waiting.text).toContain("GitHub Enterprise Cloud has not confirmed the connection yet");
    expect(connected.text).toContain("Your account on GitHub.com is connected.");
  });
});

describe("the cloud's pages", () => {
  it("let an owner revoke the authorization: the counts are deleted at once, and the server hears of it", async () => {
    await enable();
    await join("Ada");
    const servers = await visitor.open(`${world.cloudUrl}/settings/servers`);
    const revoked = await servers.press("Revoke");
    world.source.add("ada" as UserId, [{ occurredAt: "2026-03-01T11:00:00Z" }]);
    (await world.sender.contributionsChanged(["ada" as UserId]))._unsafeUnwrap();
    (await world.sender.sync())._unsafeUnwrap();
    const settings = await visitor.open(`${world.serverUrl}${USER_PAGE}`);

    expect(servers.text).toContain("GitHub Enterprise Server of Analytical Engines");
    expect(revoked.text).toContain(
      "The authorization is revoked. Deleted at 2026-03-01 12:00 UTC: the counts of 2025-12-02 to 2026-03-01.",
    );
    expect(revoked.text).toContain("No server sends contribution counts for you.");
    expect(settings.text).toContain(
      "The connection was ended on GitHub Enterprise Cloud: the user has to reconnect.",
    );
  });

  it("show others the counts unless the profile hides private contributions, and never where they were made", async () => {
    await enable();
    await join("Ada");
    const profile = `${world.cloudUrl}/users/account-of-Ada`;
    const own = await visitor.open(profile);
    await signIn(world.cloudUrl, "Grace on the cloud");
    const others = await visitor.open(profile);
    await signIn(world.cloudUrl, "Ada on the cloud");
    await (await visitor.open(profile)).press("Update profile");
    const ownHidden = await visitor.open(profile);
    await signIn(world.cloudUrl, "Grace on the cloud");
    const hidden = await visitor.open(profile);

    expect(own.text).toMatch(
      /1 contribution on Sunday,? 1 March 2026; 1 contribution on GitHub Enterprise Server/,
    );
    expect(others.text).toContain("2 contributions from");
    expect(others.text).not.toContain("GitHub Enterprise Server");
    expect(ownHidden.text).toContain("2 contributions from");
    expect(hidden.text).toContain("No contributions from");
    expect((await visitor.open(`${world.cloudUrl}/users/nobody`)).status).toBe(404);
  });

  it("let nobody but an owner accept the terms", async () => {
    await signIn(world.cloudUrl, "Ada on the cloud");
    const page = await visitor.open(`${world.cloudUrl}/enterprise/terms`);
    const [, token = ""] = /name="token" value="([^"]+)"/.exec(page.html) ?? [];
    await visitor.post(`${world.cloudUrl}/enterprise/terms`, { token });
    const tab = await signIn(world.serverUrl, "Olivia, enterprise owner");

    expect(page.status).toBe(403);
    expect((await tab.press("Enable")).url).toContain(`${world.cloudUrl}/sign-in`.replace("/sign-in", ""));
  });

  it("authorize no attempt that the server has not announced, or that another browser has brought", async () => {
    await enable();
    const asked = await (await signIn(world.serverUrl, "Ada")).press("Connect to GitHub.com");
    const other = createVisitor();
    const { searchParams } = new URL(asked.url);
    const authorize = `${world.cloudUrl}${searchParams.get("return_to") ?? asked.url.slice(world.cloudUrl.length)}`;
    const elsewhere = await other.open(authorize);
    const unknown = await visitor.open(`${world.cloudUrl}/authorize?attempt=0123456789abcdef`);

    expect(elsewhere.status).toBe(403);
    expect(unknown.text).toContain("This attempt to connect cannot be answered here and now");
  });

  it("are of no use while the feature is off", async () => {
    const settings = await signIn(world.serverUrl, "Ada");
    const { text } = await settings.press("Connect to GitHub.com");

    expect(text).toContain("Unified contributions is off");
  });
});
