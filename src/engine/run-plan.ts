import { canonicalBytes } from "../core/canonical.ts";
import { hexOf } from "../core/ids.ts";
import { argvOf } from "../core/task-type/argv.ts";
import { checkSubmission, typeEnvironment } from "../core/task-type/environment.ts";
import type { TaskType } from "../core/task-type/task-type.ts";
import { renderTemplate } from "../core/task-type/template.ts";
import type { TaskRecord } from "../core/task/record.ts";
import type { DirectoryPlan } from "../ports/files.ts";
import type { RunRequest } from "../ports/runner.ts";
import type { TypeEntry } from "../ports/types.ts";
import type { EngineContext } from "./context.ts";
import type { ServedAt } from "./deps.ts";

/** Everything an attempt is started with, or the sentence why it can't be. */
export type RunPlan =
  | {
      readonly kind: "ready";
      readonly request: RunRequest;
      readonly directory: DirectoryPlan;
      readonly typeEnvironment: Readonly<Record<string, string>>;
    }
  | { readonly kind: "impossible"; readonly reason: string };

/**
 * Reads the type as it stands now, which may have been edited since the submission, and puts the
 * command, its environment and its bounds together.
 */
export function planRun(
  { ports: { hash, files }, options, session }: EngineContext,
  served: ServedAt,
  run: {
    readonly record: TaskRecord;
    readonly attempt: number;
    readonly entry: TypeEntry;
    readonly type: TaskType;
  },
): RunPlan {
  const { record, attempt, type } = run;
  const { spec } = record.decided;
  const problems = checkSubmission(type, spec.environment);
  const first = problems[0];
  if (first !== undefined) {
    return { kind: "impossible", reason: `its task type was changed: ${first.message}` };
  }
  const added = typeEnvironment(type, spec.environment);
  const merged = { ...added, ...spec.environment };
  const directory = files.directoryOf(record.id);
  const token = hexOf(hash(canonicalBytes(["task token", session.tokenKey, record.id, attempt])));
  return {
    kind: "ready",
    typeEnvironment: added,
    directory: {
      id: record.id,
      attempt,
      files: spec.files,
      include: type.filesToInclude,
      includeFrom: run.entry.configFile.slice(0, run.entry.configFile.lastIndexOf("/")),
    },
    request: {
      id: record.id,
      attempt,
      argv: argvOf(type.executor, renderTemplate(type.command, merged)),
      environment: {
        ...options.baseEnvironment,
        ...merged,
        BLANKET_TASK_ID: record.id,
        BLANKET_ATTEMPT: String(attempt),
        BLANKET_NODE: options.name,
        BLANKET_URL: served.url,
        BLANKET_TASK_TOKEN: token,
        BLANKET_PROGRESS_FILE: `${directory}/blanket.progress`,
        BLANKET_APP_TASK_ID: record.id,
        BLANKET_APP_RESULTS_DIRECTORY: options.resultsDirectory,
        BLANKET_APP_TASK_RESULTS_DIRECTORY: directory,
        BLANKET_APP_WORKER_PID: String(options.daemonPid),
        BLANKET_APP_SERVER_PORT: String(served.port),
      },
      directory,
      timeoutMs: spec.timeoutMs ?? type.timeoutMs,
      killGraceMs: type.killGraceMs,
    },
  };
}
