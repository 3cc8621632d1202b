import { receiverStoreContract } from "unified-contributions/testing";
import { testBroken } from "./break-adapter.ts";
import { ADMISSIONS } from "./broken-receiver-store/admissions.ts";
import { KILLS } from "./broken-receiver-store/kills.ts";
import { OPENINGS } from "./broken-receiver-store/openings.ts";
import { RECORDS } from "./broken-receiver-store/records.ts";
import { REGISTRATIONS } from "./broken-receiver-store/registrations.ts";
import { SHOWN } from "./broken-receiver-store/shown.ts";
import { UPKEEP } from "./broken-receiver-store/upkeep.ts";

testBroken(receiverStoreContract, [
  ...REGISTRATIONS,
  ...ADMISSIONS,
  ...RECORDS,
  ...OPENINGS,
  ...KILLS,
  ...SHOWN,
  ...UPKEEP,
]);
