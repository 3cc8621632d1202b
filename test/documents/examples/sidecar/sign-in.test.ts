import {
  errAsync,
  type InstallationId,
  okAsync,
  type StorageFault,
  type UserId,
} from "unified-contributions";
import {
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createSender } from "unified-contributions/ghes";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createServerPages } from "../../../../examples/pages/ghes/server-pages.ts";
import { createServerSignIn } from "../../../../examples/sidecar/sign-in.ts";
import { type GhesInstance, OAUTH_APP, startGhes } from "../../../support/ghes-instance.ts";
import { type HttpHost, host } from "../../../support/http-host.ts";
import { createVisitor } from "../../../support/visitor.ts";

const ADA = { id: 1_001, login: "ada", days: [] };
const OLIVIA = { id: 7, login: "Olivia", days: [] };
const AWAY: StorageFault = { type: "storage-fault", reason: "unavailable", message: "It is away." };

let instance: GhesInstance;
let pages: HttpHost;
/** The users who were remembered, with their ids in the GraphQL API. */
let saved: Map<UserId, string>;
let isStorageUp: boolean;

beforeAll(async () => {
  instance = await startGhes();
});
afterAll(() => instance.close());
beforeEach(async () => {
  saved = new Map();
  isStorageUp = true;
  instance.isApiUp = true;
  instance.signedIn = ADA;
  instance.redeemed.length = 0;
  let answer: Answer | null = null;
  pages = await host(async (request) => {
    answer ??= pagesAt(pages.origin);
    return answer(request);
  });
});
afterEach(() => pages.close());

type Answer = (request: Request) => Response | Promise<Response>;

/** The pages of the server under an address of theirs. */
function pagesAt(publicUrl: string): Answer {
  const [clock, random, source] = [systemClock, systemRandom, createMemorySource()];
  const sender = createSender({
    ...{
      installation: "server-1" as InstallationId,
      store: createMemorySenderStore(),
      source,
      clock,
      random,
    },
    transport: createMemoryTransport({ handle: () => errAsync("it is cut") }),
  });
  const users = {
    save: (user: UserId, nodeId: string) => {
      if (!isStorageUp) return errAsync(AWAY);
      saved.set(user, nodeId);
      return okAsync(undefined);
    },
    nodeIds: () => okAsync(saved),
    all: () => okAsync([...saved.keys()]),
  };
  const app = createServerPages({
    ...{ sender, source, clock, random, sent: () => [] },
    cloud: { name: "GitHub.com", url: "https://cloud.example", installation: "server-1" as InstallationId },
    terms: () => Promise.resolve(null),
    signIn: createServerSignIn({
      ...{ ...OAUTH_APP, url: instance.url, publicUrl, users, enterpriseOwners: ["olivia"] },
    }),
  });
  return (request) => app.fetch(request);
}

/** A browser that has begun to sign in: its cookie as it was set, and where it was led to. */
interface Beginning {
  readonly cookie: string;
  readonly authorize: URL;
}

async function begin(query = "", cookie = ""): Promise<Beginning> {
  const answer = await fetch(`${pages.origin}/sign-in/begin${query}`, {
    redirect: "manual",
    headers: { cookie },
  });
  const authorize = new URL(answer.headers.get("location") ?? "");
  return { cookie: answer.headers.get("set-cookie") ?? cookie, authorize };
}

/** The server asks whoever is signed in there, and leads the browser back; answers to where. */
async function allow({ authorize }: Beginning): Promise<URL> {
  const answer = await fetch(authorize, { redirect: "manual" });
  return new URL(answer.headers.get("location") ?? "");
}

/** A browser with this cookie opens the address to which the server has led it back. */
async function comeBack(address: URL, { cookie }: Pick<Beginning, "cookie">) {
  const answer = await fetch(address, {
    redirect: "manual",
    headers: { cookie: cookie.split(";")[0] ?? "" },
  });
  return {
    ...{ status: answer.status, location: answer.headers.get("location"), html: await answer.text() },
    cookie: answer.headers.get("set-cookie") ?? "",
  };
}

function changed(address: URL, name: string, value: string): URL {
  const copy = new URL(address);
  copy.searchParams.set(name, value);
  return copy;
}

