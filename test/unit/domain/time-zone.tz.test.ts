import { describe, expect, it } from "vitest";
import { isTimeZone, offsetMinutesAt } from "../../../src/domain/time-zone.ts";
import { instant } from "../../support/values.ts";

describe("a time zone", () => {
  it.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12"])("is %s", (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(["", "+01:00", "-05:00", "Mars/Olympus", " UTC", 60, null, undefined, {}])("is not %o", (value) => {
    expect(isTimeZone(value)).toBe(false);
  });
});

describe("a zone is ahead of UTC", () => {
  it.each([
    ["UTC", "2026-03-01T12:00:00Z", 0],
    ["Europe/London", "2026-01-01T12:00:00Z", 0],
    ["Asia/Kathmandu", "2026-03-01T12:00:00Z", 345],
    ["Pacific/Kiritimati", "2026-03-01T12:00:00Z", 840],
    ["Etc/GMT+12", "2026-03-01T12:00:00Z", -720],
    ["America/St_Johns", "2026-03-08T05:29:59Z", -210],
    ["America/St_Johns", "2026-03-08T05:30:00Z", -150],
    ["Europe/Berlin", "2026-10-25T00:59:59Z", 120],
    ["Europe/Berlin", "2026-10-25T01:00:00Z", 60],
  ])("%s at %s, by %i minutes", (name, now, minutes) => {
    expect(offsetMinutesAt(name, instant(now))).toBe(minutes);
  });
});
