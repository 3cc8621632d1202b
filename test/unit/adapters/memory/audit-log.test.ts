import type { Instant } from "unified-contributions";
import { expect, test } from "vitest";
import { createAuditLog } from "../../../../src/adapters/memory/audit-log.ts";

const madeAt = (createdAt: number) => ({ createdAt: createdAt as Instant });

test("an audit log gives no id twice, although its last entries were removed", () => {
  const log = createAuditLog([{ id: 7, entry: madeAt(1) }]);
  log.append(madeAt(2));
  log.remove(({ createdAt }) => createdAt === 2);
  log.append(madeAt(3));

  expect(log.all()).toEqual([
    { id: 7, entry: madeAt(1) },
    { id: 9, entry: madeAt(3) },
  ]);
});

test("a backup of an audit log stays as it was", () => {
  const log = createAuditLog([{ id: 1, entry: madeAt(1) }]);
  const backup = log.all();
  log.append(madeAt(2));

  expect(backup).toHaveLength(1);
});
