import type { NodeId } from "../core/ids.ts";

/** What a node is started with: flags over environment over file over defaults, merged. */
export interface NodeConfig {
  /** The node's name; default the machine's host name up to the first dot. */
  readonly name: string;
  /** Absolute path of the data directory. */
  readonly dataDirectory: string;
  readonly http: { readonly host: string; readonly port: number };
  /** Workers that the node makes for itself; 0 takes no work. */
  readonly slots: number;
  /** Tags beside those that are detected. */
  readonly tags: readonly string[];
  /** Absolute paths, the first one of a type's name wins. */
  readonly typeDirectories: readonly string[];
  /** An abstract-level module: `level`, or the name or path of another. */
  readonly storeModule: string;
  /** Host names, beside the built-in ones, under which REST may be asked. */
  readonly hostNames: readonly string[];
  /**
   * Names of the node's own environment variables that tasks get beside the built-in ones; a
   * trailing `*` matches any rest.
   */
  readonly passEnvironment: readonly string[];
  /** The largest file that is taken with a task. */
  readonly uploadBytesMax: number;
  /** REST off loopback without tokens. */
  readonly insecure: boolean;
  /** End running tasks when the node stops, instead of leaving them to the keeper. */
  readonly stopTasks: boolean;
  /** Which of the above came from where, for `/config/`. */
  readonly sources: Readonly<Record<string, "flag" | "environment" | "file" | "default">>;
}

/**
 * What `blanket node` was started with, as typed: nothing checked, undefined where absent. The
 * environment comes along since only the command line reads the process's own.
 */
export interface NodeOptions {
  readonly flags: NodeFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The flags of `blanket node`. */
export interface NodeFlags {
  /** Path of a TOML file. */
  readonly config?: string | undefined;
  readonly name?: string | undefined;
  readonly data?: string | undefined;
  /** `HOST:PORT`. */
  readonly http?: string | undefined;
  readonly slots?: string | undefined;
  /** With commas between them. */
  readonly tags?: string | undefined;
  /** Directories. */
  readonly types?: readonly string[] | undefined;
  readonly insecure?: boolean | undefined;
  readonly stopTasks?: boolean | undefined;
}

/** What `blanket node` needs to know of a started node to greet its user. */
export interface NodeGreeting {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly slots: number;
  readonly tags: readonly string[];
  readonly taskTypes: number;
  readonly brokenTaskTypes: readonly string[];
  /** Tasks found running or waiting from before. */
  readonly resumed: { readonly running: number; readonly waiting: number };
}

/** A started node, as `src/node/start.ts` hands it to the command. */
export interface RunningNode {
  readonly greeting: NodeGreeting;
  /** Whether `stop` ends running tasks, instead of leaving them to the keeper. */
  readonly stopsTasks: boolean;
  /** Tasks running now. */
  runningTasks(): number;
  /** Stops in reverse order of the start, within a deadline; idempotent. */
  stop(): Promise<void>;
}
