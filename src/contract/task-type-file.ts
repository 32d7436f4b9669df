import { Compile } from "typebox/compile";

import { durationAdvice, parseDuration } from "../core/duration.ts";
import { limits } from "../core/limits.ts";
import type { TaskType, TypeProblem } from "../core/task-type/task-type.ts";
import type { RetryPolicy } from "../core/task/spec.ts";
import { schemaProblems } from "./schema-problems.ts";
import { readCommand } from "./task-type-command.ts";
import { taskTypeSchema, typeDefaults, type TaskTypeDocument } from "./task-type-schema.ts";
import { readVariables, type Note } from "./task-type-variables.ts";
import { taskTypeWords } from "./task-type-words.ts";

/** Either the type that a file describes, or everything found wrong with it. */
export type TaskTypeReading =
  | { readonly kind: "type"; readonly type: TaskType }
  | { readonly kind: "problems"; readonly problems: readonly TypeProblem[] };

const validator = Compile(taskTypeSchema);

/**
 * Reads a parsed TOML document (as JSON values) as the task type `name`. Problems carry the key's
 * path; line and column of a problem with `command` count inside that text, since only who read
 * the file knows where it stands there.
 */
export function parseTaskType(name: string, document: unknown): TaskTypeReading {
  if (!validator.Check(document)) {
    return {
      kind: "problems",
      problems: schemaProblems(validator.Errors(document), taskTypeWords),
    };
  }
  const problems: TypeProblem[] = [];
  const note: Note = (key, message) => void problems.push({ key, message });
  const type = readType(name, document, note);
  const command = readCommand(document.command, type.executor);
  if (command.kind === "problems") problems.push(...command.problems);
  if (command.kind === "problems" || problems.length > 0) return { kind: "problems", problems };
  return { kind: "type", type: { ...type, command: command.command } };
}

function readType(name: string, document: TaskTypeDocument, note: Note): Omit<TaskType, "command"> {
  const timeoutMs = readDuration("timeout", document.timeout, typeDefaults.timeoutMs, note);
  const killGraceMs = readDuration(
    "kill_grace",
    document.kill_grace,
    typeDefaults.killGraceMs,
    note,
  );
  return {
    name,
    executor: readExecutor(document, note),
    timeoutMs,
    killGraceMs,
    tags: readTags(document.tags ?? [], note),
    priority: document.priority ?? typeDefaults.priority,
    description: document.description ?? "",
    documentation: document.documentation ?? "",
    variables: readVariables(document, note),
    filesToInclude: readFiles(document, note),
    onLost: document.on_lost ?? typeDefaults.onLost,
    retry: readRetry(document, note),
  };
}

function readDuration(
  key: string,
  given: number | string | undefined,
  fallbackMs: number,
  note: Note,
): number {
  if (given === undefined) return fallbackMs;
  const ms = parseDuration(given);
  if (ms === undefined) note(key, `${key} is not a duration: ${durationAdvice}.`);
  return ms ?? fallbackMs;
}

/** Names that later versions run in another way than as `X -c command`. */
const laterExecutors: readonly string[] = ["container", "slurm"];

function readExecutor(document: TaskTypeDocument, note: Note): string {
  const executor = document.executor ?? typeDefaults.executor;
  if (laterExecutors.includes(executor)) {
    note("executor", `executor ${executor} is not supported by this version yet: use a shell.`);
  } else if (executor.includes("\0") || (/\s/.test(executor) && !executor.startsWith("/"))) {
    note(
      "executor",
      `executor is one program without arguments, and ${JSON.stringify(executor)} is not: put options into the command (for example set -eu).`,
    );
  }
  return executor;
}

function readTags(tags: readonly string[], note: Note): readonly string[] {
  for (const tag of tags) {
    if (new TextEncoder().encode(tag).length > limits.tagBytesMax) {
      const message = `a tag takes at most ${limits.tagBytesMax} bytes: shorten ${tag.slice(0, 20)}….`;
      note("tags", message);
    }
  }
  return [...new Set(tags)].toSorted();
}

function readFiles(document: TaskTypeDocument, note: Note): TaskType["filesToInclude"] {
  return (document.files_to_include ?? []).map(([glob = "", destination = "."], index) => {
    const key = `files_to_include[${index}]`;
    if (!staysInside(glob)) {
      note(key, `${key}: ${JSON.stringify(glob)} must be relative to the file and stay below it.`);
    }
    if (!staysInside(destination)) {
      note(key, `${key}: ${JSON.stringify(destination)} must stay inside the task's directory.`);
    }
    return [glob, destination] as const;
  });
}

function staysInside(path: string): boolean {
  if (/^[/~]|^[A-Za-z]:|\0/.test(path)) return false;
  return !path.split(/[/\\]/).includes("..");
}

function readRetry(document: TaskTypeDocument, note: Note): RetryPolicy {
  const { retry = {} } = document;
  const fallback = typeDefaults.retry;
  const delayMs = readDuration("retry.delay", retry.delay, fallback.delayMs, note);
  const longest = Math.max(delayMs, fallback.delayMsMax);
  const delayMsMax = readDuration("retry.max_delay", retry.max_delay, longest, note);
  if (delayMsMax < delayMs) {
    note(
      "retry.max_delay",
      "retry.max_delay is shorter than retry.delay: make it at least as long.",
    );
  }
  return {
    attempts: retry.attempts ?? fallback.attempts,
    backoff: retry.backoff ?? fallback.backoff,
    delayMs,
    delayMsMax,
    jitterPercent: retry.jitter ?? fallback.jitterPercent,
    ...(retry.on_exit === undefined
      ? {}
      : { onExit: [...new Set(retry.on_exit)].toSorted((a, b) => a - b) }),
  };
}
