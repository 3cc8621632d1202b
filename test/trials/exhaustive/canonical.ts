import { mintedAt, type World } from "./world.ts";

/** Fields that never tell two worlds apart: time stands still, and each id is as good as another. */
const SAME = new Set([
  "enabledAt",
  "enabledBy",
  "requestedAt",
  "receivedAt",
  "openedAt",
  "nextSyncAt",
  "expiresAt",
]);

/**
 * One text for all worlds that differ in nothing but the names of their ids. Ids are numbered in the order in which they
 * turn up; what is on the wire is sorted by when it was planned.
 */
export function canonical(world: World): string {
  const names = new Map<string, string>();
  let text = "";
  const write = (value: unknown): void => {
    switch (typeof value) {
      case "string":
        text += value.charCodeAt(0) === 35 ? nameOf(value) : value;
        break;
      case "object":
        if (value === null) text += "~";
        else if (Array.isArray(value)) {
          text += "[";
          for (const entry of value) {
            write(entry);
            text += ",";
          }
          text += "]";
        } else {
          text += "{";
          for (const key in value) {
            if (SAME.has(key)) continue;
            write((value as Record<string, unknown>)[key]);
            text += ",";
          }
          text += "}";
        }
        break;
      default:
        text += String(value);
    }
  };
  const nameOf = (id: string): string => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const name = `#${names.size}`;
    names.set(id, name);
    return name;
  };
  write(world.budget);
  write(world.isForked);
  write(world.wish);
  write(world.offEpoch);
  write(world.truth);
  write(world.unreadable);
  write(world.servers);
  write(world.serverBackup);
  write(world.cloud);
  write(world.cloudBackup);
  write(world.ledger);
  write(world.isLedgerDown);
  write(world.hasCredentials);
  write(world.elsewhere);
  write(world.isMapped);
  write(world.jobs);
  write(world.codes);
  write(world.handed);
  write(world.losses);
  const wire =
    world.wire.length > 1 ? [...world.wire].sort((one, other) => orderOf(one) - orderOf(other)) : world.wire;
  write(wire);
  // Of what was deleted only the links that can still turn up matter.
  for (const ended of [world.deleted, world.lost])
    text += `|${ended
      .flatMap(({ linkId, choice, isWithdrawn }) =>
        names.has(linkId) ? `${names.get(linkId)}/${choice}${isWithdrawn}` : [],
      )
      .sort()
      .join()}`;
  text += `|${world.caused
    .flatMap(({ linkId, choice }) => (names.has(linkId) ? `${names.get(linkId)}/${choice}` : []))
    .sort()
    .join()}|${world.causedOff}`;
  return text;
}

/** By when they were planned, messages before answers. */
function orderOf({ message, answer }: World["wire"][number]): number {
  return 2 * mintedAt(message.requestId) + (answer ? 1 : 0);
}

/** A 53-bit hash of a text: two such texts of a million collide once in ten thousand searches. */
export function hashOf(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
