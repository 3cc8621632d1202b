import { beforeEach, inject } from "vitest";

// A setup file: every test of a database that this machine does not have is skipped, and says why.
const database = inject("database");
if (database?.type === "missing") {
  const { reason } = database;
  beforeEach(({ skip }) => skip(reason));
}
