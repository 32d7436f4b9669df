/** One command, ready to be started. */
export interface Command {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute, and there. Output is appended to the two log files in it. */
  readonly directory: string;
}

/** What became of a start; `code` is a name of errno, such as `ENOENT`. */
export type SpawnResult =
  | { readonly kind: "spawned"; readonly pid: number; readonly session: number }
  | { readonly kind: "failed"; readonly code: string };

/** How a child ended: by itself with `exitCode`, or by a signal. */
export interface ChildExit {
  readonly exitCode?: number;
  readonly signal?: string;
}

/** Starts commands, each as the leader of a process group of its own. */
export interface Spawner {
  readonly kind: "posix_spawn" | "fork";
  /** Whether processes that lose their parent become children of the keeper. */
  readonly adoptsOrphans: boolean;
  /** Calls `done` once, before this returns or soon after. */
  start(command: Command, done: (result: SpawnResult) => void): void;
  /**
   * From now on `ended` is called for each child that ends, with as little delay as can be, and
   * `turn` after all that ended at once. While `ended` runs, the pid is not free for another
   * process.
   */
  listen(ended: (pid: number, exit: ChildExit) => void, turn: () => void): void;
}

export const stdoutLog = "blanket.stdout.log";
export const stderrLog = "blanket.stderr.log";
