/** What a task asks of a worker. */
export interface Needs {
  readonly type: string;
  readonly tags: readonly string[];
}

/** Tags that are needed and not there, in the order of `needed`. */
export function missingTags(needed: readonly string[], has: ReadonlySet<string>): string[] {
  return needed.filter((tag) => !has.has(tag));
}

/** Whether a worker with these tags may run the task: every needed tag is there. */
export function hasTags(needed: readonly string[], has: ReadonlySet<string>): boolean {
  return needed.every((tag) => has.has(tag));
}

/** One text for equal needs: tasks that share it wait in one line. */
export function needsKey(needs: Needs): string {
  return JSON.stringify([needs.type, needs.tags]);
}
