import { describe, expect, it } from "vitest";
import { callListener, safeListener } from "../../../src/domain/call-listener.ts";

describe("a listener of the host's", () => {
  it("is told", () => {
    const told: number[] = [];

    callListener((number: number) => told.push(number), 7);

    expect(told).toEqual([7]);
  });

  it("is optional", () => {
    expect(() => callListener(undefined, 7)).not.toThrow();
  });

  it("changes nothing by throwing", () => {
    const boom = (): void => {
      throw new Error("a display");
    };

    expect(() => callListener(boom, 7)).not.toThrow();
  });

  it("leaves no unhandled rejection, for which vitest would fail this test", async () => {
    callListener(() => Promise.reject(new Error("a display")), 7);
    callListener(async () => {
      throw new Error("a display");
    }, 7);
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
});

describe("a safe listener", () => {
  it("is undefined if none is given", () => {
    expect(safeListener("createSender", undefined)).toBeUndefined();
  });

  it("calls the host's listener, and never throws", () => {
    const told: number[] = [];
    const listener = safeListener("createSender", (number: number) => {
      told.push(number);
      throw new Error("a display");
    });

    expect(() => listener?.(7)).not.toThrow();
    expect(told).toEqual([7]);
  });

  it("has to be a function", () => {
    expect(() => safeListener("createSender", "log" as never)).toThrow(
      new TypeError("createSender: `onEvent` has to be a function."),
    );
  });
});
