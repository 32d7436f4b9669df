import type { TaskState } from "../../core/task/shown-state.ts";
import type { ShownTask } from "../../core/task/shown-task.ts";
import { shortDuration } from "./times.ts";

/** What there is to say of a task beside its state, in a few words; empty where nothing is. */
export function taskDetail(task: ShownTask, now: number): string {
  const words = (details[task.state] ?? reasonOf)(task, now);
  const attempt = task.attempt > 1 ? `attempt ${task.attempt}` : "";
  return [words, attempt].filter((part) => part !== "").join(", ");
}

type Detail = (task: ShownTask, now: number) => string;

/** States that have more to say than their reason. */
const details: Readonly<Partial<Record<TaskState, Detail>>> = {
  RUNNING: (task) => progressText(task) || reasonOf(task),
  SCHEDULED: startsIn,
  ERROR: (task) => endText(task) || reasonOf(task),
};

function reasonOf({ reason }: ShownTask): string {
  return reason ?? "";
}

/** How a command ended: `exit 3` or `signal SIGKILL`; empty where that is not known. */
export function endText({
  exitCode,
  signal,
}: {
  readonly exitCode: number | null;
  readonly signal: string | null;
}): string {
  if (signal !== null) return `signal ${signal}`;
  return exitCode === null ? "" : `exit ${exitCode}`;
}

function progressText({ progress, progressNote }: ShownTask): string {
  const percent = progress > 0 ? `${Math.floor(progress)} %` : "";
  return [percent, progressNote ?? ""].filter((part) => part !== "").join("  ");
}

function startsIn({ notBefore, reason }: ShownTask, now: number): string {
  if (notBefore === null) return reason ?? "";
  const ms = Date.parse(notBefore) - now;
  if (ms <= 0) return reason ?? "";
  const due = `starts in ${shortDuration(Math.ceil(ms / 1_000) * 1_000)}`;
  return reason === null ? due : `${due}: ${reason}`;
}
