import { reportFailure } from "./report-failure.ts";
import { print } from "./terminal.ts";

/** Requests under way at once: enough to hide the way to a node, too few to fill its queues. */
const atOnceDefault = 8;

type Outcome =
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "failed"; readonly error: unknown };

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
  const outcomes = ids.map(() => Promise.withResolvers<Outcome>());

  async function work(): Promise<void> {
    for (const [index, id] of waiting) {
      // A failure is a value until its turn to be told has come.
      outcomes[index]?.resolve(await outcomeOf(act(id)));
    }
  }

  const workers = Array.from({ length: Math.min(atOnce, ids.length) }, work);
  let firstFailure: number | undefined;
  for (const { promise } of outcomes) {
    const outcome = await promise;
    if (outcome.kind === "done") {
      await print(outcome.text);
      continue;
    }
    const code = reportFailure(outcome.error);
    firstFailure ??= code;
  }
  await Promise.all(workers);
  if (firstFailure !== undefined) process.exitCode = firstFailure;
}

async function outcomeOf(answer: Promise<string>): Promise<Outcome> {
  try {
    return { kind: "done", text: await answer };
  } catch (error) {
    return { kind: "failed", error };
  }
}
