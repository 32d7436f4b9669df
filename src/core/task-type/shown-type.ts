import type { TypeProblem } from "./task-type.ts";

/** A task type as REST answers it: what is known of its file, beside what the file says. */
export interface ShownTaskType {
  readonly name: string;
  /** Absolute path on the node that answers. */
  readonly configFile: string;
  /** SHA-256 of the file in hexadecimal. */
  readonly versionHash: string;
  /** Unix seconds. */
  readonly loadedTs: number;
  /** Tasks of it can run. */
  readonly valid: boolean;
  readonly problems: readonly TypeProblem[];
  /** Node name to the hash that it has. */
  readonly nodes: Readonly<Record<string, string>>;
  /** As the file says it, so that it may be of any kind where the file is not valid. */
  readonly description?: unknown;
  readonly tags?: unknown;
  readonly timeout?: unknown;
}
