/**
 * Goal: durations mean what their writers think, in TOML, REST and on the command line alike.
 * Method: tables of texts, and that what is printed is read back.
 */
import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";

import { formatDuration, parseDuration } from "../../../src/core/duration.ts";
import { limits } from "../../../src/core/limits.ts";

describe("parseDuration", () => {
  it.each([
    ["1h", 3_600_000],
    ["10m", 600_000],
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["2d", 172_800_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["1d2h3m4s5ms", 93_784_005],
    [" 5 m ", 300_000],
    ["90", 90_000],
    ["0.5", 500],
    [90, 90_000],
    [0.25, 250],
    [0, 0],
    ["0", 0],
  ])("reads %j as %i ms", (given, ms) => {
    expect(parseDuration(given)).toBe(ms);
  });

  it.each([
    "",
    "h",
    "1x",
    "1w",
    "1H",
    "-1s",
    "+1s",
    "1h1h",
    "30m1h",
    "1h30",
    "1,5h",
    "1e3",
    "one hour",
    "1h;",
    "∞",
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "99999d",
    1e12,
  ])("refuses %j", (given) => {
    expect(parseDuration(given)).toBeUndefined();
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [40, "40ms"],
    [200, "0.2s"],
    [999, "0.9s"],
    [4_000, "4s"],
    [9_999, "9.9s"],
    [11_999, "11s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [90_000, "1m 30s"],
    [180_000, "3m"],
    [725_000, "12m"],
    [3_900_000, "1h 5m"],
    [86_399_999, "23h 59m"],
    [86_400_000, "1d"],
    [183_600_000, "2d 3h"],
    [-5, "0s"],
  ])("shows %i ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("shows what parseDuration reads as the same, to the two units shown", () => {
    assert(
      property(integer({ min: 0, max: limits.durationMsMax }), (ms) => {
        const read = parseDuration(formatDuration(ms));
        expect(read).toBeLessThanOrEqual(ms);
        expect(formatDuration(read ?? -1)).toBe(formatDuration(ms));
      }),
    );
  });
});
