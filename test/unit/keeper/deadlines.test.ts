/**
 * Goal: each deadline is kept, whatever others come before it, and those of what has ended are
 * forgotten; and delays longer than Node's timers can hold are kept too.
 * Method: made-up time.
 */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createDeadlines } from "../../../src/keeper/deadlines.ts";
import { later } from "../../../src/keeper/later.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface One {
  readonly name: string;
  dueAtMs: number;
}

describe("deadlines", () => {
  it("are each told once, in time, whatever the order in which they were set", () => {
    const live: One[] = [];
    const told: string[] = [];
    const limit = createDeadlines(
      () => live,
      ({ name }) => told.push(name),
    );
    for (const [name, afterMs] of [
      ["late", 3_000],
      ["early", 1_000],
      ["middle", 2_000],
      ["same", 2_000],
    ] as const) {
      const one = { name, dueAtMs: Number.POSITIVE_INFINITY };
      live.push(one);
      limit(one, afterMs);
    }
    vi.advanceTimersByTime(1_001);
    expect(told).toEqual(["early"]);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(["early", "middle", "same"]);
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual(["early", "middle", "same", "late"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of what has ended are forgotten", () => {
    const live: One[] = [];
    const told: string[] = [];
    const limit = createDeadlines(
      () => live,
      ({ name }) => told.push(name),
    );
    const gone = { name: "gone", dueAtMs: 0 };
    limit(gone, 100);
    const stays = { name: "stays", dueAtMs: 0 };
    live.push(stays);
    limit(stays, 200);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(["stays"]);
  });
});

describe("a long delay", () => {
  const yearMs = 365 * 24 * 3_600_000;

  it("is kept", () => {
    const act = vi.fn<() => void>();
    later(2 * yearMs, act);
    vi.advanceTimersByTime(2 * yearMs - 10);
    expect(act).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20);
    expect(act).toHaveBeenCalledOnce();
  });

  it("can be called off at any time", () => {
    const act = vi.fn<() => void>();
    const cancel = later(2 * yearMs, act);
    vi.advanceTimersByTime(yearMs);
    cancel();
    vi.advanceTimersByTime(2 * yearMs);
    expect(act).not.toHaveBeenCalled();
  });
});
