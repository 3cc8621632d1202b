import fc from "fast-check";
import type { AccountId, AttemptId, BrowserId, ConsentCode, UserId } from "unified-contributions";
import { expect, it } from "vitest";
import { createCloud, createServer } from "../support/world.ts";

/** A person with a browser: a session on both sides, and the cookies that the pages of docs/connecting.md set. */
interface Person {
  readonly user: UserId;
  readonly account: AccountId;
  readonly browser: BrowserId;
  /** The cookie of the server. */
  attempt: AttemptId | null;
}

const NAMES = ["attacker", "octo", "mona"] as const;

/** What anybody does in a step; the attacker chooses which address a browser opens. */
const aStep = fc.record({
  kind: fc.constantFrom("connect", "ask", "allow", "come-back", "opt-in", "opt-out", "sync", "wait"),
  who: fc.nat(NAMES.length - 1),
  /** Which of the addresses that were opened, or the person's own next one. */
  which: fc.option(fc.nat(20), { freq: 2 }),
});

it("shows nobody's counts on another's profile, and ends no link by another person's act", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 10, maxLength: 60 }), async (steps) => {
      const cloud = createCloud();
      const server = createServer(cloud);
      await server.enable();
      const people = NAMES.map(
        (name): Person => ({
          user: name as UserId,
          account: `${name}-cloud` as AccountId,
          browser: `browser-of-${name.padEnd(8, "-")}` as BrowserId,
          attempt: null,
        }),
      );
      for (const [index, { user }] of people.entries())
        await server.contribute(user, ...Array.from({ length: index + 1 }, () => "2026-03-01T09:00:00Z"));
      // What every browser has opened, and what is about to be: the next address of each.
      const asked: AttemptId[] = [];
      const cameBack: { readonly attempt: AttemptId; readonly code: ConsentCode }[] = [];
      const nextAsk = new Map<Person, AttemptId>();
      const nextBack = new Map<Person, { readonly attempt: AttemptId; readonly code: ConsentCode }>();
      /** The links that somebody has, and whose act may end them. */
      const open = new Map<string, Person>();

      const liveLinks = async () => {
        const live = new Set<string>();
        for (const person of people) {
          const { link } = await server.sharing(person.user);
          if ("consent" in link) live.add(link.consent.linkId);
        }
        return live;
      };

      for (const { kind, who, which } of steps) {
        const person = people[who] as Person;
        const before = await liveLinks();
        switch (kind) {
          case "connect":
            await server.sender.connect(person.user).match(
              ({ attempt }) => {
                person.attempt = attempt;
                nextAsk.set(person, attempt);
              },
              () => undefined,
            );
            break;
          case "ask": {
            const attempt =
              which === null ? nextAsk.get(person) : asked.at(which % Math.max(1, asked.length));
            if (attempt === undefined) break;
            await cloud.receiver.offerConsent({ attempt, browser: person.browser }).unwrapOr(null);
            asked.push(attempt);
            break;
          }
          case "allow": {
            // Whatever page is open in the browser, the person presses the button.
            const attempt =
              which === null ? nextAsk.get(person) : asked.at(which % Math.max(1, asked.length));
            if (attempt === undefined) break;
            const { browser, account } = person;
            await cloud.receiver
              .giveConsent({ attempt, browser, account })
              .map(({ code }) => nextBack.set(person, { attempt, code }))
              .unwrapOr(null);
            asked.push(attempt);
            // The redirection is followed at once, unless the next step is the attacker's in another browser.
            break;
          }
          case "come-back": {
            const address =
              which === null ? nextBack.get(person) : cameBack.at(which % Math.max(1, cameBack.length));
            if (!address) break;
            const isOwn = person.attempt === address.attempt;
            await server.sender.redeem({ user: isOwn ? person.user : null, ...address }).unwrapOr(null);
            cameBack.push(address);
            break;
          }
          case "opt-in":
          case "opt-out":
            await server.sender
              .changeLink(person.user, { type: kind, by: person.user, at: cloud.clock.now() })
              .unwrapOr(null);
            break;
          case "sync":
            await server.sync();
            break;
          case "wait":
            cloud.clock.advance(30_000);
        }

        const after = await liveLinks();
        for (const id of after) if (!open.has(id)) open.set(id, person);
        for (const id of before) if (!after.has(id)) expect(open.get(id), kind).toBe(person);
        for (const [index, { account }] of people.entries()) {
          const shown = await cloud.shown(account);
          expect(shown.filter((sum) => sum !== 0 && sum !== index + 1)).toEqual([]);
        }
      }
    }),
    { numRuns: 300 },
  );
});
