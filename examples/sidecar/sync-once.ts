import { err, ok, ResultAsync } from "unified-contributions";
import type { SyncReport } from "unified-contributions/ghes";
import { type Mistake, mistake } from "../demo/mistake.ts";
import { openSidecar, type Setup } from "./open-sidecar.ts";

/** Syncs once, without pages. Anything but a sync in which everything was answered is a mistake. */
export function syncOnce(setup: Setup): ResultAsync<void, Mistake> {
  return openSidecar(setup).andThen(({ syncEverybody, close }) => {
    const synced = syncEverybody({ signal: setup.signal })
      .mapErr(({ message }) => mistake(message))
      .andThen((report) => (report.outcome === "completed" ? ok() : err(mistake(sentenceOf(report)))));
    return new ResultAsync(Promise.resolve(synced).finally(close));
  });
}

function sentenceOf({ outcome, failed, isContested, fault }: SyncReport): string {
  switch (outcome) {
    case "completed":
      return "Everything was answered.";
    case "incomplete":
      return isContested
        ? "Another copy of this server holds the session: stop the wrong one, and take over on the owner's page."
        : `The counts of ${failed} users could not be sent: each has a line above that says why.`;
    case "failed":
      return fault && "message" in fault
        ? fault.message
        : "The cloud rejected the request: see the lines above.";
    case "aborted":
      return "The sync was ended before it was over: start it again.";
    case "busy":
      return "Another process of this server syncs now, or was killed within the last minute: try again later.";
    case "not-connected":
      return "GitHub Connect is off: start the sidecar again, which turns it on.";
  }
}
