import { later, nothing } from "./later.ts";

/** Something that has to be over by a time of `performance.now()`. */
interface Due {
  dueAtMs: number;
}

/**
 * Calls `overdue` for each of `all()` whose time has come. One timer for all of them, armed for the
 * earliest: most runs end long before their time, and then cost nothing.
 */
export function createDeadlines<T extends Due>(
  all: () => Iterable<T>,
  overdue: (one: T) => void,
): (one: T, afterMs: number) => void {
  let armedFor = Number.POSITIVE_INFINITY;
  let cancel = nothing;

  function arm(dueAtMs: number): void {
    if (dueAtMs >= armedFor) return;
    armedFor = dueAtMs;
    cancel();
    cancel = later(Math.max(1, dueAtMs - performance.now()), elapse);
  }

  function elapse(): void {
    armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (const one of all()) {
      if (one.dueAtMs > now) arm(one.dueAtMs);
      else {
        one.dueAtMs = Number.POSITIVE_INFINITY;
        overdue(one);
      }
    }
  }

  return (one, afterMs) => {
    one.dueAtMs = performance.now() + afterMs;
    arm(one.dueAtMs);
  };
}
