import type { OnLost, RetryPolicy } from "../task/spec.ts";
import type { Template } from "./template.ts";

/** What `type` of a variable is checked against. */
export type VariableKind = "string" | "integer" | "number" | "boolean";

/** A variable that a type declares. */
export interface Variable {
  readonly name: string;
  /** Its default, as a string; only where `presence` is `default`. */
  readonly value?: string;
  readonly description?: string;
  readonly kind: VariableKind;
  readonly presence: "default" | "required" | "optional";
}

/** A task type: the checked form of one TOML file (CONTRACT section 4). */
export interface TaskType {
  readonly name: string;
  readonly command: Template;
  /** `bash`, or any program run as `X -c command`. */
  readonly executor: string;
  /** 0 is none. */
  readonly timeoutMs: number;
  readonly killGraceMs: number;
  /** Sorted, without repeats. */
  readonly tags: readonly string[];
  readonly priority: number;
  readonly description: string;
  readonly documentation: string;
  readonly variables: readonly Variable[];
  /**
   * Pairs of a glob relative to the file, and a destination directory (`.` where none is given).
   */
  readonly filesToInclude: readonly (readonly [glob: string, destination: string])[];
  readonly onLost: OnLost;
  readonly retry: RetryPolicy;
}

/** What is wrong with a type file, where. Lines and columns count from 1. */
export interface TypeProblem {
  readonly message: string;
  /** The key path (`environment.default[0].name`), where the fault has one. */
  readonly key?: string;
  readonly line?: number;
  readonly column?: number;
}

/** A problem with its place in front, as compilers write it, so that editors find it. */
export function placedProblem(file: string, { line, column, message }: TypeProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined);
  return `${place.join(":")}: ${message}`;
}
