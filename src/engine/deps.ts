import type { Hash, NodeId } from "../core/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { VersionInfo } from "../ports/control.ts";
import type { HostStatus } from "../ports/control.ts";
import type { Files } from "../ports/files.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Random } from "../ports/random.ts";
import type { Runner } from "../ports/runner.ts";
import type { Store } from "../ports/store.ts";
import type { Types } from "../ports/types.ts";

/** The world as the engine knows it: everything that is not a decision of its own. */
export interface EnginePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly runner: Runner;
  readonly files: Files;
  readonly types: Types;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly hash: Hash;
  readonly host: () => HostStatus;
}

/** What a node is, fixed for its life. */
export interface EngineOptions {
  readonly nodeId: NodeId;
  readonly name: string;
  /** Tags of the node's own workers. */
  readonly tags: readonly string[];
  readonly slots: number;
  /** The part of the daemon's own environment that tasks get. */
  readonly baseEnvironment: Readonly<Record<string, string>>;
  /** Absolute path of the directory under which tasks run. */
  readonly resultsDirectory: string;
  /** The largest file that is taken with a task. */
  readonly uploadBytesMax: number;
  /** Process id of the daemon. */
  readonly daemonPid: number;
  readonly version: VersionInfo;
  /** Effective configuration for `/config/`, secrets already masked. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Known once REST listens: what tasks are told to call back. */
export interface ServedAt {
  readonly url: string;
  readonly port: number;
}
