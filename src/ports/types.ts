import type { TaskType, TypeProblem } from "../core/task-type/task-type.ts";

/** A task type file as it stands on disk now. */
export interface TypeEntry {
  readonly name: string;
  /** Absolute path. */
  readonly configFile: string;
  /** SHA-256 of the file's bytes in hexadecimal; empty where they could not be read. */
  readonly digest: string;
  /** Unix milliseconds when this content was first read. */
  readonly loadedAt: number;
  /** The parsed TOML as JSON values, or null where it does not parse. */
  readonly document: Readonly<Record<string, unknown>> | null;
  /** Absent where there are problems. */
  readonly type?: TaskType;
  readonly problems: readonly TypeProblem[];
}

/** The task types of this node: TOML files in directories, the first of a name wins. */
export interface Types {
  /** The file as it stands now (one stat when unchanged); undefined where there is none. */
  lookup(name: string): TypeEntry | undefined;
  /** All, by name. Reads the directories again. */
  all(): readonly TypeEntry[];
  /** The names as of the last look at the directories, refreshed at most once a second. */
  names(): readonly string[];
}
