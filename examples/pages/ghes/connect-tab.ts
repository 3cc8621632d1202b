import { html } from "hono/html";
import type { UserId } from "unified-contributions";
import type { Actor, ServerStatus } from "unified-contributions/ghes";
import type { PageHost } from "../web/host.ts";
import { backTo, type Markup, postForm } from "../web/page.ts";
import type { PageContext, Session } from "../web/session.ts";
import { counted, timeOf } from "../web/words.ts";
import { OWNER_PAGE, type ServerHost } from "./server-host.ts";

const ONLY_OWNERS = "Only an enterprise owner may see this page: ask one of them.";

/** The enterprise's GitHub Connect tab: "enterprise owners can enable or disable" (F3). */
export function mountConnectTab(pages: PageHost<UserId>, host: ServerHost): void {
  const { sender, clock, cloud } = host;
  const actorOf = (context: PageContext<UserId>): Actor => {
    const { id, isEnterpriseOwner } = pages.person(context);
    return { userId: id, isEnterpriseOwner };
  };
  const back = (context: PageContext<UserId>, notice: string): Response =>
    backTo(context, OWNER_PAGE, notice);

  pages.app.use(`${OWNER_PAGE}/*`, (context, next) =>
    pages.person(context).isEnterpriseOwner
      ? next()
      : pages.show(context, { title: "GitHub Connect", main: html`<p>${ONLY_OWNERS}</p>`, status: 403 }),
  );

  pages.app.get(OWNER_PAGE, (context) =>
    sender.status().match(
      (status) =>
        pages.show(context, {
          title: "GitHub Connect",
          main: tab(context.get("session"), status, cloud.name),
        }),
      ({ message }) =>
        pages.show(context, { title: "GitHub Connect", main: html`<p>${message}</p>`, status: 502 }),
    ),
  );

  pages.app.post(`${OWNER_PAGE}/enable`, async (context) => {
    const terms = await host.terms();
    if (!terms) return back(context, `${cloud.name} cannot be asked for its terms now: try again later.`);
    return sender
      .changeSettings({ type: "enable", by: actorOf(context), at: clock.now(), terms })
      .andThen(() => sender.sync())
      .match(
        () => back(context, "Unified contributions is enabled."),
        (error) => {
          // "we may redirect you … to check your current terms of service": enabling is asked for again afterwards.
          if (error.type === "terms-not-accepted") return context.redirect(error.url, 303);
          return back(context, error.message);
        },
      );
  });

  pages.app.post(`${OWNER_PAGE}/disable`, (context) =>
    sender
      .changeSettings({ type: "disable", by: actorOf(context), at: clock.now() })
      // A deletion does not wait for the hour.
      .andThen(() => sender.sync({ scope: "deletions" }))
      .match(
        () => back(context, "Unified contributions is disabled."),
        ({ message }) => back(context, message),
      ),
  );

  pages.app.post(`${OWNER_PAGE}/take-over`, (context) =>
    sender
      .takeOver()
      .andThen(() => sender.sync())
      .match(
        () => back(context, "This copy of the server goes on."),
        ({ message }) => back(context, message),
      ),
  );

  pages.app.post(`${OWNER_PAGE}/sync`, (context) =>
    sender.sync().match(
      ({ outcome, kept }) =>
        back(context, `The sync ${outcome}: the counts of ${counted(kept, "user")} were sent and kept.`),
      ({ message }) => back(context, message),
    ),
  );
}

function tab(session: Session<string>, status: ServerStatus, cloudName: string): Markup {
  const { settings, lastSyncAt, lastFailed, nextSyncAt } = status;
  if (settings.status === "disconnected")
    return html`<p class="note">GitHub Connect is off. An owner of this enterprise, who also owns the one on ${cloudName}, has to enable it.</p>`;
  const isEnabled = settings.status === "enabled";
  const sync = html`<button>Sync now</button>`;
  return html`<p>GitHub Connect is enabled. This server is connected to ${cloudName}.</p>
    ${troubleOf(session, status)}
    <section class="row" aria-labelledby="unified-contributions">
      <div>
        <h2 id="unified-contributions">Unified contributions</h2>
        <p>${isEnabled ? enabledSentence(settings.epoch) : "Disabled."}</p>
      </div>
      ${
        isEnabled
          ? postForm(session, `${OWNER_PAGE}/disable`, html`<button class="danger">Disable</button>`)
          : postForm(session, `${OWNER_PAGE}/enable`, html`<button class="primary">Enable</button>`)
      }
    </section>
    <p class="muted">
      While this is enabled, users can send how many contributions they made per day to their profile on ${cloudName},
      and nothing else. Disabling deletes the counts of every user there.
    </p>
    ${disablingOf(status)}
    <h2>Syncs</h2>
    <dl>
      <dt>Last sync</dt>
      <dd>${timeOf(lastSyncAt)}</dd>
      <dt>Users whose counts it could not send</dt>
      <dd>${String(lastFailed)}</dd>
      <dt>Next sync</dt>
      <dd>${timeOf(nextSyncAt)}</dd>
    </dl>
    ${postForm(session, `${OWNER_PAGE}/sync`, sync)}`;
}

function enabledSentence(epoch: number | null): string {
  return epoch === null ? "Enabled. The cloud has not confirmed it yet." : "Enabled.";
}

/** The receipt of the last disabling; "deleted" is said once it is there. */
function disablingOf({ disabling }: ServerStatus): Markup | string {
  if (!disabling) return "";
  const { receipt, requestedAt } = disabling;
  const sentence = receipt
    ? `Receipt: the counts of every user have been gone since ${timeOf(receipt.disabledAt)}.`
    : `The deletion was asked for at ${timeOf(requestedAt)} and has no receipt yet. Every sync asks again.`;
  return html`<p class="note">${sentence}</p>`;
}

/** Returns the note about a fault that keeps the server from sending, or an empty text. */
function troubleOf(
  session: Session<string>,
  { isContested, failures, lastFault }: ServerStatus,
): Markup | string {
  if (isContested)
    return html`<div class="note" role="alert">
      <p>Another copy of this server holds the session, a restored clone perhaps. Stop the wrong one, then go on with this one.</p>
      ${postForm(session, `${OWNER_PAGE}/take-over`, html`<button>Take over</button>`)}
    </div>`;
  if (failures === 0 || !lastFault) return "";
  const why =
    lastFault.type === "rejected"
      ? `The cloud rejected the request: ${lastFault.reason}.`
      : lastFault.message;
  return html`<p class="note" role="alert">No answer came in ${counted(failures, "sync")} in a row. ${why}</p>`;
}
