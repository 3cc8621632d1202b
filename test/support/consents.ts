import { randomUUID } from "node:crypto";
import type {
  AccountId,
  AttemptId,
  BrowserId,
  Consent,
  ConsentCode,
  InstallationId,
  Instant,
  LinkId,
  ResultAsync,
  StorageFault,
} from "unified-contributions";
import type { Receiver } from "unified-contributions/ghec";
import type { ReceiverStore, RedemptionResult } from "unified-contributions/storage";

const BROWSER = "browser-of-a-user" as BrowserId;
const CODE = "code-of-a-consent" as ConsentCode;

/** A link that is to be opened. */
export interface Opening {
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  readonly account: AccountId;
  readonly at: Instant;
}

/** The attempt for which the link of this id is opened. */
export function attemptOf(linkId: LinkId): AttemptId {
  return linkId as string as AttemptId;
}

/** Opens a link in a store, as a push, a consent and its redemption do. */
export function openLinkIn(
  store: Pick<ReceiverStore, "pushAttempt" | "answerAttempt" | "openLink">,
  { linkId, installation, account, at }: Opening,
): ResultAsync<RedemptionResult, StorageFault> {
  const attempt = attemptOf(linkId);
  const expiresAt = (at + 60_000) as Instant;
  const consent = { account, code: CODE, expiresAt };
  return store
    .pushAttempt({ installation, attempt, linkId, expiresAt, limit: 1_000_000, at })
    .andThen(() => store.answerAttempt({ attempt, browser: BROWSER, consent, at }))
    .andThen(() => store.openLink({ installation, attempt, code: CODE, at }));
}

/** Opens a link at a receiver: what its server says, and what the account's owner does there. Rejects where it is refused. */
export async function openLinkAt(
  receiver: Receiver,
  installation: InstallationId,
  account: AccountId,
): Promise<Consent> {
  const attempt = randomUUID() as string as AttemptId;
  const say = async (message: object) =>
    (
      await receiver.handle(installation, { version: 1, requestId: randomUUID(), ...message })
    )._unsafeUnwrap();
  await say({ type: "push", attempt });
  const { code } = (await receiver.giveConsent({ attempt, browser: BROWSER, account }))._unsafeUnwrap();
  const answer = await say({ type: "redeem", attempt, code });
  if (answer.type !== "redeemed") throw new Error(`no link was opened: ${answer.type}`);
  return { linkId: answer.linkId, epoch: answer.epoch };
}
