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

/** What a browser brings back to the server. */
interface Address {
  readonly attempt: AttemptId;
  readonly code: ConsentCode;
}

const NAMES = ["attacker", "octo", "mona"] as const;

/** What anybody does in a step; the attacker chooses which address a browser opens. */
const aStep = fc.record({
  kind: fc.constantFrom(
    ...(["connect", "connect", "ask", "allow", "allow", "come-back", "come-back"] as const),
    ...(["opt-in", "opt-in", "opt-out", "wait"] as const),
  ),
  who: fc.constantFrom(0, 0, 1, 2),
  /** Which of the addresses that the attacker knows, 0 for the newest; null for the person's own next one. */
  which: fc.option(fc.constantFrom(0, 0, 0, 1), { freq: 3 }),
  /** Whether a browser follows the way back at once. */
  follows: fc.boolean(),
});

it("never shows one person's counts on another's profile, or ends a link by another person's act", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 30, maxLength: 60, size: "max" }), async (steps) => {
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
      // What the attacker knows: every address that a browser has opened, and his own before. And the next one of each.
      const asked: AttemptId[] = [];
      const cameBack: Address[] = [];
      const nextAsk = new Map<Person, AttemptId>();
      const nextBack = new Map<Person, Address>();
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

      const comeBack = async (person: Person, address: Address): Promise<void> => {
        const isOwn = person.attempt === address.attempt;
        await server.sender.redeem({ user: isOwn ? person.user : null, ...address }).unwrapOr(null);
        cameBack.push(address);
      };

      for (const { kind, who, which, follows } of steps) {
        const person = people[who] as Person;
        const before = await liveLinks();
        switch (kind) {
          case "connect":
            await server.sender.connect(person.user).match(
              ({ attempt }) => {
                person.attempt = attempt;
                nextAsk.set(person, attempt);
                if (who === 0) asked.push(attempt);
              },
              () => undefined,
            );
            break;
          case "ask": {
            const attempt = which === null ? nextAsk.get(person) : asked.at(-1 - which);
            if (attempt === undefined) break;
            await cloud.receiver.offerConsent({ attempt, browser: person.browser }).unwrapOr(null);
            asked.push(attempt);
            break;
          }
          case "allow": {
            // Whatever page is open in the browser, the person presses the button.
            const attempt = which === null ? nextAsk.get(person) : asked.at(-1 - which);
            if (attempt === undefined) break;
            const { browser, account } = person;
            const code = await cloud.receiver.giveConsent({ attempt, browser, account }).match(
              (given) => given.code,
              () => null,
            );
            asked.push(attempt);
            if (code === null) break;
            nextBack.set(person, { attempt, code });
            if (who === 0) cameBack.push({ attempt, code });
            if (follows) await comeBack(person, { attempt, code });
            break;
          }
          case "come-back": {
            const address = which === null ? nextBack.get(person) : cameBack.at(-1 - which);
            if (address) await comeBack(person, address);
            break;
          }
          case "opt-in":
          case "opt-out":
            await server.sender
              .changeLink(person.user, { type: kind, by: person.user, at: cloud.clock.now() })
              .unwrapOr(null);
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
    { numRuns: 150 },
  );
});
