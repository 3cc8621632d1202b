import { createMemoryReceiverReader } from "unified-contributions/adapters/memory";
import { exportAccount } from "unified-contributions/storage";
import { expect, test } from "vitest";
import { never, untilEnded } from "../../support/hung-parts.ts";
import { createCloud, createServer, OCTO, OCTO_CLOUD, SERVER } from "../../support/world.ts";

test("an access request gets all that is kept of an account, as plain data", async () => {
  const cloud = createCloud();
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.optIn();
  await server.sync();
  const parts = {
    receiver: cloud.receiver,
    reader: createMemoryReceiverReader(cloud.receiverStore),
    clock: cloud.clock,
  };

  const exported = (await exportAccount(parts, OCTO_CLOUD))._unsafeUnwrap();

  expect(exported).toEqual({
    account: OCTO_CLOUD,
    senders: [
      {
        installation: SERVER,
        openedAt: cloud.clock.now(),
        heardAt: cloud.clock.now(),
        countsAt: cloud.clock.now(),
        isOpen: true,
      },
    ],
    unrecorded: [],
    counts: (await cloud.receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap(),
  });
  expect(exported.counts).toHaveLength(1);
  expect(JSON.parse(JSON.stringify(exported))).toEqual(exported);
  expect((await exportAccount(parts, "" as never))._unsafeUnwrapErr()).toMatchObject({
    type: "invalid-identifier",
  });
});

test("an export gives a reader that hangs up after two minutes", async () => {
  const { receiver, clock } = createCloud();
  const exported = exportAccount({ receiver, reader: { loadAccount: never }, clock }, OCTO_CLOUD);
  const { value, steps } = await untilEnded(exported, clock, 60_000);

  expect(value._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
  expect(steps).toBe(2);
});
