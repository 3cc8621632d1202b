import { describeContracts } from "../support/postgres/contracts.ts";
import { projectDatabase } from "../support/postgres/project-database.ts";

describeContracts(projectDatabase);
