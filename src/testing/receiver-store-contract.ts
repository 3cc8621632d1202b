import { admissionChecks } from "./receiver-store-contract/admissions.ts";
import { attemptChecks } from "./receiver-store-contract/attempts.ts";
import { choiceEndingChecks } from "./receiver-store-contract/choice-endings.ts";
import { choiceChecks } from "./receiver-store-contract/choices.ts";
import { deletionChecks } from "./receiver-store-contract/deletions.ts";
import { deliveryChecks } from "./receiver-store-contract/deliveries.ts";
import { hidingChecks } from "./receiver-store-contract/hidings.ts";
import { openingChecks } from "./receiver-store-contract/openings.ts";
import { recordingChecks } from "./receiver-store-contract/recordings.ts";
import { registrationChecks } from "./receiver-store-contract/registrations.ts";
import type { ReceiverStoreCheck } from "./receiver-store-contract/samples.ts";
import { standingChecks } from "./receiver-store-contract/standings.ts";
import { sweepChecks } from "./receiver-store-contract/sweeps.ts";
import { withdrawalChecks } from "./receiver-store-contract/withdrawals.ts";

/**
 * The rules of every `ReceiverStore`, under the numbers RS1 to RS15 of its doc comments. Each check needs an unused
 * store.
 *
 * An adapter's own tests must cover what no check can see. Nothing is applied if the answer is a `storage-fault`, and
 * an answered change survives the process.
 */
export const receiverStoreContract: readonly ReceiverStoreCheck[] = [
  ...registrationChecks,
  ...hidingChecks,
  ...admissionChecks,
  ...deliveryChecks,
  ...withdrawalChecks,
  ...choiceChecks,
  ...attemptChecks,
  ...openingChecks,
  ...deletionChecks,
  ...sweepChecks,
  ...standingChecks,
  ...recordingChecks,
  ...choiceEndingChecks,
];
