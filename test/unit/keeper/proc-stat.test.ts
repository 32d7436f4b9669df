/**
 * Goal: a process is known by pid and start ticks, whatever its command calls itself.
 * Method: lines as Linux writes them, some with names made to mislead.
 */

import { describe, expect, it } from "vitest";

import { isLive, parseProcessStat } from "../../../src/keeper/proc-stat.ts";

const rest = "1 2797 2798 0 -1 4194560 3466 371094 0 18 0 1 222 63 20 0 1 0 190431 5124096 929";

describe("a line of /proc/<pid>/stat", () => {
  it("gives state, family and start", () => {
    expect(parseProcessStat(`2797 (bash) S ${rest}`)).toEqual({
      pid: 2797,
      state: "S",
      parent: 1,
      group: 2797,
      session: 2798,
      startTicks: 190_431,
    });
  });

  it.each(["a b", "a) Z 9 9", ")", "", "x\n(y) R 1"])("is read past the name %j", (name) => {
    const process = parseProcessStat(`12 (${name}) T ${rest}`);
    expect(process).toMatchObject({ pid: 12, state: "T", parent: 1, startTicks: 190_431 });
  });

  it("tells two processes of the same pid apart by their start", () => {
    const [first, second] = ["190431", "190432"].map((ticks) =>
      parseProcessStat(`12 (a) S ${rest.replace("190431", ticks)}`),
    );
    expect(first?.pid).toBe(second?.pid);
    expect(first?.startTicks).not.toBe(second?.startTicks);
  });

  it.each(["", "12", "12 (a) S 1 2", "(a) S 1", "x (a) S " + rest])(
    "cut short is none: %j",
    (text) => {
      expect(parseProcessStat(text)).toBeUndefined();
    },
  );
});

describe("a process", () => {
  it.each([
    ["R", true],
    ["S", true],
    ["D", true],
    ["T", true],
    ["t", true],
    ["Z", false],
    ["X", false],
  ])("in state %s is alive: %s", (state, expected) => {
    const process = parseProcessStat(`12 (a) ${state} ${rest}`);
    expect(process && isLive(process)).toBe(expected);
  });
});
