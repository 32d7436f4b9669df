/**
 * Goal: durations count the time that the machine slept and ignore steps of the wall clock; timers
 * fire once, late rather than early, however far away, and hold up no process.
 * Method: the clocks of the machine are handed in, and vitest's false timers stand for its timers;
 * one test runs a real process.
 */
import { execFileSync } from "node:child_process";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createSystemClock } from "../../../../src/adapters/clock-system/clock-system.ts";

/** A machine whose clocks a test moves: it runs, sleeps, and has its wall clock set. */
function machine() {
  let wall = 1_800_000_000_000;
  let steady = 5_000;
  let sinceBoot = 9_000_000;
  let looks = 0;
  return {
    sources: {
      wall: () => wall,
      steady: () => steady,
      sinceBoot() {
        looks += 1;
        return Math.floor(sinceBoot / 10) * 10;
      },
    },
    run(ms: number) {
      wall += ms;
      steady += ms;
      sinceBoot += ms;
    },
    sleep(ms: number) {
      wall += ms;
      sinceBoot += ms;
    },
    setWall(ms: number) {
      wall += ms;
    },
    looks: () => looks,
  };
}

/** The machine runs on; its timers with it. */
function runOn({ run }: ReturnType<typeof machine>, ms: number): void {
  for (let left = ms; left > 0; left -= 1_000) {
    run(Math.min(left, 1_000));
    vi.advanceTimersByTime(Math.min(left, 1_000));
  }
}

describe("durations", () => {
  it("are those of the steady clock while the machine runs, asking nothing else", () => {
    const { sources, run, looks } = machine();
    const clock = createSystemClock(sources);
    const from = clock.monotonic();
    const looksBefore = looks();
    for (let step = 0; step < 100; step += 1) run(1_000.5);
    expect(clock.monotonic() - from).toBeCloseTo(100_050, 6);
    expect(looks()).toBe(looksBefore);
  });

  it("count sleep, each time", () => {
    const { sources, run, sleep } = machine();
    const clock = createSystemClock(sources);
    const from = clock.monotonic();
    for (const hours of [1, 8]) {
      run(1_000);
      sleep(hours * 3_600_000);
    }
    expect(Math.abs(clock.monotonic() - from - 2_000 - 9 * 3_600_000)).toBeLessThan(20);
  });

  it("do not notice that the wall clock is set, and never go back", () => {
    const { sources, run, setWall } = machine();
    const clock = createSystemClock(sources);
    let before = clock.monotonic();
    const from = before;
    for (const step of [3_600_000, -7_200_000, 150, -40]) {
      run(10);
      setWall(step);
      expect(clock.monotonic()).toBeGreaterThanOrEqual(before);
      before = clock.monotonic();
    }
    expect(before - from).toBeLessThan(60);
  });

  it("count a sleep that a step of the wall clock hides at first", () => {
    const { sources, sleep, setWall, run } = machine();
    const clock = createSystemClock(sources);
    const from = clock.monotonic();
    sleep(60_000);
    setWall(-60_000);
    clock.monotonic();
    sleep(1_000);
    run(1);
    expect(clock.monotonic() - from).toBeGreaterThanOrEqual(60_990);
  });

  it("are of the real machine when nothing is handed in", () => {
    const clock = createSystemClock();
    const from = clock.monotonic();
    expect(clock.monotonic()).toBeGreaterThanOrEqual(from);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  });
});

describe("timers", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("fire once, after their time", () => {
    const there = machine();
    const act = vi.fn();
    createSystemClock(there.sources).after(250, act);
    runOn(there, 249);
    expect(act).not.toHaveBeenCalled();
    runOn(there, 1_000);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it("fire at once for a time that is past", () => {
    const there = machine();
    const act = vi.fn();
    createSystemClock(there.sources).after(-5, act);
    runOn(there, 1);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it("reach further than the 2^31 ms of the platform, and are not early", () => {
    const act = vi.fn();
    const there = machine();
    createSystemClock(there.sources).after(30 * 24 * 3_600_000, act);
    const day = 24 * 3_600_000;
    for (let minute = 0; minute < 30 * 24 * 60 - 1; minute += 1) {
      there.run(60_000);
      vi.advanceTimersByTime(60_000);
    }
    expect(act).not.toHaveBeenCalled();
    runOn(there, 60_000);
    expect(act).toHaveBeenCalledTimes(1);
    runOn(there, day / 1_000);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it("count sleep: a timer of hours is a minute late at most", () => {
    const there = machine();
    const act = vi.fn();
    createSystemClock(there.sources).after(8 * 3_600_000, act);
    runOn(there, 90_000);
    there.sleep(9 * 3_600_000);
    runOn(there, 60_000);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it("can be called off, a long one too", () => {
    const there = machine();
    const act = vi.fn();
    const clock = createSystemClock(there.sources);
    const cancels = [clock.after(1_000, act), clock.after(200_000, act)];
    runOn(there, 500);
    cancels[0]?.();
    runOn(there, 100_000);
    cancels[1]?.();
    runOn(there, 300_000);
    expect(act).not.toHaveBeenCalled();
  });
});

it("lets a process end while a timer is waiting", () => {
  const module = new URL("../../../../src/adapters/clock-system/clock-system.ts", import.meta.url);
  const program = `import { createSystemClock } from ${JSON.stringify(module.href)};
    createSystemClock().after(3_600_000, () => undefined);
    process.stdout.write("done");`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect(output).toBe("done");
});
