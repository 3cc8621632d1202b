import { html } from "hono/html";
import type { UserId } from "unified-contributions";
import {
  type DeletionStatus,
  GATES,
  type Gate,
  SETTINGS_SENTENCES,
  type Sharing,
} from "unified-contributions/ghes";
import type { PageHost } from "../web/host.ts";
import { backTo, type Markup, postForm } from "../web/page.ts";
import type { Session } from "../web/session.ts";
import { receiptOf, timeOf } from "../web/words.ts";
import { type ServerHost, USER_PAGE } from "./server-host.ts";

/** Each user's own GitHub Connect settings: "Users decide for themselves only" (F3). */
export function mountUserSettings(pages: PageHost<UserId>, host: ServerHost): void {
  const { sender, clock, cloud } = host;

  pages.app.get(USER_PAGE, (context) => {
    const user = pages.person(context).id;
    const title = "GitHub Connect";
    return sender.sharing(user).match(
      async (sharing) => {
        const preview = await sender.preview(user).match(
          ({ record }) => html`<pre tabindex="0" role="region" aria-label="The record">${record}</pre>`,
          ({ message }) => html`<p class="note">${message}</p>`,
        );
        const main = settings(context.get("session"), sharing, cloud.name);
        return pages.show(context, { title, main: html`${main}${previewSection(sharing, preview)}` });
      },
      ({ message }) => pages.show(context, { title, main: html`<p>${message}</p>`, status: 502 }),
    );
  });

  // "select Send my contribution counts, then click Update contributions" (F2).
  pages.app.post(`${USER_PAGE}/contributions`, async (context) => {
    const user = pages.person(context).id;
    const { send } = await context.req.parseBody();
    if (send !== undefined) {
      return sender
        .changeLink(user, { type: "opt-in", by: user, at: clock.now() })
        .andThen(() => sender.sync())
        .match(
          () => backTo(context, USER_PAGE, "Your contribution counts are sent from now on."),
          ({ message }) => backTo(context, USER_PAGE, message),
        );
    }
    return end(user, "opt-out").match(
      () => backTo(context, USER_PAGE, "Your contribution counts are not sent any more."),
      ({ message }) => backTo(context, USER_PAGE, message),
    );
  });

  pages.app.post(`${USER_PAGE}/disconnect`, (context) =>
    end(pages.person(context).id, "disconnect").match(
      () => backTo(context, USER_PAGE, `Your account on ${cloud.name} is not connected any more.`),
      ({ message }) => backTo(context, USER_PAGE, message),
    ),
  );

  /** Both delete, and a deletion does not wait for the hour. */
  const end = (user: UserId, type: "opt-out" | "disconnect") =>
    sender
      .changeLink(user, { type, by: user, at: clock.now() })
      .andThen(() => sender.sync({ scope: "deletions" }));
}

function settings(session: Session<string>, sharing: Sharing, cloudName: string): Markup {
  const { link, decision, attention, lastReportAt, nextSyncAt } = sharing;
  const isConnected = decision.isAllowed || decision.gate === "send-contribution-counts";
  const connection = isConnected
    ? html`<p>Your account on ${cloudName} is connected.</p>
        ${postForm(session, `${USER_PAGE}/disconnect`, html`<button class="danger">Disconnect from ${cloudName}</button>`)}`
    : html`<p>No account on ${cloudName} is connected.</p>
        ${postForm(session, `${USER_PAGE}/connect`, html`<button class="primary">Connect to ${cloudName}</button>`)}`;
  const checked = link.status === "sending" ? "checked" : "";
  const choice = html`<p>
      <label><input type="checkbox" name="send" ${checked} /> Send my contribution counts to ${cloudName}</label>
    </p>
    <button>Update contributions</button>`;
  return html`<h2>Connection</h2>
    ${connection}
    <h2>Contributions</h2>
    ${isConnected ? postForm(session, `${USER_PAGE}/contributions`, choice) : ""}
    ${gatesOf(decision)}
    ${attention ? html`<p class="note" role="alert">${SETTINGS_SENTENCES.attention[attention]}</p>` : ""}
    ${deletionsOf(sharing)}
    <dl>
      <dt>Your counts were last taken</dt>
      <dd>${timeOf(lastReportAt)}</dd>
      <dt>The server's next sync</dt>
      <dd>${timeOf(nextSyncAt)}</dd>
    </dl>`;
}

const GATE_NAMES: Readonly<Record<Gate, string>> = {
  "github-connect": "An enterprise owner has enabled GitHub Connect",
  "unified-contributions": "An enterprise owner has enabled unified contributions",
  "connected-account": "You have connected an account",
  "send-contribution-counts": "You have selected “Send my contribution counts”",
};

/** Which gates are open, and what to do about the first that is not. */
function gatesOf(decision: Sharing["decision"]): Markup {
  if (decision.isAllowed)
    return html`<p class="note">${SETTINGS_SENTENCES.open} Every hourly sync sends what has changed.</p>`;
  const closed = GATES.indexOf(decision.gate);
  const gates = GATES.map((gate, index) => html`<li>${GATE_NAMES[gate]}: ${stateOf(index - closed)}</li>`);
  return html`<p>Nothing is sent until four gates are open:</p>
    <ol>${gates}</ol>
    <p class="note">${decision.message}</p>`;
}

function stateOf(distance: number): string {
  if (distance < 0) return "yes";
  return distance === 0 ? "not yet" : "comes after that";
}

/** Returns the state of deletion of the present link's counts, and of an earlier link's if that is not the same. */
function deletionsOf({ deletion, earlierDeletion }: Sharing): Markup {
  const earlier =
    earlierDeletion.status === "none" ? "" : html`<p class="note">Before: ${deletionOf(earlierDeletion)}</p>`;
  return deletion.status === "none"
    ? html`${earlier}`
    : html`<p class="note">${deletionOf(deletion)}</p>${earlier}`;
}

function deletionOf(deletion: DeletionStatus): Markup {
  const sentence = SETTINGS_SENTENCES.deletion[deletion.status];
  switch (deletion.status) {
    case "deleted":
    case "by-cloud":
      return html`${sentence} Receipt: ${receiptOf(deletion.receipt)}`;
    case "pending":
    case "not-found":
      return html`${sentence} It was asked for at ${timeOf(deletion.requestedAt)}.`;
    case "none":
    case "left-to-cloud":
    case "by-owner":
    case "aged-out":
      return html`${sentence}`;
  }
}

function previewSection({ link }: Sharing, preview: Markup): Markup {
  const sentence =
    link.status === "sending"
      ? "This is the whole record that the next sync sends about you if your counts have changed, byte for byte:"
      : "This is the whole record that would be sent about you, byte for byte but for the link:";
  return html`<h2>What leaves this server</h2>
    <p>${sentence}</p>
    ${preview}`;
}
