import { expect, test } from "vitest";

test("the zone of the project is the zone of the process", () => {
  const minutesBehindUtc: Record<string, number> = {
    UTC: 0,
    "Pacific/Apia": -780,
    "America/St_Johns": 210,
    "Asia/Tokyo": -540,
  };

  expect(new Date(2026, 0, 1).getTimezoneOffset()).toBe(minutesBehindUtc[process.env["TZ"] ?? "none"]);
});
