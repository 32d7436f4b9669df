import { uptime } from "node:os";

import type { Clock } from "../../ports/clock.ts";

/**
 * How far the wall clock may run away from the steady one before the machine is asked whether it
 * slept: less than any duration that matters, more than what NTP does in a day.
 */
const driftMs = 200;
/** `uptime` comes in steps of 10 ms; what differs by less was no sleep. */
const sleepMsMin = 100;
/**
 * The longest single timer. Far below the 2^31 ms that `setTimeout` takes, because a timer stands
 * still while the machine sleeps: a long one is set again until its time has really come.
 */
const timerMsMax = 60_000;

/** Where the three clocks of a machine are read, all in milliseconds. */
export interface ClockSources {
  readonly wall: () => number;
  /** Grows while the machine runs: CLOCK_MONOTONIC on Linux. */
  readonly steady: () => number;
  /** Grows while it sleeps, too (CLOCK_BOOTTIME on Linux), in coarse steps. */
  readonly sinceBoot: () => number;
}

const machine: ClockSources = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  sinceBoot: () => uptime() * 1_000,
};

/**
 * The machine's time. Node has no clock that is both fine and counts sleep, so `monotonic` is the
 * steady clock plus the sleep so far; a sleep shows in the wall clock at once, and only then is the
 * coarse one asked (it costs a read of /proc/uptime). Timers never keep the process alive: what is
 * left of them must not hold up a node that has stopped.
 */
export function createSystemClock(sources: ClockSources = machine): Clock {
  const { wall, steady, sinceBoot } = sources;
  const sleepBefore = sinceBoot() - steady();
  let drift = wall() - steady();
  let sleptMs = 0;

  function monotonic(): number {
    const now = steady();
    const driftNow = wall() - now;
    if (Math.abs(driftNow - drift) > driftMs) {
      drift = driftNow;
      const slept = sinceBoot() - now - sleepBefore;
      if (slept > sleptMs + sleepMsMin) sleptMs = slept;
    }
    return now + sleptMs;
  }

  function after(delayMs: number, act: () => void): () => void {
    const dueAt = monotonic() + delayMs;
    let timer = set(delayMs);

    function set(ms: number): NodeJS.Timeout {
      if (ms <= timerMsMax) return setTimeout(act, Math.max(0, ms)).unref();
      return setTimeout(again, timerMsMax).unref();
    }

    function again(): void {
      timer = set(dueAt - monotonic());
    }

    return () => clearTimeout(timer);
  }

  return { now: wall, monotonic, after };
}
