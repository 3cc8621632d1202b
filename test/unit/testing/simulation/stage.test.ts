import { describe, expect, it } from "vitest";
import { createStage, type Stage } from "../../../../src/testing/simulation/stage.ts";

function stageWithThrows(): { stage: Stage; thrown: unknown[] } {
  const thrown: unknown[] = [];
  return { stage: createStage((each) => thrown.push(each)), thrown };
}

describe("a stage", () => {
  it("runs work until it pauses, and on when it is resumed", async () => {
    const { stage } = stageWithThrows();
    const seen: string[] = [];
    let go: (word: string) => void = () => undefined;
    stage.start({ name: "a" }, async () => {
      seen.push("begun");
      const pause = stage.pause<string>();
      go = pause.resume;
      seen.push(await pause.promise);
    });
    await stage.settle();
    expect(seen).toEqual(["begun"]);
    expect(stage.current()).toBeNull();

    go("resumed");
    await stage.settle();

    expect(seen).toEqual(["begun", "resumed"]);
  });

  it("returns the result of the work", async () => {
    const { stage } = stageWithThrows();
    const ended: number[] = [];

    stage.start(
      { name: "a" },
      () => Promise.resolve(42),
      (value) => ended.push(value),
    );
    await stage.settle();

    expect(ended).toEqual([42]);
  });

  it("lets a process die with all its work, which never goes on", async () => {
    const { stage } = stageWithThrows();
    const process = { name: "a" };
    const seen: string[] = [];
    let resume: () => void = () => undefined;
    stage.start(process, async () => {
      const pause = stage.pause<void>();
      resume = pause.resume;
      await pause.promise;
      seen.push("went on");
    });
    stage.start(process, () => stage.die());
    await stage.settle();

    resume();
    await stage.settle();

    expect(seen).toEqual([]);
  });

  it("resumes a pause only once", async () => {
    const { stage } = stageWithThrows();
    const seen: string[] = [];
    let resume: (word: string) => void = () => undefined;
    stage.start({ name: "a" }, async () => {
      const pause = stage.pause<string>();
      resume = pause.resume;
      seen.push(await pause.promise);
    });
    await stage.settle();

    resume("first");
    await stage.settle();
    resume("second");
    await stage.settle();

    expect(seen).toEqual(["first"]);
  });

  it("waits for work that leaves the simulation, such as that of a real database", async () => {
    const { stage } = stageWithThrows();
    const ended: string[] = [];

    stage.start(
      { name: "a" },
      () => new Promise<string>((resolve) => setTimeout(resolve, 5, "answered")),
      (value) => ended.push(value),
    );
    await stage.settle();

    expect(ended).toEqual(["answered"]);
  });

  it("reports a thrown value", async () => {
    const { stage, thrown } = stageWithThrows();

    stage.start({ name: "a" }, () => Promise.reject(new Error("a bug")));
    await stage.settle();

    expect(thrown).toEqual([new Error("a bug")]);
  });

  describe("with a process that does several things at once", () => {
    it("waits until each of its activities has gone as far as it can", async () => {
      const { stage } = stageWithThrows();
      const process = { name: "a", isShared: true };
      const seen: string[] = [];
      const first = stage.pauseIn<string>(process);
      stage.start(process, async () => {
        seen.push(await Promise.race([first.promise, stage.pauseIn<string>(process).promise]));
      });
      stage.start(process, async () => {
        seen.push(`too, ${await first.promise}`);
      });
      await stage.settle();
      expect(seen).toEqual([]);

      first.resume("one");
      await stage.settle();

      expect(seen).toEqual(["too, one", "one"]);
    });

    it("delivers the results when everything is quiet, in the order in which the work ended", async () => {
      const { stage } = stageWithThrows();
      const process = { name: "a", isShared: true };
      const ended: number[] = [];
      for (const value of [1, 2]) {
        stage.start(
          process,
          () => stage.outside(() => new Promise<number>((resolve) => setTimeout(resolve, 5, value))),
          (come) => ended.push(come),
        );
      }

      await stage.settle();

      expect(ended).toEqual([1, 2]);
    });

    it("resumes none of its work once it has died", async () => {
      const { stage } = stageWithThrows();
      const process = { name: "a", isShared: true };
      const seen: string[] = [];
      const pause = stage.pauseIn<void>(process);
      stage.start(process, async () => {
        await pause.promise;
        seen.push("went on");
      });
      await stage.settle();

      stage.kill(process);
      pause.resume();
      await stage.settle();

      expect(stage.isAlive(process)).toBe(false);
      expect(seen).toEqual([]);
    });
  });
});
