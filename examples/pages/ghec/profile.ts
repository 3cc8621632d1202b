import { html, raw } from "hono/html";
import { type AccountId, dateOfInstant, ok, type ResultAsync } from "unified-contributions";
import { renderCalendarTable } from "unified-contributions/calendar-html";
import {
  calendarDaysEndingOn,
  contributionsCollection,
  serverContributionsForOwner,
} from "unified-contributions/ghec";
import type { PageHost } from "../web/host.ts";
import { backTo, type Markup, postForm } from "../web/page.ts";
import type { Session } from "../web/session.ts";
import { type CloudHost, profilePath } from "./cloud-host.ts";

/** An account's profile with the contribution calendar. */
export function mountProfile(pages: PageHost<AccountId>, host: CloudHost): void {
  const { receiver, clock, accounts } = host;
  /** Whose profiles hide private contributions: a choice about showing, which deletes nothing (F11). */
  const hidden = new Set<AccountId>();

  /** The calendar of a year. Only the account's owner sees how many of them were made on GitHub Enterprise Server. */
  function calendarOf(
    account: AccountId,
    isOwner: boolean,
  ): ResultAsync<string, { readonly message: string }> {
    const today = dateOfInstant(clock.now());
    const days = calendarDaysEndingOn(today);
    return receiver.shownCounts(account, today).andThen((servers) =>
      contributionsCollection({
        ...{ days, today, servers, contributions: [], restrictedContributions: [] },
        showsPrivateContributions: isOwner || !hidden.has(account),
      }).andThen((collection) =>
        (isOwner ? serverContributionsForOwner({ days, today, servers }) : ok([])).andThen(
          (serverContributions) => renderCalendarTable(collection, { locale: "en-GB", serverContributions }),
        ),
      ),
    );
  }

  pages.app.get("/users/:account", async (context) => {
    const account = accounts.find(({ id }) => id === context.req.param("account"));
    if (!account) return context.notFound();
    const isOwner = account.id === pages.person(context).id;
    return await calendarOf(account.id, isOwner).match(
      (table) =>
        pages.show(context, {
          title: account.name,
          // The one markup that is not escaped here: the library has escaped it.
          main: html`${raw(table)}${isOwner ? choice(context.get("session"), !hidden.has(account.id)) : ""}`,
        }),
      ({ message }) =>
        pages.show(context, { title: account.name, main: html`<p>${message}</p>`, status: 502 }),
    );
  });

  pages.app.post("/settings/private-contributions", async (context) => {
    const { id } = pages.person(context);
    const { show } = await context.req.parseBody();
    if (show === undefined) hidden.add(id);
    else hidden.delete(id);
    return backTo(context, profilePath(id), "Your choice is saved. Nothing was deleted.");
  });
}

function choice(session: Session<string>, isShown: boolean): Markup {
  const form = html`<p>
      <label><input type="checkbox" name="show" ${isShown ? "checked" : ""} /> Show private contributions to others</label>
    </p>
    <button>Update profile</button>`;
  return html`<h2>Contribution settings</h2>
    <p>What you did on GitHub Enterprise Server counts as private contributions. Hiding them deletes nothing.</p>
    ${postForm(session, "/settings/private-contributions", form)}`;
}
