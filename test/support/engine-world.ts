import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import { createTomlTypes } from "../../src/adapters/types-toml/types-toml.ts";
import type { NodeId } from "../../src/core/ids.ts";
import type { ShownTask } from "../../src/core/task/shown-task.ts";
import type { Submission } from "../../src/core/task/submission.ts";
import type { EngineOptions, EnginePorts } from "../../src/engine/deps.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { Store } from "../../src/ports/store.ts";
import { createManualClock, type ManualClock } from "../doubles/manual-clock.ts";
import { createMemoryFiles, type MemoryFiles } from "../doubles/memory-files.ts";
import { createMemoryRunner, type MemoryRunner } from "../doubles/memory-runner.ts";
import { createPlainMetrics, type PlainMetrics } from "../doubles/plain-metrics.ts";
import { createSeededRandom } from "../doubles/seeded-random.ts";
import { createSilentLog, type SilentLog } from "../doubles/silent-log.ts";
import { mortalPorts } from "./mortal-ports.ts";
import { writeTypes } from "./type-files.ts";

/** A whole engine on doubles: a clock that stands still, a store in memory, a scripted runner. */
export interface EngineWorld {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly runner: MemoryRunner;
  readonly files: MemoryFiles;
  readonly store: Store;
  readonly metrics: PlainMetrics;
  readonly log: SilentLog;
  /** Directory of the type files, which tests may edit. */
  readonly types: string;
  /** Gives the task as it is a turn of the loop later: started, where a worker was free. */
  submit(submission: Partial<Submission>): Promise<ShownTask>;
  find(id: string): Promise<ShownTask>;
  /** The task once it is in that state, without time passing. */
  reaches(id: string, state: ShownTask["state"]): Promise<ShownTask>;
  /**
   * Another engine on the same disk, runner and clock, as after `kill -9` of the daemon: this one
   * hears and does nothing any more.
   */
  restart(options?: Partial<EngineOptions>): Promise<EngineWorld>;
  /** As `restart`, without the other engine. */
  kill(): void;
  /** Ends what is left, of the engines that followed this one too. */
  dispose(): Promise<void>;
}

/** Turns of the loop that anything takes at most once its time has come. */
const turnsMax = 50;

const faultyLevel = new URL("../doubles/faulty-level.ts", import.meta.url).pathname;

/**
 * Starts an engine with two slots, tags linux and unix, and the types of `type-files.ts`. A test
 * that wants a port to behave oddly wraps it; engines that follow get the same.
 */
export async function createEngineWorld(
  options: Partial<EngineOptions> = {},
  wrap: (ports: EnginePorts) => EnginePorts = (ports) => ports,
): Promise<EngineWorld> {
  const directory = mkdtempSync(join(tmpdir(), "blanket-engine-"));
  const types = writeTypes(directory);
  const clock = createManualClock();
  const runner = createMemoryRunner({ clock });
  const files = createMemoryFiles({ clock });
  const store = await openLevelStore(
    { log: createSilentLog() },
    { directory: join(directory, "store"), module: faultyLevel },
  );
  const log = createSilentLog();
  const metrics = createPlainMetrics();
  const lasting = { types, clock, runner, files, store, metrics, log };
  return start({ ...lasting, directory, wrap, last: {} }, options);
}

type Lasting = "types" | "clock" | "runner" | "files" | "store" | "metrics" | "log";
type Ground = Pick<EngineWorld, Lasting> & {
  readonly directory: string;
  readonly wrap: (ports: EnginePorts) => EnginePorts;
  /** The engine that was started last. */
  readonly last: { stop?: () => Promise<void> };
};

async function start(ground: Ground, options: Partial<EngineOptions>): Promise<EngineWorld> {
  const { clock, runner, files, store, directory, metrics, log } = ground;
  const ports: EnginePorts = {
    clock,
    runner,
    files,
    store,
    log,
    metrics,
    random: createSeededRandom(7),
    types: createTomlTypes({ clock, log }, { directories: [ground.types] }),
    hash: (bytes) => createHash("sha256").update(bytes).digest(),
    host: () => hostStatus,
  };
  const life = mortalPorts(ground.wrap(ports));
  const engine = createEngine(life.ports, { ...engineOptions, ...options });
  ground.last.stop = async () => {
    if (life.isAlive()) await engine.stop({ stopTasks: false });
  };
  await engine.start();
  engine.open({ url: "http://127.0.0.1:8773", port: 8773 });
  return {
    ...ground,
    engine,
    async submit(submission) {
      const whole = { type: "plain", environment: {}, tags: [], files: [], ...submission };
      const { task } = await engine.control.submit(whole, "local");
      await clock.run(0);
      return engine.control.find(task.id);
    },
    find: (id) => engine.control.find(id),
    async reaches(id, state) {
      for (let turn = 0; turn < turnsMax; turn += 1) {
        const task = await engine.control.find(id);
        if (task.state === state) return task;
        await clock.run(0);
      }
      throw new Error(`${id} never is ${state}: ${JSON.stringify(await engine.control.find(id))}`);
    },
    restart(changed = {}) {
      life.kill();
      return start(ground, { ...options, ...changed });
    },
    kill: life.kill,
    async dispose() {
      await ground.last.stop?.();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const engineOptions: EngineOptions = {
  nodeId: "node-1" as NodeId,
  name: "rabbit",
  tags: ["linux", "unix"],
  slots: 2,
  baseEnvironment: { PATH: "/usr/bin:/bin" },
  resultsDirectory: "/memory/results",
  uploadBytesMax: 1_024,
  daemonPid: 4_242,
  version: { version: "0", commit: null, node: "v24", platform: "test" },
  config: {},
};

const hostStatus = {
  pid: 4_242,
  uptimeSeconds: 1,
  memory: { rssBytes: 1, heapUsedBytes: 1 },
  loopDelayMs: { mean: 0, p99: 0, max: 0 },
  load: [0, 0, 0],
  disk: { freeBytes: 1, totalBytes: 1 },
};
