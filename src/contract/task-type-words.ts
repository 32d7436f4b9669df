import { durationAdvice } from "../core/duration.ts";
import type { KeyWords } from "./schema-problems.ts";
import { taskTypeSchema } from "./task-type-schema.ts";

/** Tables and keys of later versions: refused rather than ignored, since they promise something. */
export const laterKeys: readonly string[] = [
  "resources",
  "concurrency",
  "notify",
  "retention",
  "checkpoint",
  "cleanup",
  "container",
  "schedule",
  "slurm",
];

const durations: readonly string[] = ["timeout", "kill_grace", "retry.delay", "retry.max_delay"];
const variableLists = ["environment.default", "environment.required", "environment.optional"];

/** The words for task type files. */
export const taskTypeWords: KeyWords = { keysAt, unknown, misfit };

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

function keysAt(path: string): readonly string[] | undefined {
  let node: SchemaNode | undefined = taskTypeSchema as SchemaNode;
  for (const key of path === "" ? [] : path.split(".")) {
    node = node?.properties?.[key];
    node = node?.items ?? node;
  }
  return node?.properties === undefined ? undefined : Object.keys(node.properties);
}

function unknown(path: string): string | undefined {
  if (laterKeys.includes(path)) {
    return `${path} is not supported by this version yet: remove it, the task would run without what it asks for.`;
  }
  if (path === "environment.required.value" || path === "environment.optional.value") {
    return "only a variable of environment.default has a value: move it there, or remove the value.";
  }
  return undefined;
}

function misfit(path: string): string | undefined {
  if (durations.includes(path)) return `${path} is not a duration: ${durationAdvice}.`;
  if (path === "environment")
    return "environment must be a table: begin it with [[environment.default]].";
  if (variableLists.includes(path)) {
    return `${path} must be a list of tables: begin each variable with [[${path}]].`;
  }
  if (path === "environment.default.value") {
    return "a variable's value must be a text, a number, true or false.";
  }
  if (path === "retry") return "retry must be a table: begin it with [retry].";
  if (path === "retry.jitter")
    return "retry.jitter is per cent: write a whole number from 0 to 100.";
  if (path === "retry.on_exit") return "retry.on_exit must be a list of exit codes from 1 to 255.";
  if (path === "tags") return 'tags must be a list of texts, such as ["unix", "gpu"].';
  if (path === "files_to_include") {
    return 'files_to_include must be a list of pairs, such as [["data/*.csv", "input"]].';
  }
  return undefined;
}
