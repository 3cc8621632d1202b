import { type Result, ResultAsync } from "neverthrow";
import type { Answer } from "../domain/answer.ts";
import { summaryOf } from "../domain/event.ts";
import { callPort, TRANSPORT_LATE, TRANSPORT_THREW, type TransportFault } from "../domain/fault.ts";
import type { RequestId } from "../domain/identifiers.ts";
import { inTime } from "../domain/in-time.ts";
import type { Message } from "../domain/message.ts";
import { parseAnswer } from "../domain/parse-answer.ts";
import { startStopwatch } from "../domain/stopwatch.ts";
import type { SenderEvent } from "./events.ts";
import type { SenderConfiguration } from "./options.ts";

/** The parts that are needed to send a message to GitHub Enterprise Cloud. */
interface Asking extends Pick<SenderConfiguration, "onEvent" | "clock" | "transport" | "callDeadlineMs"> {
  /** The random id of the sync that sends the request, or null if no sync does. */
  readonly id: RequestId | null;
  readonly signal: AbortSignal;
}

/** Sends a message and returns the checked answer. Tells the host's listener of both, if there is one. */
export function ask(context: Asking, message: Message): ResultAsync<Answer, TransportFault> {
  const { onEvent } = context;
  return onEvent ? new ResultAsync(askAndTell(context, message, onEvent)) : send(context, message);
}

function send(
  { transport, signal, clock, callDeadlineMs }: Asking,
  message: Message,
  onThrow?: (cause: unknown) => void,
): ResultAsync<Answer, TransportFault> {
  const sent = callPort(() => transport.send(message, signal), TRANSPORT_THREW, onThrow);
  return inTime(clock, callDeadlineMs, sent, TRANSPORT_LATE).andThen((received) =>
    parseAnswer(message, received),
  );
}

async function askAndTell(
  context: Asking,
  message: Message,
  onEvent: (event: SenderEvent) => void,
): Promise<Result<Answer, TransportFault>> {
  const { clock, id: syncId } = context;
  const { requestId } = message;
  const about = { syncId, requestId, message: message.type };
  const records = message.type === "deliver" ? message.records.length : 0;
  onEvent({ type: "request-sent", ...about, records });
  const durationSoFar = startStopwatch(clock);
  let thrown: { readonly cause?: unknown } = {};
  const answer = await send(context, message, (cause) => {
    thrown = { cause };
  });
  const durationMs = durationSoFar();
  if (answer.isOk()) onEvent({ type: "request-answered", ...about, durationMs, ...summaryOf(answer.value) });
  else onEvent({ type: "request-failed", ...about, durationMs, fault: answer.error, ...thrown });
  return answer;
}
