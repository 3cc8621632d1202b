import { createMemorySenderReader } from "unified-contributions/adapters/memory";
import { exportUser } from "unified-contributions/storage";
import { expect, test } from "vitest";
import { never, untilEnded } from "../../support/hung-parts.ts";
import { createCloud, createServer, OCTO } from "../../support/world.ts";

test("an access request gets all that is stored about a user, as plain data", async () => {
  const cloud = createCloud();
  const { clock } = cloud;
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.optIn();
  await server.sync();
  for (let times = 0; times < 600; times++) {
    await server.optOut();
    await server.optIn();
  }
  await server.sync();
  const parts = { store: server.senderStore, reader: createMemorySenderReader(server.senderStore), clock };

  const exported = (await exportUser(parts, OCTO))._unsafeUnwrap();

  const { value } = (await server.senderStore.loadLink(OCTO))._unsafeUnwrap();
  const { audit, ...record } = exported;
  expect(record).toEqual(value);
  expect(record.reported).toMatchObject({ window: { counts: expect.arrayContaining([1]) } });
  expect(audit.length).toBeGreaterThan(1_000);
  expect(audit.every(({ entry }) => entry.user === OCTO)).toBe(true);
  expect(JSON.parse(JSON.stringify(exported))).toEqual(exported);
});

test("a user of whom nothing is stored has an empty export", async () => {
  const cloud = createCloud();
  const { clock } = cloud;
  const server = createServer(cloud);
  const parts = { store: server.senderStore, reader: createMemorySenderReader(server.senderStore), clock };

  expect((await exportUser(parts, OCTO))._unsafeUnwrap()).toEqual({
    user: OCTO,
    link: { status: "never-connected" },
    changes: 0,
    reported: null,
    deletion: null,
    audit: [],
  });
});

test.each(["store", "reader"] as const)(
  "an export gives a %s that hangs up after two minutes",
  async (part) => {
    const cloud = createCloud();
    const { clock } = cloud;
    const { senderStore: store } = createServer(cloud);
    const parts = { store, reader: createMemorySenderReader(store), clock };
    const hanging = { ...parts, [part]: { loadLink: never, loadAudit: never } };
    const { value, steps } = await untilEnded(exportUser(hanging, OCTO), clock, 60_000);

    expect(value._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
    expect(steps).toBe(2);
  },
);
