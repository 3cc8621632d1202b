import type { ReceiverEvent } from "../../ghec/events.ts";
import type { SenderEvent } from "../../ghes/events.ts";
import type { HttpHandlerEvent, HttpTransportEvent } from "../http/events.ts";
import type { PostgresEvent } from "../postgres/events.ts";

/** Every event that any part of the library tells its host. */
export type LibraryEvent =
  | SenderEvent
  | ReceiverEvent
  | HttpHandlerEvent
  | HttpTransportEvent
  | PostgresEvent;
