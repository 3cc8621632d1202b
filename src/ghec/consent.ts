import { err, errAsync, ok, okAsync, type ResultAsync } from "neverthrow";
import type { Consent } from "../domain/consent.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { AccountId, InstallationId, LinkId } from "../domain/identifiers.ts";
import { record, settle } from "./deletions.ts";
import type { ReceiverOptions } from "./ports.ts";

/** What a consent may be asked for now. */
export interface ConsentOffer {
  /** The epoch under which it begins; to be given back to {@link Receiver.openLink}. */
  readonly epoch: number;
}

/** Whose consent, and under which epoch it began. */
export interface ConsentRequest {
  readonly installation: InstallationId;
  readonly account: AccountId;
  readonly epoch: number;
}

/** Why no link was opened. */
export interface ConsentRefusal {
  readonly type: "unified-contributions-disabled" | "outdated-consent";
  /** What is wrong and what to do. */
  readonly message: string;
}

/** Says under which epoch a consent begins, if the installation is switched on. */
export function offerConsent(
  { store }: ReceiverOptions,
  installation: InstallationId,
): ResultAsync<ConsentOffer, ConsentRefusal | StorageFault> {
  return callPort(() => store.loadRegistration(installation), STORAGE_THREW).andThen((stored) => {
    const registration = stored?.value;
    return registration?.isConnected && registration.featureSwitch.status === "on"
      ? ok({ epoch: registration.featureSwitch.epoch })
      : err(consentRefusal("unified-contributions-disabled"));
  });
}

/** Mints a link for a consent that has been given (R6). */
export function openLink(
  options: ReceiverOptions,
  { installation, account, epoch }: ConsentRequest,
): ResultAsync<Consent, ConsentRefusal | StorageFault> {
  if (!Number.isSafeInteger(epoch)) return errAsync(consentRefusal("outdated-consent"));
  const { store, clock, random } = options;
  const linkId = random.id() as LinkId;
  return settle(options, installation)
    .andThen(() => {
      const opening = { linkId, installation, account, epoch, at: clock.now() };
      return callPort(() => store.openLink(opening), STORAGE_THREW);
    })
    .andThen((result): ResultAsync<Consent, ConsentRefusal | StorageFault> => {
      if (result.type === "disabled") return errAsync(consentRefusal("unified-contributions-disabled"));
      if (result.type === "outdated-consent") return errAsync(consentRefusal(result.type));
      const { unrecorded: links } = result;
      const recorded =
        links.length > 0 ? record(options, { type: "links-ended", installation, links }) : okAsync(undefined);
      return recorded.map(() => ({ linkId, epoch }));
    });
}

function consentRefusal(type: ConsentRefusal["type"]): ConsentRefusal {
  const message =
    type === "outdated-consent"
      ? "The feature was disabled and enabled since the consent began: ask for the consent again."
      : "Unified contributions is off for this installation: its enterprise owner has to enable it.";
  return { type, message };
}
