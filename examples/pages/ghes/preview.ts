import {
  type CalendarDate,
  dateOfInstant,
  errAsync,
  okAsync,
  type ResultAsync,
  type UserId,
  windowEndingOn,
} from "unified-contributions";
import {
  type BuiltPayload,
  buildPayload,
  buildPayloadFromChunks,
  buildPayloadFromDailyCounts,
  type Sharing,
  type UserContributions,
} from "unified-contributions/ghes";
import type { ServerHost } from "./server-host.ts";

/** What stands in a preview for a link that the cloud has not made yet. */
const NO_LINK_YET = "a random id, which the cloud makes";

const UNREAD = { message: "Your contributions cannot be read now." };

/**
 * The record that the next sync would send about a user, byte for byte, or why it cannot be built. It is made of what
 * the source says now, by the function that the sender itself uses.
 */
export function previewOf(
  { source, clock }: ServerHost,
  user: UserId,
  link: Sharing["link"],
): ResultAsync<string, { readonly message: string }> {
  const today = dateOfInstant(clock.now());
  const linkId = "consent" in link ? link.consent.linkId : NO_LINK_YET;
  return source
    .read({ users: [user], days: windowEndingOn(today), signal: AbortSignal.timeout(10_000) })
    .andThen((read) => {
      const contributions = read.get(user);
      return contributions ? build(contributions, today) : errAsync(UNREAD);
    })
    .map(({ payload: { source: name, first, counts } }) =>
      JSON.stringify({ type: "report", linkId, source: name, first, counts }),
    );
}

function build(
  contributions: UserContributions,
  today: CalendarDate,
): ResultAsync<BuiltPayload, { readonly message: string }> {
  switch (contributions.type) {
    case "contributions":
      return okAsync(undefined).andThen(() => buildPayload(contributions.contributions, today));
    case "daily-counts":
      return okAsync(undefined).andThen(() => buildPayloadFromDailyCounts(contributions.dailyCounts, today));
    case "chunks":
      return buildPayloadFromChunks(contributions.chunks, today);
    case "source-fault":
      return errAsync(contributions);
  }
}
