import type { Consent, Instant, LinkId, UserId } from "unified-contributions";
import type { PageHost } from "../web/host.ts";
import { backTo } from "../web/page.ts";
import type { PageContext } from "../web/session.ts";
import { type ServerHost, USER_PAGE } from "./server-host.ts";

/** How a user of the server meets the account's owner on the cloud. */
export interface Connecting {
  /** The user selected "Send my contribution counts": opts in, or leads to the cloud for another consent. */
  optIn(context: PageContext<UserId>): Promise<Response>;
}

/** An attempt that a browser carries to the cloud and back. */
interface Attempt {
  readonly user: UserId;
  /** Whether the user has an account connected, and needs no more than another consent. */
  readonly isForConsent: boolean;
}

const ATTEMPT_MS = 600_000;

/** Mounts the way to the cloud's "Authorize" page and back. */
export function mountConnecting(pages: PageHost<UserId>, host: ServerHost): Connecting {
  const { sender, clock, random, cloud } = host;
  const attempts = new Map<string, Attempt>();
  const consents = new Map<UserId, Consent>();

  function leadToCloud(context: PageContext<UserId>, id: string, attempt: Attempt): Response {
    attempts.set(id, attempt);
    const query = new URLSearchParams({ server: cloud.installation, state: id });
    return context.redirect(`${cloud.url}/authorize?${query}`, 303);
  }

  pages.app.post(`${USER_PAGE}/connect`, (context) => {
    const user = pages.person(context).id;
    const at = clock.now();
    const attempt = random.id();
    const expiresAt = (at + ATTEMPT_MS) as Instant;
    return sender.changeLink(user, { type: "start-connecting", by: user, at, attempt, expiresAt }).match(
      () => leadToCloud(context, attempt, { user, isForConsent: false }),
      ({ message }) => backTo(context, USER_PAGE, message),
    );
  });

  pages.app.get(`${USER_PAGE}/connected`, (context) => {
    const user = pages.person(context).id;
    const { state = "", link = "", epoch = "" } = context.req.query();
    const attempt = attempts.get(state);
    attempts.delete(state);
    if (attempt?.user !== user)
      return backTo(context, USER_PAGE, "This attempt to connect is not yours: connect again.");
    const consent: Consent = { linkId: link as LinkId, epoch: Number(epoch) };
    const by = { by: user, at: clock.now() };
    if (attempt.isForConsent) return send(context, consent);
    return sender.changeLink(user, { type: "finish-connecting", ...by, attempt: state }).match(
      () => {
        consents.set(user, consent);
        return backTo(context, USER_PAGE, `Your account on ${cloud.name} is connected. Nothing is sent yet.`);
      },
      ({ message }) => backTo(context, USER_PAGE, message),
    );
  });

  function send(context: PageContext<UserId>, consent: Consent): Promise<Response> {
    const user = pages.person(context).id;
    consents.delete(user);
    return sender
      .changeLink(user, { type: "opt-in", by: user, at: clock.now(), consent })
      .andThen(() => sender.sync())
      .match(
        () => backTo(context, USER_PAGE, "Your contribution counts are sent from now on."),
        ({ message }) => backTo(context, USER_PAGE, message),
      );
  }

  return {
    optIn: (context) => {
      const user = pages.person(context).id;
      const consent = consents.get(user);
      if (consent) return send(context, consent);
      return Promise.resolve(leadToCloud(context, random.id(), { user, isForConsent: true }));
    },
  };
}
