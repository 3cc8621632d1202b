import type { ConnectionId, InstallationId } from "../../domain/identifiers.ts";
import type { RegistrationCommit } from "../../ghec/ports.ts";
import { answerOf, expectEqual, expectFault, expectNotCounted, expectThat, winnersOf } from "../contract.ts";
import { ODD_IDS } from "../odd-ids.ts";
import { openReported } from "./consents.ts";
import {
  after,
  endedOf,
  MONA,
  OTHER_SERVER,
  type ReceiverStoreCheck,
  type RegistrationChanges,
  receiverCheck,
  register,
  registrationOf,
  requestId,
  SERVER,
  shownCounts,
  stored,
} from "./samples.ts";

/** Registrations that together have every field filled. */
const REGISTRATIONS = [
  registrationOf({ epoch: 0, status: "off", session: { attachedBy: null } }),
  registrationOf({ epoch: 2_147_483_647, isConnected: false, status: "off" }),
  registrationOf({
    connectionId: "connection-7" as ConnectionId,
    session: {
      ordinal: 4,
      lastRequestId: requestId(9),
      isCompleted: true,
    },
    readTo: { position: 7, entryId: "entry-7 of the ledger" },
    recordedOff: 2_147_483_646,
  }),
  registrationOf({ readTo: { position: Number.MAX_SAFE_INTEGER, entryId: "" } }),
] as const;

function commitOf(expectedVersion: number, changed: RegistrationChanges = {}): RegistrationCommit {
  return {
    expectedVersion,
    registration: registrationOf(changed),
    hidesUnreported: false,
    ended: [],
    audit: [],
  };
}

/**
 * Returns the commit of a second session's first completed sync, with a link that has ended in the ledger.
 *
 * It hides the links that the session never reported.
 */
function completion(expectedVersion: number): RegistrationCommit {
  const registration = registrationOf({ session: { ordinal: 2, isCompleted: true } });
  return {
    expectedVersion,
    registration,
    hidesUnreported: true,
    ended: [endedOf("b", after(3))],
    audit: [],
  };
}

/** RS1, RS2: registrations. */
export const registrationChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS1", "an installation that was never registered has no registration", async (store) => {
    await register(store);

    expectEqual("the answer", await answerOf(store.loadRegistration(OTHER_SERVER)), null);
  }),

  receiverCheck("RS1", "every field of a registration comes back as it was written", async (store) => {
    for (const registration of REGISTRATIONS) {
      const before = await answerOf(store.loadRegistration(SERVER));
      const expectedVersion = before?.version ?? 0;
      await answerOf(
        store.commitRegistration({
          expectedVersion,
          registration,
          hidesUnreported: false,
          ended: [],
          audit: [],
        }),
      );

      expectEqual("the registration", (await stored(store)).value, registration);
    }
  }),

  receiverCheck("RS1", "installations are told apart by every character of their ids", async (store) => {
    const ids = ODD_IDS.map((id) => id as InstallationId);
    for (const [epoch, installation] of ids.entries()) {
      await answerOf(store.commitRegistration(commitOf(0, { installation, epoch })));
    }

    for (const [epoch, installation] of ids.entries()) {
      const { value: registration } = await stored(store, installation);
      expectEqual("the registration", registration, registrationOf({ installation, epoch }));
    }
  }),

  receiverCheck(
    "RS2",
    "a commit changes the version and answers the one that is loaded then",
    async (store) => {
      const first = await answerOf(store.commitRegistration(commitOf(0)));
      const second = await answerOf(store.commitRegistration(commitOf(first, { epoch: 2 })));

      expectThat(`versions 0, ${first} and ${second} differ`, new Set([0, first, second]).size === 3);
      const expected = { value: registrationOf({ epoch: 2 }), version: second };
      expectEqual("what loadRegistration answers", await stored(store), expected);
    },
  ),

  receiverCheck("RS2", "a commit that expects any version but the stored one conflicts", async (store) => {
    const never = "`commitRegistration` with version 1 of what was never written";
    await expectFault(never, store.commitRegistration(commitOf(1)), "version-conflict");
    const first = await answerOf(store.commitRegistration(commitOf(0)));
    const second = await answerOf(store.commitRegistration(commitOf(first)));

    for (const wrong of [0, first, second + 1]) {
      const call = `\`commitRegistration\` with version ${wrong} over version ${second}`;
      await expectFault(call, store.commitRegistration(commitOf(wrong)), "version-conflict");
    }
  }),

  receiverCheck("RS2", "versions are not counted, so that none comes again", async (store) => {
    const versions: number[] = [];
    for (const epoch of [1, 2, 3, 4]) versions.push(await register(store, { epoch }));

    expectNotCounted(versions);
  }),

  receiverCheck("RS2", "a conflict changes nothing, hides nothing and ends no link", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });
    const before = await stored(store);

    const stale = store.commitRegistration(completion(before.version + 1));
    await expectFault("`commitRegistration` with another version", stale, "version-conflict");

    expectEqual("what loadRegistration answers", await stored(store), before);
    expectEqual("the shown counts", await shownCounts(store), [[3, 1]]);
    expectEqual("those of the link that would have ended", await shownCounts(store, MONA), [[3, 1]]);
  }),

  receiverCheck("RS2", "of many commits at once with the same version exactly one wins", async (store) => {
    const version = await register(store, { epoch: 100 });
    const epochs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    const won = await winnersOf(
      epochs.map((epoch) => store.commitRegistration(commitOf(version, { epoch }))),
      "version-conflict",
    );

    expectEqual("the number of winners", won.length, 1);
    const epoch = won[0]?.index ?? -1;
    const expected = { value: registrationOf({ epoch }), version: won[0]?.value };
    expectEqual("what loadRegistration answers", await stored(store), expected);
  }),
];
