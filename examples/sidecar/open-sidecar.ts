import { type InstallationId, ResultAsync, type StorageFault, type UserId } from "unified-contributions";
import { createAnswerVerifier } from "unified-contributions/adapters/http-signatures";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { type Actor, type ContributionSource, createSender, type Sender } from "unified-contributions/ghes";
import { type Mistake, refuse } from "../demo/mistake.ts";
import { createSignedTransport } from "../demo/signed-wire.ts";
import type { Config } from "./config.ts";
import type { Keys } from "./import-keys.ts";
import type { Log } from "./log.ts";
import { openStorage, type Storage } from "./open-storage.ts";
import { inFolderOf, readSecret, type Secrets } from "./read-secrets.ts";
import { createServerSource } from "./source.ts";
import type { Users } from "./users.ts";

/** The configuration of a sidecar, with its secrets and keys. */
export interface Setup {
  readonly configFile: string;
  readonly config: Config;
  readonly secrets: Secrets;
  readonly keys: Keys;
  readonly log: Log;
  /** Ends what runs: the process was told to end. */
  readonly signal: AbortSignal;
}

/** The half of a GitHub Enterprise Server that this process is. */
export interface Sidecar {
  readonly sender: Sender;
  readonly source: ContributionSource;
  readonly users: Users;
  /** The last messages that have left, newest last. */
  readonly sent: readonly string[];
  /** Marks every user as changed, then syncs: this process does not learn which users have contributed meanwhile. */
  readonly syncEverybody: Sender["sync"];
  /** Gives the storage back. */
  close(): Promise<void>;
}

/** The author of the configuration, who speaks for the enterprise on both sides. */
const OPERATOR: Actor = { userId: "the-configuration" as UserId, isEnterpriseOwner: true };

/** How many messages the page with what has left shows. */
const SENT_MESSAGES = 50;

/** Opens the storage, makes the sender over it, and turns GitHub Connect on if it is not. */
export function openSidecar(setup: Setup): ResultAsync<Sidecar, Mistake> {
  const { storage } = setup.config;
  const place =
    "folder" in storage
      ? { folder: inFolderOf(setup.configFile, storage.folder) }
      : { postgres: setup.secrets.postgres ?? "" };
  return openStorage(place).andThen((opened) => {
    const sidecar = sidecarOver(opened, setup);
    const { platform } = setup.config.cloud;
    return sidecar.sender
      .changeSettings({
        ...{ type: "connect", by: OPERATOR, at: systemClock.now(), platform, isCloudOwner: true },
      })
      .map(() => sidecar)
      .orElse(({ message }) =>
        ResultAsync.fromSafePromise(opened.close()).andThen(() => refuse(`cloud.platform: ${message}`)),
      );
  });
}

function sidecarOver({ store, users, close }: Storage, setup: Setup): Sidecar {
  const { configFile, config, keys, log } = setup;
  const [clock, random] = [systemClock, systemRandom];
  const sent: string[] = [];
  const source = createServerSource({
    ...{ users, clock, usersPerRequest: config.server.usersPerRequest },
    url: `${config.server.url}/api/graphql`,
    // Read each time, so that a token can be renewed in its file.
    token: () => readSecret("server.token", config.server.token, configFile).unwrapOr(""),
  });
  const transport = createSignedTransport(config.cloud.wireUrl, keys.signing, {
    ...{ clock, random, onEvent: log },
    ...(keys.cloud.length > 0 && { verifyAnswers: createAnswerVerifier({ keys: () => keys.cloud }) }),
    onSent: (text) => {
      sent.push(text);
      if (sent.length > SENT_MESSAGES) sent.shift();
    },
  });
  const installation = config.cloud.installation as InstallationId;
  const sender = createSender({
    ...config.sync,
    ...{ installation, store, transport, source, clock, random, onEvent: log },
  });
  return { ...{ sender, source, users, sent, close }, syncEverybody: syncEverybody(sender, users) };
}

const DAMAGED: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "The table of users holds an id that is none: see who else writes to the schema `sidecar`.",
};

function syncEverybody(sender: Sender, users: Users): Sender["sync"] {
  return (options) =>
    users
      .all()
      .andThen((all) => sender.contributionsChanged(all))
      .mapErr((fault) => (fault.type === "storage-fault" ? fault : DAMAGED))
      .andThen(() => sender.sync(options));
}
