import { Compile } from "typebox/compile";

import { durationAdvice, parseDuration } from "../core/duration.ts";
import { limits } from "../core/limits.ts";
import { posixShellOf } from "../core/task-type/executor.ts";
import type { TaskType, TypeProblem, Variable } from "../core/task-type/task-type.ts";
import { parseTemplate, templateNames, type Template } from "../core/task-type/template.ts";
import { isVariableName, kindFault, nameAdvice, scalarText } from "../core/task-type/variable.ts";
import type { RetryPolicy } from "../core/task/spec.ts";
import { schemaProblems } from "./schema-problems.ts";
import { taskTypeSchema, typeDefaults, type TaskTypeDocument } from "./task-type-schema.ts";
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
  const note = (key: string, message: string) => void problems.push({ key, message });
  const type = readType(name, document, note);
  const command = readCommand(document, problems);
  if (command === undefined || problems.length > 0) return { kind: "problems", problems };
  return { kind: "type", type: { ...type, command } };
}

type Note = (key: string, message: string) => void;

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
      const message = `A tag takes at most ${limits.tagBytesMax} bytes: shorten ${tag.slice(0, 20)}….`;
      note("tags", message);
    }
  }
  return [...new Set(tags)].toSorted();
}

function readVariables(document: TaskTypeDocument, note: Note): readonly Variable[] {
  const { environment = {} } = document;
  const seen = new Set<string>();
  return (["default", "required", "optional"] as const).flatMap((presence) =>
    (environment[presence] ?? []).map((entry, index): Variable => {
      const key = `environment.${presence}[${index}]`;
      checkName(entry.name, `${key}.name`, seen, note);
      const kind = entry.type ?? "string";
      const value =
        "value" in entry ? readValue(entry.value, kind, `${key}.value`, note) : undefined;
      return {
        name: entry.name,
        kind,
        presence,
        ...(entry.description === undefined ? {} : { description: entry.description }),
        ...(value === undefined ? {} : { value }),
      };
    }),
  );
}

function checkName(name: string, key: string, seen: Set<string>, note: Note): void {
  if (!isVariableName(name)) {
    note(key, `${JSON.stringify(name)} is no name for a variable: ${nameAdvice}.`);
  } else if (seen.has(name)) note(key, `${name} is declared twice: keep one.`);
  seen.add(name);
}

function readValue(value: unknown, kind: Variable["kind"], key: string, note: Note): string {
  const text = scalarText(value);
  if (text.kind === "refused") {
    note(key, `${key} ${text.why}.`);
    return "";
  }
  const fault = kindFault(kind, text.text);
  if (fault !== undefined) note(key, `${key} ${fault}.`);
  return text.text;
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

function readCommand(document: TaskTypeDocument, problems: TypeProblem[]): Template | undefined {
  const { command, executor = typeDefaults.executor } = document;
  if (command.trim() === "") {
    problems.push({ key: "command", message: "command is blank: write what is to run." });
    return undefined;
  }
  if (new TextEncoder().encode(command).length > limits.commandBytesMax) {
    const message =
      "command is longer than the system takes: put it into a script beside this file and name it in files_to_include.";
    problems.push({ key: "command", message });
    return undefined;
  }
  const reading = parseTemplate(command, executor);
  if (reading.kind === "problems") {
    problems.push(...reading.problems.map((problem) => ({ ...problem, key: "command" })));
    return undefined;
  }
  problems.push(...lateNames(reading.template, executor));
  return reading.template;
}

/** Blanket's own variables have no value yet when a command is put together. */
function lateNames(template: Template, executor: string): TypeProblem[] {
  const quoted = posixShellOf(executor) !== undefined;
  return templateNames(template)
    .filter((name) => name.startsWith("BLANKET_"))
    .map((name) => {
      const advice = quoted ? `write $${name}` : `read ${name} from the environment`;
      const message = `{{.${name}}} has a value only while the task runs: ${advice}.`;
      return { key: "command", message };
    });
}
