import type { Run } from "./run.ts";

/** The attempts that the keeper knows of, by what they are looked for. */
export interface RunTable {
  readonly byKey: Map<string, Run>;
  /** Commands that are children of the keeper and have not been seen to end. */
  readonly byPid: Map<number, Run>;
  /** Runs of which something may be alive. */
  readonly liveByNonce: Map<string, Run>;
}

export function createRunTable(): RunTable {
  return { byKey: new Map(), byPid: new Map(), liveByNonce: new Map() };
}
