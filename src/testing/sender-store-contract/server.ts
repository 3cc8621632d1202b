import type { Versioned } from "../../domain/decision.ts";
import type { RequestId, UserId } from "../../domain/identifiers.ts";
import { NEW_SERVER, type ServerState } from "../../ghes/server-state.ts";
import { answerOf, expectEqual, expectFault, expectNotCounted, expectThat, winnersOf } from "../contract.ts";
import {
  after,
  auditLogOf,
  auditOf,
  choose,
  HOUR_MS,
  linkId,
  MONA,
  NOW,
  OCTO,
  OPTED_OUT,
  OTHER_SESSION,
  pendingIds,
  recordOf,
  reported,
  SESSION,
  type SenderStoreCheck,
  SIGNATURE,
  senderCheck,
  sending,
  serverCommit,
  withdrawal,
  withdrawn,
} from "./samples.ts";

const REQUEST = "request_0123456789" as RequestId;

/** States that together have every field filled and every member of each union. */
const STATES: readonly ServerState[] = [
  {
    settings: { status: "disabled", connectionOrdinal: 1, platform: { type: "github.com" }, disabled: null },
    featureSwitch: { epoch: 0, status: "off" },
    disabling: null,
    session: { status: "detached", replaces: SESSION, requestId: REQUEST },
    knownSessions: [OTHER_SESSION, SESSION],
    heardTo: { position: 7, entryId: "entry-7-of-the-ledger" },
    inFlight: REQUEST,
    lease: { id: REQUEST, until: after(HOUR_MS), leaseMs: HOUR_MS },
    deletionsAskedBy: REQUEST,
    failures: 3,
    lastFault: { type: "transport-fault", reason: "busy", retryAfterMs: 5_000, message: "Come back later." },
    lastSyncAt: null,
    lastFailed: 3,
    nextSyncAt: after(1),
    nextSyncWaitMs: HOUR_MS,
  },
  {
    settings: {
      status: "enabled",
      connectionOrdinal: 2,
      platform: { type: "ghe.com", subdomain: "octo-corp" },
      enabledAt: NOW,
      enabledBy: "owner" as UserId,
      askedAfter: 4,
      epoch: 2_147_483_647,
    },
    featureSwitch: { epoch: 2_147_483_647, status: "on" },
    disabling: {
      epoch: 4,
      requestedAt: NOW,
      receipt: { epoch: 5, disabledAt: after(1), signature: SIGNATURE },
    },
    session: {
      status: "attached",
      sessionId: SESSION,
      follows: [REQUEST, "request_9876543210" as RequestId],
      isCompleted: true,
    },
    knownSessions: [],
    heardTo: null,
    inFlight: null,
    lease: null,
    deletionsAskedBy: null,
    failures: 0,
    lastFault: null,
    lastSyncAt: NOW,
    lastFailed: 0,
    nextSyncAt: null,
    nextSyncWaitMs: 0,
  },
  { ...NEW_SERVER, session: { status: "contested", current: OTHER_SESSION } },
];

/** Returns a state that its number identifies. */
function state(failures: number): ServerState {
  return { ...NEW_SERVER, failures };
}

