import { acknowledgementChecks } from "./sender-store-contract/acknowledgements.ts";
import { choiceChecks } from "./sender-store-contract/choices.ts";
import { forgettingChecks } from "./sender-store-contract/forgetting.ts";
import { linkChecks } from "./sender-store-contract/links.ts";
import { pageChecks } from "./sender-store-contract/pages.ts";
import { redemptionChecks } from "./sender-store-contract/redemptions.ts";
import type { SenderStoreCheck } from "./sender-store-contract/samples.ts";
import { serverChecks } from "./sender-store-contract/server.ts";

/**
 * The rules of every `SenderStore`, under the numbers SS1 to SS15 of its doc comments. Each check needs an unused
 * store.
 *
 * An adapter's own tests must cover what no check can see. Nothing is applied if the answer is a `storage-fault`, an
 * answered change survives the process, and `dueLinks` costs what it should.
 */
export const senderStoreContract: readonly SenderStoreCheck[] = [
  ...serverChecks,
  ...acknowledgementChecks,
  ...linkChecks,
  ...choiceChecks,
  ...pageChecks,
  ...redemptionChecks,
  ...forgettingChecks,
];
