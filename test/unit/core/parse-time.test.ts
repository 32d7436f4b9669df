/**
 * Goal: times are read as users write them, to the millisecond, and nothing that is no time passes.
 * Method: a table by hand, and random instants held against the platform's own Date, which core
 * itself may not use.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseTime } from "../../../src/core/parse-time.ts";
import { rfc3339 } from "../../../src/core/rfc3339.ts";

describe("parseTime", () => {
  it.each<[string | number, number]>([
    [0, 0],
    [1_764_000_000, 1_764_000_000_000],
    [1_764_000_000.5, 1_764_000_000_500],
    ["1764000000", 1_764_000_000_000],
    [" 1764000000.25 ", 1_764_000_000_250],
    ["2026-11-24T10:00:00Z", Date.UTC(2026, 10, 24, 10)],
    ["2026-11-24t10:00:00z", Date.UTC(2026, 10, 24, 10)],
    ["2026-11-24 10:00Z", Date.UTC(2026, 10, 24, 10)],
    ["2026-11-24T10:00:00.123456789Z", Date.UTC(2026, 10, 24, 10, 0, 0, 123)],
    ["2026-11-24T10:00:00.5+05:30", Date.UTC(2026, 10, 24, 4, 30, 0, 500)],
    ["2026-11-24T00:00:00-23:59", Date.UTC(2026, 10, 24, 23, 59)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    ["2000-02-29T00:00:00Z", Date.UTC(2000, 1, 29)],
    ["1969-12-31T23:59:59Z", -1_000],
    ["2016-12-31T23:59:60Z", Date.UTC(2017, 0, 1)],
  ])("reads %j", (given, ms) => {
    expect(parseTime(given)).toBe(ms);
  });

  it.each<[string | number]>([
    [""],
    ["now"],
    ["10m"],
    ["2026-11-24"],
    ["2026-11-24T10:00:00"],
    ["2026-13-01T00:00:00Z"],
    ["2026-00-01T00:00:00Z"],
    ["2026-11-31T00:00:00Z"],
    ["2026-11-00T00:00:00Z"],
    ["2023-02-29T00:00:00Z"],
    ["1900-02-29T00:00:00Z"],
    ["2026-11-24T24:00:00Z"],
    ["2026-11-24T10:60:00Z"],
    ["2026-11-24T10:00:61Z"],
    ["2026-11-24T10:00:00+24:00"],
    ["2026-11-24T10:00:00+02:60"],
    ["-1"],
    ["1e9"],
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [1_764_000_000_000],
    ["1764000000000"],
  ])("refuses %j", (given) => {
    expect(parseTime(given)).toBeUndefined();
  });

  it("reads what rfc3339 and Date write, in any zone", () => {
    const instants = fc.integer({ min: 0, max: Date.UTC(9_999, 11, 31) });
    const zones = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    expect(() => {
      fc.assert(
        fc.property(instants, zones, (ms, minutes) => {
          const size = Math.abs(minutes);
          const zone = [Math.floor(size / 60), size % 60]
            .map((part) => String(part).padStart(2, "0"))
            .join(":");
          const local = new Date(ms + minutes * 60_000).toISOString();
          if (local.startsWith("+")) return;
          const text = local.replace("Z", `${minutes < 0 ? "-" : "+"}${zone}`);
          if (parseTime(text) !== ms) throw new Error(text);
          if (parseTime(rfc3339(ms)) !== ms) throw new Error(rfc3339(ms));
        }),
      );
    }).not.toThrow();
  });
});
