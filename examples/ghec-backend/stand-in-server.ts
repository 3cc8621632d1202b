import {
  type AttemptId,
  type Clock,
  type ConsentCode,
  type InstallationId,
  ResultAsync,
  type UserId,
} from "unified-contributions";
import {
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import { systemRandom } from "unified-contributions/adapters/system";
import { createSender } from "unified-contributions/ghes";

const OWNER = { userId: "the-owner" as UserId, isEnterpriseOwner: true };
const USER = "octo" as UserId;

/** What the example's cloud listens to: the package's own sender in this process. Yours are out there. */
export interface StandInServer {
  /** Its owner turns GitHub Connect and the feature on, and the hourly sync says so. */
  enable(): ResultAsync<unknown, { readonly type: string }>;
  /** Its one user is sent to the cloud with an attempt. */
  connect(): ResultAsync<{ readonly attempt: AttemptId }, { readonly type: string }>;
  /** They come back with a code and opt in, and the hourly sync sends their three contributions. */
  optIn(attempt: AttemptId, code: ConsentCode): ResultAsync<unknown, { readonly type: string }>;
}

/** Makes a server whose requests go to `respond` rather than over the network. */
export function createStandInServer(
  installation: InstallationId,
  clock: Clock,
  respond: (request: Request) => Promise<Response>,
): StandInServer {
  const post = async (message: unknown): Promise<unknown> => {
    const headers = { authorization: "Bearer secret of server-1" };
    const body = JSON.stringify(message);
    const request = new Request("https://cloud.example/", { method: "POST", headers, body });
    return (await respond(request)).json();
  };
  const source = createMemorySource();
  source.add(USER, [
    { occurredAt: "2026-02-28T23:30:00-08:00" },
    { occurredAt: "2026-03-01T09:00:00Z" },
    { occurredAt: "2026-03-01T10:00:00+09:00" },
  ]);
  const store = createMemorySenderStore();
  const transport = createMemoryTransport({
    handle: (message) => ResultAsync.fromPromise(post(message), () => "unreachable"),
  });
  const sender = createSender({ installation, store, transport, source, clock, random: systemRandom });
  const at = clock.now();

  return {
    enable: () =>
      sender
        .changeSettings({
          type: "connect",
          by: OWNER,
          at,
          platform: { type: "github.com" },
          isCloudOwner: true,
        })
        .andThen(() => sender.changeSettings({ type: "enable", by: OWNER, at, terms: { isAccepted: true } }))
        .andThen(() => sender.sync()),
    connect: () => sender.connect(USER),
    optIn: (attempt, code) =>
      sender
        .redeem({ user: USER, attempt, code })
        .andThen(() => sender.changeLink(USER, { type: "opt-in", by: USER, at }))
        .andThen(() => sender.sync()),
  };
}
