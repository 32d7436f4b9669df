/**
 * A length of time in one unit, never rounded up, as columns show it: `40ms`, `0.2s`, `90s`, `3m`,
 * `26h`, `5d`. A unit is kept until two of the next are full, so that what is cut off stays small.
 */
export function shortDuration(durationMs: number): string {
  const ms = Math.max(0, Math.floor(durationMs));
  if (ms < 100) return ms === 0 ? "0s" : `${ms}ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${Math.floor(seconds * 10) / 10}s`;
  if (seconds < 120) return `${Math.floor(seconds)}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Time since an RFC 3339 time in whole seconds: another machine's clock may be a little ahead. */
export function age(at: string, now: number): string {
  return shortDuration(Math.floor(Math.max(0, now - Date.parse(at)) / 1_000) * 1_000);
}

/** How long a task has run or did run; `-` where it has not started. */
export function ranFor(
  task: { readonly startedAt: string | null; readonly finishedAt: string | null },
  now: number,
): string {
  if (task.startedAt === null) return "-";
  const end = task.finishedAt === null ? now : Date.parse(task.finishedAt);
  const ms = Math.max(0, end - Date.parse(task.startedAt));
  return shortDuration(task.finishedAt === null ? Math.floor(ms / 1_000) * 1_000 : ms);
}
