import type { Clock } from "../../src/ports/clock.ts";

/** Time that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves both clocks on, calling what falls due in the order of its time. */
  advance(ms: number): void;
  /** As `advance`, but lets promises and real I/O settle around each call that falls due. */
  run(ms: number): Promise<void>;
  /** Moves the wall clock alone, as an administrator or NTP does; timers do not notice. */
  jump(ms: number): void;
  /** Calls that are waiting for their time. */
  pending(): number;
}

interface Timer {
  readonly dueAt: number;
  readonly act: () => void;
}

/** A clock that begins at `startAt` (unix milliseconds; the default is 2026-11-24T10:00:00Z). */
export function createManualClock(startAt = 1_795_514_400_000): ManualClock {
  const timers = new Set<Timer>();
  let elapsed = 0;
  let wall = startAt;

  function next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueAt <= until && (first === undefined || timer.dueAt < first.dueAt)) first = timer;
    }
    return first;
  }

  function moveTo(time: number): void {
    wall += Math.max(0, time - elapsed);
    elapsed = Math.max(elapsed, time);
  }

  function fire(timer: Timer): void {
    moveTo(timer.dueAt);
    timers.delete(timer);
    timer.act();
  }

  return {
    now: () => wall,
    monotonic: () => elapsed,
    after(delayMs, act) {
      const timer = { dueAt: elapsed + Math.max(0, delayMs), act };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const until = elapsed + ms;
      for (let timer = next(until); timer !== undefined; timer = next(until)) fire(timer);
      moveTo(until);
    },
    async run(ms) {
      const until = elapsed + ms;
      await settle();
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        fire(timer);
        await settle();
      }
      moveTo(until);
    },
    jump(ms) {
      wall += ms;
    },
    pending: () => timers.size,
  };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
