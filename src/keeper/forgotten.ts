import type { RunName } from "../contract/line-fields.ts";
import { limits } from "../core/limits.ts";
import { runKey } from "./journal-lines.ts";

/** The latest attempts whose end is stored elsewhere: known only as not to be started again. */
export interface Forgotten {
  add(run: RunName): void;
  has(run: RunName): boolean;
  /** Oldest first. */
  all(): readonly RunName[];
}

export function createForgotten(past: readonly RunName[]): Forgotten {
  const runs = new Map<string, RunName>();

  function add({ id, attempt }: RunName): void {
    runs.set(runKey({ id, attempt }), { id, attempt });
    if (runs.size <= limits.keeperForgottenMax) return;
    for (const oldest of runs.keys()) {
      runs.delete(oldest);
      return;
    }
  }

  for (const run of past) add(run);
  return { add, has: (run) => runs.has(runKey(run)), all: () => [...runs.values()] };
}
