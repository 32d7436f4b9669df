/** The longest delay that Node's timers keep; a longer one would fire at once. */
const delayMsMax = 2 ** 31 - 1;

export function nothing(): void {
  // There is nothing to cancel.
}

/** Calls `act` once after `delayMs`, however long that is, unless the result is called before. */
export function later(delayMs: number, act: () => void): () => void {
  const step = Math.min(delayMs, delayMsMax);
  let timer = setTimeout(
    function elapse(rest: number) {
      if (rest <= 0) return act();
      const next = Math.min(rest, delayMsMax);
      timer = setTimeout(elapse, next, rest - next);
    },
    step,
    delayMs - step,
  );
  return () => clearTimeout(timer);
}
