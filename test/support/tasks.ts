import type { ShownTask } from "../../src/core/task/shown-task.ts";

/** The body of a submission that runs `command` with bash. */
export function bashTask(
  command: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { environment, ...fields } = more;
  const variables = typeof environment === "object" ? environment : {};
  return {
    type: "bash_task",
    environment: { DEFAULT_COMMAND: command, ...variables },
    ...fields,
  };
}

/** What of a task's end users build upon. */
export function endOf({ state, exitCode, signal, attempt, pid }: ShownTask) {
  return { state, exitCode, signal, attempt, pid };
}
