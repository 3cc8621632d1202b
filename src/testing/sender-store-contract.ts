import { acknowledgementChecks } from "./sender-store-contract/acknowledgements.ts";
import { choiceChecks } from "./sender-store-contract/choices.ts";
import { forgettingChecks } from "./sender-store-contract/forgetting.ts";
import { linkChecks } from "./sender-store-contract/links.ts";
import { pageChecks } from "./sender-store-contract/pages.ts";
import { redemptionChecks } from "./sender-store-contract/redemptions.ts";
import type { SenderStoreCheck } from "./sender-store-contract/samples.ts";
import { serverChecks } from "./sender-store-contract/server.ts";

/**
 * What every `SenderStore` keeps to, under the numbers SS1 to SS14 of its doc comments. Each check wants a store that
 * nothing was written to. What no check can see is left to the adapter's own tests: that nothing is applied where the
 * answer is a `storage-fault`, that what was answered survives the process, and what `dueLinks` costs.
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
