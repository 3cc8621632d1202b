import { errAsync } from "unified-contributions";
import type { Transport } from "unified-contributions/ghes";
import type { ReceiverStore, SenderStore } from "unified-contributions/storage";
import type { Message } from "unified-contributions/wire";

/** Counts the calls that pass, and does something else at the one that was chosen. */
export interface Trouble {
  /** How many calls there were so far. */
  calls: number;
  /** The call at which it strikes: 1 for the first, or 0 for never. */
  readonly strikesAt: number;
}

/** No trouble at all, or at the call of that number. */
export function troubleAt(strikesAt: number): Trouble {
  return { calls: 0, strikesAt };
}

/** A wire that loses one message: on its way there, or its answer on the way back. */
export function losing(what: "request" | "answer", trouble: Trouble): (transport: Transport) => Transport {
  return (transport) => ({
    send: (message, signal) => {
      trouble.calls++;
      if (trouble.calls !== trouble.strikesAt) return transport.send(message, signal);
      return what === "request" ? lost() : transport.send(message, signal).andThen(lost);
    },
  });
}

/** A wire that loses every message: on its way there, or its answer on the way back. */
export function losingEvery(what: "request" | "answer"): (transport: Transport) => Transport {
  return (transport) =>
    what === "request" ? cut() : { send: (message, signal) => transport.send(message, signal).andThen(lost) };
}

/** A wire on which nothing comes through. */
export function cut(): Transport {
  return { send: lost };
}

function lost(): ReturnType<Transport["send"]> {
  const message = "Nothing came back in time.";
  return errAsync({ type: "transport-fault", reason: "timed-out", retryAfterMs: null, message });
}

/** A wire that once hands out the answer to an earlier message of the same type, which comes late, instead of the right one. */
export function answeringLate(trouble: Trouble): (transport: Transport) => Transport {
  const earlier = new Map<Message["type"], unknown>();
  return (transport) => ({
    send: (message, signal) =>
      transport.send(message, signal).map((answer) => {
        trouble.calls++;
        const late = earlier.get(message.type) ?? answer;
        earlier.set(message.type, answer);
        return trouble.calls === trouble.strikesAt ? late : answer;
      }),
  });
}

/** A wire on which everything that was ever said comes again after each message, in its order, to nobody's ear. */
export function repeatingEverything(said: Message[]): (transport: Transport) => Transport {
  return (transport) => ({
    send: (message, signal) =>
      transport.send(message, signal).andThen((answer) => {
        said.push(message);
        return said
          .reduce(
            (before, earlier) => before.andThen(() => transport.send(earlier, signal)),
            transport.send(message, signal),
          )
          .map(() => answer);
      }),
  });
}

/** The server's process dies at one call of its storage, just before or just after it took hold; nothing works from then on. */
export function dying(when: "before" | "after", trouble: Trouble): (store: SenderStore) => SenderStore {
  let isDead = false;
  return (store) =>
    calledThrough(store, (call) => {
      trouble.calls++;
      if (isDead) throw new Error("The process has died.");
      isDead = trouble.calls === trouble.strikesAt;
      if (!isDead) return call();
      if (when === "before") throw new Error("The process has died.");
      return dieAfter(call);
    });
}

/** The cloud's storage fails at one call, just before or just after it took hold, as when a process dies and another takes its place. */
export function failing(when: "before" | "after", trouble: Trouble): (store: ReceiverStore) => ReceiverStore {
  return (store) =>
    calledThrough(store, (call) => {
      trouble.calls++;
      if (trouble.calls !== trouble.strikesAt) return call();
      if (when === "before") throw new Error("The process has died.");
      return dieAfter(call);
    });
}

/** What took hold is not answered for. */
async function dieAfter(call: () => unknown): Promise<never> {
  await call();
  throw new Error("The process has died.");
}

function calledThrough<Store extends object>(store: Store, through: (call: () => unknown) => unknown): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...input: readonly unknown[]) => unknown;
      return (...input: readonly unknown[]) => through(() => method(...input));
    },
  });
}