/** SS1, SS2: the server's state, and everything else that one commit of it stores. */
export const serverChecks: readonly SenderStoreCheck[] = [
  senderCheck("SS1", "a store that nothing was written to has a new server at version 0", async (store) => {
    const loaded = await answerOf(store.loadServer());

    const expected: Versioned<ServerState> = { value: NEW_SERVER, version: 0 };
    expectEqual("what loadServer answers", loaded, expected);
  }),

  senderCheck("SS1", "every field of the state comes back as it was written", async (store) => {
    for (const server of STATES) {
      const before = await answerOf(store.loadServer());
      await answerOf(store.commitServer(serverCommit(before.version, { server })));

      const { value } = await answerOf(store.loadServer());
      expectEqual("the state", value, server);
    }
  }),

  senderCheck(
    "SS2",
    "a commit changes the version and answers the one that is loaded then",
    async (store) => {
      const first = await answerOf(store.commitServer(serverCommit(0, { server: state(1) })));
      const second = await answerOf(store.commitServer(serverCommit(first, { server: state(2) })));

      const loaded = await answerOf(store.loadServer());
      expectThat(`versions 0, ${first} and ${second} differ`, new Set([0, first, second]).size === 3);
      expectEqual("what loadServer answers", loaded, { value: state(2), version: second });
    },
  ),

  senderCheck("SS2", "a commit that expects any version but the stored one conflicts", async (store) => {
    const never = "`commitServer` with version 1 of what was never written";
    await expectFault(never, store.commitServer(serverCommit(1)), "version-conflict");
    const first = await answerOf(store.commitServer(serverCommit(0)));
    const second = await answerOf(store.commitServer(serverCommit(first)));

    for (const wrong of [0, first, second + 1]) {
      const call = `\`commitServer\` with version ${wrong} over version ${second}`;
      await expectFault(call, store.commitServer(serverCommit(wrong)), "version-conflict");
    }
  }),

  senderCheck("SS2", "versions are not counted, so that none comes again", async (store) => {
    const versions: number[] = [];
    for (const failures of [1, 2, 3, 4]) {
      const { version } = await answerOf(store.loadServer());
      versions.push(await answerOf(store.commitServer(serverCommit(version, { server: state(failures) }))));
    }

    expectNotCounted(versions);
  }),

  senderCheck("SS2", "a conflict changes nothing", async (store) => {
    await choose(store, OCTO, OPTED_OUT, withdrawal("a"));
    await choose(store, OCTO, sending("b"));
    const version = await answerOf(store.commitServer(serverCommit(0, { server: state(1) })));
    const before = await recordOf(store, OCTO);

    const stale = store.commitServer({
      expectedVersion: 0,
      server: state(2),
      audit: auditOf(OCTO),
      reported: [{ user: OCTO, reported: reported("b") }],
      withdrawn: [withdrawn("a")],
    });
    await expectFault(`\`commitServer\` with version 0 over version ${version}`, stale, "version-conflict");

    expectEqual("the server", await answerOf(store.loadServer()), { value: state(1), version });
    expectEqual("the user's record", await recordOf(store, OCTO), before);
    expectEqual("the pending withdrawals", await pendingIds(store), [linkId("a")]);
    expectEqual("the audit log", await auditLogOf(store), []);
  }),

  senderCheck("SS2", "of many commits at once with the same version exactly one wins", async (store) => {
    await choose(store, OCTO, sending("a"));
    const version = await answerOf(store.commitServer(serverCommit(0)));
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    const won = await winnersOf(
      numbers.map((number) =>
        store.commitServer(
          serverCommit(version, {
            server: state(number),
            audit: { ...auditOf(OCTO), createdAt: after(number) },
            reported: [{ user: OCTO, reported: reported("a", { changes: number }) }],
          }),
        ),
      ),
      "version-conflict",
    );

    expectEqual("the number of winners", won.length, 1);
    const { value, version: stored } = await answerOf(store.loadServer());
    expectEqual("the version", stored, won[0]?.value);
    expectEqual("the state", value, state(1 + (won[0]?.index ?? 0)));
    expectEqual(
      "what was acknowledged",
      (await recordOf(store, OCTO)).reported,
      reported("a", { changes: value.failures }),
    );
    const entries = (await auditLogOf(store)).map(({ createdAt }) => createdAt);
    expectEqual("the audit log", entries, [after(value.failures)]);
  }),

  senderCheck("SS2", "the audit entry of a commit is stored, none where there is none", async (store) => {
    const first = await answerOf(store.commitServer(serverCommit(0, { audit: auditOf(OCTO) })));
    const second = await answerOf(store.commitServer(serverCommit(first)));
    await answerOf(store.commitServer(serverCommit(second, { audit: auditOf(MONA) })));

    expectEqual("the audit log", await auditLogOf(store), [auditOf(OCTO), auditOf(MONA)]);
  }),
];
