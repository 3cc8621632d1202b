import { errAsync, type ResultAsync } from "neverthrow";
import type { StorageFault, TransportFault } from "unified-contributions";
import type { Transport } from "unified-contributions/ghes";
import type { VersionConflict } from "unified-contributions/storage";
import type { Message } from "unified-contributions/wire";

/** What is done in place of one call of a method; `proceed` makes the call as it was meant. */
type Intervention<Method> = Method extends (...given: infer Given) => infer Answer
  ? (proceed: () => Answer, ...given: Given) => Answer
  : never;

/** A port that does what it should, but where it was told otherwise. */
export interface Intercepted<Port> {
  readonly port: Port;
  /** Which methods were called so far, oldest first. */
  readonly calls: PropertyKey[];
  /** The next calls of this method are replaced, one by each of these. */
  on<Name extends keyof Port>(name: Name, ...interventions: Intervention<Port[Name]>[]): void;
}

/** Puts a port under one's own hands. */
export function intercept<Port extends object>(port: Port): Intercepted<Port> {
  type Step = (proceed: () => unknown, ...given: readonly unknown[]) => unknown;
  const queues = new Map<PropertyKey, Step[]>();
  const calls: PropertyKey[] = [];
  const proxy = new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...given: readonly unknown[]): unknown => {
        calls.push(name);
        const proceed = (): unknown => Reflect.apply(method, target, given);
        const step = queues.get(name)?.shift();
        return step ? step(proceed, ...given) : proceed();
      };
    },
  });
  return {
    port: proxy,
    calls,
    on: (name, ...interventions) => {
      queues.set(name, [...(queues.get(name) ?? []), ...(interventions as readonly unknown[] as Step[])]);
    },
  };
}

export const STORAGE_AWAY: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The storage is away.",
};

/** The call goes through. */
export const pass = <Answer>(proceed: () => Answer): Answer => proceed();

/** The call goes through, and what it was given is noted. */
export function noting<Given>(noted: Given[]): <Answer>(proceed: () => Answer, given: Given) => Answer {
  return (proceed, given) => {
    noted.push(given);
    return proceed();
  };
}

/** The storage is away, and nothing of the call was applied. */
export const storageAway = (): ResultAsync<never, StorageFault> => errAsync(STORAGE_AWAY);

/** Somebody else wrote first. */
export const conflict = (): ResultAsync<never, VersionConflict> => errAsync({ type: "version-conflict" });

/** An adapter that breaks its contract. */
export const throws = (): never => {
  throw new Error("acme/secret");
};

export const UNREACHABLE: TransportFault = {
  type: "transport-fault",
  reason: "unreachable",
  retryAfterMs: null,
  message: "The receiver is away.",
};

type Send = Transport["send"];

/** What becomes of one message; `proceed` delivers it. */
export type Mishap = (proceed: () => ReturnType<Send>, message: Message) => ReturnType<Send>;

/** A wire that says what crossed it, and on which any message can meet with a mishap. */
export interface Wire extends Transport {
  /** All that left so far, oldest first. */
  readonly sent: Message[];
  /** The next messages of this type meet with these, one each. */
  on(type: Message["type"], ...mishaps: Mishap[]): void;
}

/** Lays a wire before a transport. */
export function createWire(transport: Transport): Wire {
  const sent: Message[] = [];
  const queues = new Map<Message["type"], Mishap[]>();
  return {
    sent,
    on: (type, ...mishaps) => {
      queues.set(type, [...(queues.get(type) ?? []), ...mishaps]);
    },
    send: (message, signal) => {
      sent.push(message);
      const proceed = (): ReturnType<Send> => transport.send(message, signal);
      const mishap = queues.get(message.type)?.shift();
      return mishap ? mishap(proceed, message) : proceed();
    },
  };
}

/** The message never arrives. */
export const lost: Mishap = () => errAsync(UNREACHABLE);

/** The message arrives, and its answer does not. */
export const answerLost: Mishap = (proceed) => proceed().andThen(() => errAsync(UNREACHABLE));

/** The message never arrives, and this is why. */
export function failing(fault: Partial<TransportFault>): Mishap {
  return () => errAsync({ ...UNREACHABLE, ...fault });
}

/** The message arrives, and something else is made of its answer. */
export function garbled(change: (answer: object) => unknown): Mishap {
  return (proceed) => proceed().map((answer) => change(answer as object));
}

/** The message arrives; before its answer does, this happens. */
export function meanwhile(happens: () => Promise<void>): Mishap {
  return (proceed) =>
    proceed().map(async (answer) => {
      await happens();
      return answer;
    });
}

/** Lets something happen, and then goes on with what was read. */
export function pausedFor(happens: () => Promise<void>): <Read>(read: Read) => Promise<Read> {
  return async (read) => {
    await happens();
    return read;
  };
}
