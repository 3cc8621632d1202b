import type { Clock, InstallationId, Random } from "unified-contributions";
import { createMemoryTransport } from "unified-contributions/adapters/memory";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import type { Transport } from "unified-contributions/ghes";
import type { Stores } from "./open-stores.ts";

/** The server. The cloud knows it by authentication; no message names it. */
export const SERVER = "the-server" as InstallationId;

/** The calls that people make on the cloud's pages, and the counts that its profiles show. */
export type CloudPages = Pick<
  Receiver,
  "connectInstallation" | "offerConsent" | "giveConsent" | "shownCounts"
>;

/** The cloud as the story meets it: its pages, and the wire that leads to it. */
export interface Cloud {
  readonly receiver: CloudPages;
  readonly transport: Transport;
}

/** The parts that a cloud shares with the server that reaches it. */
export interface Surroundings {
  readonly clock: Clock;
  /** The cloud's own: a link's id is the same with the cloud in another process. */
  readonly random: Random;
  /** The stores of a cloud in the same process. */
  readonly stores: Stores;
  /** Told of every message as it leaves. */
  readonly onSent: (text: string) => void;
}

/** Makes the way to a cloud. */
export type ReachCloud = (surroundings: Surroundings) => Cloud;

/** A cloud over these stores. */
export function createCloudReceiver({
  clock,
  random,
  stores,
}: Pick<Surroundings, "clock" | "random" | "stores">): Receiver {
  return createReceiver({ store: stores.receiverStore, ledger: stores.ledger, clock, random });
}

/** A cloud in this process, behind a wire that really serializes. */
export const createCloudHere: ReachCloud = ({ onSent, ...parts }) => {
  const receiver = createCloudReceiver(parts);
  const transport = createMemoryTransport({
    handle: (message) => receiver.handle(SERVER, message),
    onBytes: (direction, text) => {
      if (direction === "sent") onSent(text);
    },
  });
  return { receiver, transport };
};
