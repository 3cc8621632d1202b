import type { DeletedLink, InstallationDetails } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import {
  accountLines,
  installationLines,
  receiptLines,
} from "../../../../src/adapters/postgres/inspect-text.ts";
import {
  day,
  EARLIER,
  FIRST_CONNECTION,
  HQ,
  LAB,
  linkId,
  NOW,
  OCTO_ACCOUNT,
} from "../../../support/values.ts";

const NONE = { atLeast: 0, isExact: true };
const exactly = (atLeast: number) => ({ atLeast, isExact: true });

describe("what is said of an installation", () => {
  const INSTALLATION: InstallationDetails = {
    installation: HQ,
    isConnected: true,
    connectionId: null,
    featureSwitch: { epoch: 4, status: "off" },
    disabledAt: null,
    session: { isAttached: true, isCompleted: false },
    isRecorded: true,
    links: { open: NONE, withCounts: NONE, unswept: NONE, unrecorded: NONE, newestCountsAt: null },
  };

  it("is one line per thing, and leaves out an unknown time", () => {
    expect(installationLines(INSTALLATION)).toEqual([
      'The installation "hq" is connected, by a connection without an id.',
      "The switch is off, in epoch 4: nothing of it is shown, and no report is taken.",
      "A server holds the session, and has not completed a sync in it yet.",
      "0 accounts let it send, and the counts of 0 are held.",
      "0 links of epochs that are over wait for the sweep.",
      "0 deleted links wait for the ledger, and nothing is acknowledged before.",
    ]);
  });

  it("is when the newest counts came, the work that waits, and how far it was counted", () => {
    const installation: InstallationDetails = {
      ...INSTALLATION,
      ...{ connectionId: FIRST_CONNECTION, isRecorded: false },
      featureSwitch: { epoch: 4, status: "on" },
      session: { isAttached: true, isCompleted: true },
      links: {
        open: exactly(1),
        withCounts: { atLeast: 1, isExact: false },
        ...{ unswept: exactly(1), unrecorded: exactly(1), newestCountsAt: NOW },
      },
    };

    expect(installationLines(installation)).toEqual([
      'The installation "hq" is connected, by the connection "connection-1".',
      "The switch is on, in epoch 4.",
      "A server holds the session, and has completed a sync in it.",
      "1 account lets it send, and the counts of at least 1 are held. The newest came at 2026-03-01T12:00:00Z.",
      "1 link of an epoch that is over waits for the sweep.",
      "1 deleted link waits for the ledger, and nothing is acknowledged before.",
      "The end of an epoch waits for the ledger.",
    ]);
  });

  it.each<readonly [string, Partial<InstallationDetails>]>([
    [
      'The installation "hq" is not connected: GitHub Connect is off, and nothing of it is shown.',
      { isConnected: false, connectionId: FIRST_CONNECTION },
    ],
    [
      "The switch was never on: the owner has not enabled the feature, or the server has not said so.",
      { featureSwitch: { epoch: 0, status: "off" } },
    ],
    [
      "The switch is off since 2026-03-01T12:00:00Z, in epoch 4: nothing of it is shown, and no report is taken.",
      { disabledAt: NOW },
    ],
    [
      "No server holds the session: none has called since the installation was registered.",
      { session: { isAttached: false, isCompleted: false } },
    ],
  ])("%s", (line, changed) => {
    expect(installationLines({ ...INSTALLATION, ...changed })).toContain(line);
  });

  it("begins each line with a capital letter", () => {
    const open = { atLeast: 10_000, isExact: false };
    const lines = installationLines({ ...INSTALLATION, links: { ...INSTALLATION.links, open } });

    expect(lines).toContain("At least 10000 accounts let it send, and the counts of 0 are held.");
  });
});

const DELETED: DeletedLink = {
  ...{ status: "deleted", linkId: linkId(1), installation: HQ, openedAt: EARLIER },
  ...{ cause: "withdrawn", isRecorded: false, account: OCTO_ACCOUNT },
  receipt: { deletedAt: NOW, removed: { first: day("2026-02-28"), last: day("2026-03-01") } },
};

describe("what is said of an account", () => {
  const SENDER = { installation: HQ, openedAt: EARLIER, heardAt: null, countsAt: null, isOpen: true };

  it.each([
    ["no counts of it are there: none have come yet, or its user has opted out.", SENDER],
    [
      "its last counts came at 2026-03-01T12:00:00Z. They have aged out, or they are hidden until the server reports them anew.",
      { ...SENDER, heardAt: NOW },
    ],
    ["its last counts came at 2026-03-01T12:00:00Z.", { ...SENDER, heardAt: NOW, countsAt: NOW }],
  ])("names a server, and %s", (words, sender) => {
    expect(accountLines({ senders: [sender], unrecorded: [] })).toEqual([
      `The account lets ${JSON.stringify(HQ)} send since 2026-02-01T12:00:00Z, and ${words}`,
    ]);
  });

  it("is that a server's counts are not shown while it is off, even if some are held", () => {
    const sender = { ...SENDER, heardAt: NOW, countsAt: NOW, isOpen: false };

    expect(accountLines({ senders: [sender], unrecorded: [] })).toEqual([
      'The account lets "hq" send since 2026-02-01T12:00:00Z, but the installation is off or was enabled anew: nothing of it is shown.',
    ]);
  });

  it("is how many deleted links wait for the ledger", () => {
    expect(accountLines({ senders: [], unrecorded: [DELETED, DELETED] })).toEqual([
      "The account lets no server send: it never connected, or every consent ended. `inspect user` on the server says which.",
      "Deleted links that wait for the ledger: 2. `inspect receipts` shows them.",
    ]);
  });

  it("is that it never connected or has ended every consent, if it lets no server send", () => {
    expect(accountLines({ senders: [], unrecorded: [] })).toEqual([
      "The account lets no server send: it never connected, or every consent ended. `inspect user` on the server says which.",
    ]);
  });
});

describe("what is said of an account's receipts", () => {
  it("is that none stands there", () => {
    expect(receiptLines({ senders: [], unrecorded: [] })).toEqual([
      "No receipt stands under the account. Once the ledger has a deletion, its receipt names no account.",
    ]);
  });

  it("is a line per receipt, with its days if counts were removed", () => {
    const others = { ...DELETED, installation: LAB, receipt: { deletedAt: EARLIER, removed: null } };

    expect(receiptLines({ senders: [], unrecorded: [DELETED, others] })).toEqual([
      '"hq": deleted at 2026-03-01T12:00:00Z, the days 2026-02-28 to 2026-03-01. The ledger is not known to have it yet.',
      '"lab": deleted at 2026-02-01T12:00:00Z, no counts were kept. The ledger is not known to have it yet.',
    ]);
  });
});
