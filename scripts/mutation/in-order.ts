import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Returns a sequencer of Vitest that runs files in the order of their places. */
export function inOrderOf(placeOf: (moduleId: string) => number): typeof BaseSequencer {
  return class extends BaseSequencer {
    override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return Promise.resolve([...files].sort((a, b) => placeOf(a.moduleId) - placeOf(b.moduleId)));
    }
  };
}
