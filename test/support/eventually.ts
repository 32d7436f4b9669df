/** Longest that a condition is waited for; a test that needs more says so. */
const deadlineMs = 20_000;

/**
 * Asks again and again until `condition` gives something other than false or undefined, and gives
 * that. Fails with `what` (and the last error thrown by the condition) when the time is over.
 */
export async function eventually<T>(
  what: string,
  condition: () => Promise<T | false | undefined> | T | false | undefined,
  withinMs: number = deadlineMs,
): Promise<T> {
  const until = performance.now() + withinMs;
  let cause: unknown;
  do {
    try {
      const found = await condition();
      if (found !== false && found !== undefined) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  } while (performance.now() < until);
  throw new Error(`waited ${withinMs} ms in vain: ${what}`, { cause });
}
