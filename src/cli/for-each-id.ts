import { reportFailure } from "./report-failure.ts";
import { print } from "./terminal.ts";

/** Requests under way at once: enough to hide the way to a node, too few to fill its queues. */
const atOnceDefault = 8;

/**
 * Does something for each id and prints what it answers, in order. One that fails is reported and
 * does not hold up the others; the command then ends with the first failure's exit code.
 */
export async function forEachId(
  ids: readonly string[],
  act: (id: string) => Promise<string>,
  atOnce = atOnceDefault,
): Promise<void> {
  const waiting = ids.entries();
  const answers = ids.map(() => Promise.withResolvers<string>());

  async function work(): Promise<void> {
    for (const [index, id] of waiting) {
      const answer = answers[index];
      try {
        answer?.resolve(await act(id));
      } catch (error) {
        answer?.reject(error);
      }
    }
  }

  const workers = Array.from({ length: Math.min(atOnce, ids.length) }, work);
  let firstFailure: number | undefined;
  for (const answer of answers) {
    try {
      await print(await answer.promise);
    } catch (error) {
      const code = reportFailure(error);
      firstFailure ??= code;
    }
  }
  await Promise.all(workers);
  if (firstFailure !== undefined) process.exitCode = firstFailure;
}
