// npm run trial -- withdraw [--links N]
//
// Lets users opt out while a sync reports 200,000 links unless told, with both sides over PostgreSQL. Prints how long
// each user waited for the receipt, beside how long the sync went on.
import { parseArgs } from "node:util";
import { withdrawInSync } from "../../test/trials/withdraw/withdraw-in-sync.ts";

const { values } = parseArgs({ options: { links: { type: "string", default: "200000" } } });
const links = Number(values.links);
if (!Number.isSafeInteger(links) || links < 3) {
  console.error("Say how many links, 3 or more: npm run trial -- withdraw --links 200000");
  process.exit(1);
}
const { reports, syncMs, optOuts, violations } = await withdrawInSync(links);
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
console.log(`${links.toLocaleString("en")} links in ${reports} requests, ${seconds(syncMs)}`);
for (const { during, reportsBefore, acknowledgedAfterMs, syncEndedAfterMs } of optOuts) {
  console.log(
    `opted out during request ${during}: the receipt came after ${Math.round(acknowledgedAfterMs)} ms and ` +
      `${reportsBefore} more reports, the end of the sync after ${seconds(syncEndedAfterMs)}`,
  );
}
for (const violation of violations) console.error(`BROKEN ${violation}`);
if (violations.length > 0) process.exitCode = 1;
