import { later } from "./later.ts";

/** After this much quiet. */
const quietMs = 2_000;

/**
 * Gives back memory once nothing has happened for a moment: V8 keeps what it once needed, and a
 * keeper that has run thousands of tasks may then wait for days. Call the result for each event.
 * Needs `--expose-gc`; without it nothing happens.
 */
export function createTidying(isBusy: () => boolean): () => void {
  let isWaiting = false;
  let latest = 0;

  function look(): void {
    const quietFor = performance.now() - latest;
    if (quietFor < quietMs) {
      later(quietMs - quietFor, look);
      return;
    }
    isWaiting = false;
    if (!isBusy()) globalThis.gc?.({ type: "major", flavor: "last-resort", execution: "sync" });
  }

  return () => {
    latest = performance.now();
    if (isWaiting || globalThis.gc === undefined) return;
    isWaiting = true;
    later(quietMs, look);
  };
}
