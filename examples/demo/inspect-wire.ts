import type { LinkId } from "unified-contributions";
import { bytesOf, lastRecordOf, prettyJson, typeOf, wordsIn } from "./bytes-sent.ts";
import { counted, type Scene } from "./scene.ts";

/** How much of a long message is shown if not every byte is asked for, in characters. */
const SHOWN = 616;

/** How many messages are listed one by one if not every byte is asked for. */
const LISTED = 12;

/** How many counts stand in a row. */
const COUNTS_IN_ROW = 15;

/** Everything that has left so far, and that nothing else has. */
export function tellWhatLeft({ page, enterprise, hero, printsAllBytes }: Scene, linkId: LinkId): void {
  const { sent } = enterprise;
  page.chapter("What left the server");
  page.write(`All that left about ${hero.name} is this record; the link is a random id that the cloud made:`);
  page.verbatim(prettyJson(lastRecordOf(linkId, sent), COUNTS_IN_ROW));

  page.write(
    `And this is all that left so far, ${counted(sent.length, "message")} of ${counted(bytesOf(sent), "byte")}:`,
  );
  const listed = printsAllBytes ? sent : sent.slice(0, LISTED);
  for (const [index, message] of listed.entries()) {
    const shown = printsAllBytes ? message : message.slice(0, SHOWN);
    const rest = message.length - shown.length;
    page.verbatim(
      `${index + 1}. ${typeOf(message)}, ${counted(bytesOf([message]), "byte")}\n${shown}` +
        (rest > 0 ? `\n… and ${counted(rest, "character")} more; --bytes shows them.` : ""),
    );
  }
  if (listed.length < sent.length)
    page.write(`… and ${counted(sent.length - listed.length, "message")} more; --bytes shows them.`);

  page.write("But for numbers, days and random ids, every word in those bytes is one of these:");
  page.write(wordsIn(sent).join(" · "));
}
