import { receiverStoreContract } from "unified-contributions/testing";
import { testBroken } from "./break-adapter.ts";
import { ADMISSIONS } from "./broken-receiver-store/admissions.ts";
import { CHOICE_ENDINGS } from "./broken-receiver-store/choice-endings.ts";
import { CHOICES } from "./broken-receiver-store/choices.ts";
import { HIDINGS } from "./broken-receiver-store/hidings.ts";
import { KILLS } from "./broken-receiver-store/kills.ts";
import { OPENINGS } from "./broken-receiver-store/openings.ts";
import { RECORDINGS } from "./broken-receiver-store/recordings.ts";
import { RECORDS } from "./broken-receiver-store/records.ts";
import { REGISTRATIONS } from "./broken-receiver-store/registrations.ts";
import { SHOWN } from "./broken-receiver-store/shown.ts";
import { STANDINGS } from "./broken-receiver-store/standings.ts";
import { UPKEEP } from "./broken-receiver-store/upkeep.ts";

testBroken(receiverStoreContract, [
  ...REGISTRATIONS,
  ...HIDINGS,
  ...ADMISSIONS,
  ...RECORDS,
  ...OPENINGS,
  ...KILLS,
  ...SHOWN,
  ...UPKEEP,
  ...STANDINGS,
  ...RECORDINGS,
  ...CHOICES,
  ...CHOICE_ENDINGS,
]);
