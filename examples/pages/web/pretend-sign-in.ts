import { html } from "hono/html";
import { pathToReturnTo, type SignIn } from "./host.ts";
import { postForm } from "./page.ts";
import type { Person } from "./session.ts";

/** A pretend sign-in: each visitor picks a user to be. A real host has its own, and leaves this file out. */
export function createPretendSignIn<Id extends string>(people: readonly Person<Id>[]): SignIn<Id> {
  return ({ app, sessions, show }) => {
    app.get("/sign-in", (context) => {
      const returnTo = pathToReturnTo(context.req.query("return_to"));
      const choices = people.map(
        ({ id, name, isEnterpriseOwner }) =>
          html`<p><button name="person" value="${id}">${name}${isEnterpriseOwner ? ", enterprise owner" : ""}</button></p>`,
      );
      const form = html`<input type="hidden" name="return_to" value="${returnTo}" />${choices}`;
      return show(context, {
        title: "Pretend to sign in",
        main: html`<p>This is an example, and asks for no password: pick who you are.</p>
          ${postForm(context.get("session"), "/sign-in", form)}`,
      });
    });

    app.post("/sign-in", async (context) => {
      const { person: id, return_to: returnTo } = await context.req.parseBody();
      const person = people.find((candidate) => candidate.id === id);
      if (person) sessions.begin(context, person);
      return context.redirect(person ? pathToReturnTo(returnTo) : "/sign-in", 303);
    });
  };
}
