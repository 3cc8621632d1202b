// Talking with a process of our own, which answers each order with a report of some type.
import type { ChildProcess, Serializable } from "node:child_process";

/** The reports of a process, each with its type. */
interface Typed {
  readonly type: string;
}

/** Sends an order, and answers the next report of this type. */
export function askChild<Report extends Typed, Type extends Report["type"]>(
  child: ChildProcess,
  order: Serializable,
  type: Type,
): Promise<Extract<Report, { readonly type: Type }>> {
  const answered = reportOfChild<Report, Type>(child, type);
  child.send(order);
  return answered;
}

/** The next report of this type; rejects where the process ends without it. */
export function reportOfChild<Report extends Typed, Type extends Report["type"]>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<Report, { readonly type: Type }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (report: Report): void => {
      if (report.type !== type) return;
      stop();
      resolve(report as Extract<Report, { readonly type: Type }>);
    };
    const onExit = (): void => {
      stop();
      reject(new Error("The process ended by itself."));
    };
    const stop = (): void => {
      child.off("message", onMessage);
      child.off("exit", onExit);
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}