describe("signing in with an account on the server", () => {
  it("leads to the server with a state and a challenge, asks for no scope, and comes back signed in", async () => {
    const begun = await begin("?return_to=/settings/github-connect");
    const back = await comeBack(await allow(begun), begun);
    const visitor = createVisitor();
    const settings = await visitor.open(`${pages.origin}/sign-in/begin?return_to=/settings/github-connect`);

    expect(begun.authorize.origin + begun.authorize.pathname).toBe(`${instance.url}/login/oauth/authorize`);
    expect(Object.fromEntries(begun.authorize.searchParams)).toEqual({
      response_type: "code",
      client_id: "the-app",
      redirect_uri: `${pages.origin}/sign-in/callback`,
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    expect(instance.redeemed[0]?.get("code_verifier")).toMatch(/^[\w-]{43}$/);
    expect(back).toMatchObject({ status: 303, location: "/settings/github-connect" });
    expect(settings.html).toContain("Sign out ada");
    expect([...saved]).toEqual([["1001", "U_1001"]]);
  });

  it("begins a new session, whose cookie is HttpOnly and SameSite=Lax, and not Secure over http:", async () => {
    const begun = await begin();
    const back = await comeBack(await allow(begun), begun);

    expect(back.cookie).toMatch(/^server_session=[\w-]{36}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(back.cookie).not.toBe(begun.cookie);
  });

  it("makes every cookie Secure over https:", async () => {
    const answer = await pagesAt("https://counts.example")(
      new Request("https://counts.example/sign-in/begin"),
    );

    expect(answer.headers.get("set-cookie")).toMatch(
      /^server_session=[\w-]{36}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(answer.headers.get("location")).toContain(
      encodeURIComponent("https://counts.example/sign-in/callback"),
    );
  });

  it("knows the enterprise's owners by their logins, whatever their case", async () => {
    instance.signedIn = OLIVIA;
    const tab = await createVisitor().open(
      `${pages.origin}/sign-in/begin?return_to=/enterprise/github-connect`,
    );
    instance.signedIn = ADA;
    const refused = await createVisitor().open(
      `${pages.origin}/sign-in/begin?return_to=/enterprise/github-connect`,
    );

    expect(tab).toMatchObject({ status: 200, url: `${pages.origin}/enterprise/github-connect` });
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.text).toContain("Only an enterprise owner may see this page");
  });

  it("asks again after signing out, and never leads to another site", async () => {
    const visitor = createVisitor();
    const settings = await visitor.open(`${pages.origin}/sign-in/begin?return_to=//evil.example`);
    const out = await settings.press("Sign out ada");
    const asked = await visitor.open(`${pages.origin}/settings/github-connect`);

    expect(settings.url).toBe(`${pages.origin}/settings/github-connect`);
    expect(out.text).toContain("Sign in with your account on GitHub Enterprise Server");
    expect(asked.html).toContain("/sign-in/begin?return_to=%2Fsettings%2Fgithub-connect");
  });
});

describe("nobody is signed in", () => {
  const REFUSED =
    "This sign-in was refused, or was not begun in this browser, or was begun a second time since.";

  it.each<[string, (begun: Beginning) => Promise<[URL, Pick<Beginning, "cookie">]>]>([
    ["by another state", async (begun) => [changed(await allow(begun), "state", "another"), begun]],
    ["by an empty state", async (begun) => [changed(await allow(begun), "state", ""), begun]],
    ["in another browser", async (begun) => [await allow(begun), { cookie: "" }]],
    ["in another browser that has begun, too", async (begun) => [await allow(begun), await begin()]],
    [
      "by the answer to an earlier attempt of the same browser",
      async (begun) => {
        const answer = await allow(begun);
        await begin("", begun.cookie.split(";")[0]);
        return [answer, begun];
      },
    ],
    [
      "if they do not allow it on the server",
      async (begun) => {
        instance.signedIn = null;
        return [await allow(begun), begun];
      },
    ],
  ])("%s", async (_, play) => {
    const back = await comeBack(...(await play(await begin())));

    expect(back).toMatchObject({ status: 403, location: null });
    expect(back.html).toContain(REFUSED);
    expect(instance.redeemed).toEqual([]);
    expect([...saved]).toEqual([]);
  });

  it("by the same answer a second time", async () => {
    const begun = await begin();
    const answer = await allow(begun);
    const once = await comeBack(answer, begun);
    const twice = await comeBack(answer, begun);

    expect([once.status, twice.status]).toEqual([303, 403]);
    expect(instance.redeemed).toHaveLength(1);
  });

  it("by a code that was given to another challenge: the server refuses it", async () => {
    const [begun, other] = [await begin(), await begin()];
    const stolen = (await allow(other)).searchParams.get("code") ?? "";
    const back = await comeBack(changed(await allow(begun), "code", stolen), begun);

    expect(back).toMatchObject({ status: 502 });
    expect(back.html).toContain("The server did not say who you are.");
  });

  it.each([
    [
      "the server does not say who they are",
      () => (instance.isApiUp = false),
      "The server did not say who you are.",
    ],
    ["the storage is away", () => (isStorageUp = false), "It is away."],
  ])("while %s", async (_, fail, sentence) => {
    const begun = await begin();
    const answer = await allow(begun);
    fail();
    const back = await comeBack(answer, begun);
    const again = await comeBack(answer, begun);

    expect(back).toMatchObject({ status: 502, location: null });
    expect(back.html).toContain(sentence);
    // Whoever loads the address again begins anew.
    expect(again).toMatchObject({ status: 403, location: null });
  });
});
