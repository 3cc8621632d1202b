// Both sides for the journeys: over memory, and over a database in the projects that are named after one.
import type { SenderStore } from "unified-contributions/storage";
import { STORAGE, type Stored } from "./storage.ts";
import { type Cloud, createCloudOver, createServerOver, type ServerParts, START } from "./world.ts";

export { type Cloud, OCTO, OCTO_CLOUD, OWNER, SERVER, type Server, type ServerParts } from "./world.ts";

/** The cloud's side over the project's storage. */
export function createCloud(start = START, seed = 1) {
  return createCloudOver(STORAGE.receiverStore(), STORAGE.ledger(), start, seed);
}

/**
 * A server's side over the project's storage, leading to a cloud.
 *
 * @param parts the storage among them: given again, it is the same server after a restart
 */
export function createServer(
  cloud: Cloud,
  { senderStore = STORAGE.senderStore(), ...parts }: ServerParts & { senderStore?: Stored<SenderStore> } = {},
) {
  return createServerOver(senderStore, cloud, parts);
}

/** Both sides, with one server. */
export function createWorld(start = START) {
  const cloud = createCloud(start);
  return { ...cloud, ...createServer(cloud), cloud };
}
