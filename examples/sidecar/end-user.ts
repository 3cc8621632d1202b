import { err, ok, ResultAsync } from "unified-contributions";
import { systemClock } from "unified-contributions/adapters/system";
import { type DeletionStatus, SETTINGS_SENTENCES } from "unified-contributions/ghes";
import { type Mistake, mistake } from "../demo/mistake.ts";
import { openSidecar, type Setup } from "./open-sidecar.ts";
import type { Task } from "./read-options.ts";

/** Ends the link of a user who is gone from the server, which deletes their counts on the cloud. */
export function endUser(
  setup: Setup,
  { user, reason }: Extract<Task, { type: "end-user" }>,
): ResultAsync<void, Mistake> {
  return openSidecar(setup).andThen(({ sender, close }) => {
    const ended = sender
      .changeLink(user, { type: "end", at: systemClock.now(), reason })
      .andThen(() => sender.sync({ scope: "deletions", signal: setup.signal }))
      .andThen(() => sender.sharing(user))
      .mapErr(({ message }) => mistake(message))
      .andThen(({ deletion }) => {
        const sentence = sentenceOf(deletion);
        return sentence === null ? ok() : err(mistake(sentence));
      });
    return new ResultAsync(Promise.resolve(ended).finally(close));
  });
}

/** Why the counts are not deleted yet; null if they are. */
function sentenceOf({ status }: DeletionStatus): string | null {
  switch (status) {
    case "deleted":
    case "by-owner":
    case "by-cloud":
    case "aged-out":
      return null;
    case "none":
      return "Nothing was ever sent of this user: compare the number with the one in the log.";
    case "pending":
    case "not-found":
    case "left-to-cloud":
      return SETTINGS_SENTENCES.deletion[status];
  }
}
