import { ResultAsync } from "neverthrow";
import { isResult } from "../domain/fault.ts";

/**
 * Returns an adapter whose errors name its methods. A call fails if the adapter lacks the method, or if the method
 * answers with anything but a Result. Adapters that are members of it, such as `store` and `reader`, are named too.
 */
export function named<Adapter extends object>(adapter: Adapter): Adapter {
  return new Proxy({} as Adapter, {
    get: (_, name) => {
      // An adapter is not a promise, even if it is awaited.
      if (name === "then") return undefined;
      const member: unknown = Reflect.get(adapter, name);
      if (typeof member === "object" && member !== null) return named(member);
      return (...given: readonly unknown[]) => {
        if (typeof member !== "function") throw new Error(`the adapter has no method \`${String(name)}\``);
        return resultOf(String(name), Reflect.apply(member, adapter, given));
      };
    },
  });
}

function resultOf(name: string, answer: unknown): ResultAsync<unknown, unknown> {
  const answered = Promise.resolve(answer).then((result) => {
    if (isResult(result)) return result;
    throw new Error(
      `\`${name}\` answered with something that is not a Result: return \`okAsync(…)\` or \`errAsync(…)\``,
    );
  });
  return new ResultAsync(answered);
}
