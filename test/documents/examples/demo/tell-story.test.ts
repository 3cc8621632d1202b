import { rmSync } from "node:fs";
import { type CalendarDate, okAsync, windowEndingOn } from "unified-contributions";
import { expect, it } from "vitest";
import { wordsIn } from "../../../../examples/demo/bytes-sent.ts";
import { SERVER } from "../../../../examples/demo/cloud.ts";
import { createEnterprise } from "../../../../examples/demo/enterprise.ts";
import { createPage } from "../../../../examples/demo/page.ts";
import { tellStory } from "../../../../examples/demo/tell-story.ts";
import { type Author, readHistory } from "../../../../examples/sources/git.ts";
import { newRepository } from "../git-repository.ts";

it("no name, address, title, path or id of the host is in any byte that leaves in the whole story", async () => {
  const repository = newRepository([
    {
      author: "Ada Lovelace <ada@example.com>",
      at: "2026-02-28T23:30:00-08:00",
      title: "Nightjar takes off",
    },
    { author: "Ada Lovelace <ada@example.com>", at: "2026-03-01T10:15:00+00:00", title: "Nightjar lands" },
    { author: "Grace Hopper <grace@example.com>", at: "2026-03-01T11:00:00+05:30", title: "Find a moth" },
  ]);
  const days = windowEndingOn("2026-03-01" as CalendarDate);
  const history = (await readHistory(repository, days))._unsafeUnwrap();
  rmSync(repository, { recursive: true });
  const hero = history.authors[0] as Author;
  const enterprise = createEnterprise(history.authors, days.last);
  let told = "";
  const page = createPage((text) => {
    told += text;
  }, false);

  const story = await tellStory({
    page,
    enterprise,
    history,
    hero,
    days,
    printsAllBytes: false,
    savePicture: () => okAsync("contributions.svg"),
  });

  expect(story.isOk()).toBe(true);
  const bytes = enterprise.sent.join("\n");
  expect(bytes.match(/"type":"report"/g)).toHaveLength(3);
  const secrets = ["Ada", "Lovelace", "Grace", "Hopper", "example.com", "@", "Nightjar", "moth", "secret"];
  const alsoSecret = ["path.txt", repository, SERVER, "account-", "T10:15", "-08:00", "+05:30", "commit"];
  expect([...secrets, ...alsoSecret].filter((secret) => bytes.includes(secret))).toEqual([]);
  expect(told).toContain("Ada Lovelace");
  expect(told).toContain("Nightjar lands");
  expect(wordsIn(enterprise.sent)).toEqual([
    "GitHub Enterprise Server",
    "after",
    "attach",
    "attempt",
    "choice",
    "code",
    "complete",
    "counts",
    "deliver",
    "disable",
    "enable",
    "epoch",
    "featureSwitch",
    "first",
    "follows",
    "heardTo",
    "linkId",
    "off",
    "push",
    "records",
    "redeem",
    "replaces",
    "report",
    "requestId",
    "sessionId",
    "source",
    "status",
    "type",
    "version",
    "withdraw",
  ]);
});
