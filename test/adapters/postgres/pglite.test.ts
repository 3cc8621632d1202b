import { describe } from "vitest";
import { describeContracts } from "../../support/postgres/contracts.ts";
import { openPglite } from "../../support/postgres/pglite.ts";

describe("on PGlite", () => describeContracts(openPglite));
