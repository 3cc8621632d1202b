import { senderStoreContract } from "unified-contributions/testing";
import { testBroken } from "./break-adapter.ts";
import { CHOICES } from "./broken-sender-store/choices.ts";
import { FORGETTING } from "./broken-sender-store/forgetting.ts";
import { LINKS } from "./broken-sender-store/links.ts";
import { PAGES } from "./broken-sender-store/pages.ts";
import { PROOFS } from "./broken-sender-store/proofs.ts";
import { REDEMPTIONS } from "./broken-sender-store/redemptions.ts";
import { SERVER } from "./broken-sender-store/server.ts";

testBroken(senderStoreContract, [
  ...SERVER,
  ...PROOFS,
  ...LINKS,
  ...CHOICES,
  ...PAGES,
  ...REDEMPTIONS,
  ...FORGETTING,
]);
