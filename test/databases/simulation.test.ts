import { describeWorlds } from "../support/postgres/describe-worlds.ts";

describeWorlds([1]);
