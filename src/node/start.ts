import { hash as digest } from "node:crypto";
import { join } from "node:path";

import { createSystemClock } from "../adapters/clock-system/clock-system.ts";
import { createDiskFiles } from "../adapters/files-disk/files-disk.ts";
import { assertCanListen } from "../adapters/http-fastify/bind.ts";
import { createHttpServer } from "../adapters/http-fastify/http-fastify.ts";
import { createPinoLog } from "../adapters/log-pino/log-pino.ts";
import { createPrometheusMetrics } from "../adapters/metrics-prometheus/metrics-prometheus.ts";
import { createSystemRandom } from "../adapters/random-system/random-system.ts";
import { createKeeperRunner } from "../adapters/runner-keeper/runner-keeper.ts";
import { openLevelStore } from "../adapters/store-level/store-level.ts";
import { createTomlTypes } from "../adapters/types-toml/types-toml.ts";
import type { NodeConfig, NodeOptions, RunningNode } from "../contract/config.ts";
import type { NodeId } from "../core/ids.ts";
import { version } from "../core/version.ts";
import type { EnginePorts } from "../engine/deps.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import type { VersionInfo } from "../ports/control.ts";
import type { Types } from "../ports/types.ts";
import { baseEnvironment } from "./base-environment.ts";
import { detectTags } from "./capabilities.ts";
import { resolveConfig } from "./config/resolve-config.ts";
import { makeDataDirectory } from "./data-directory.ts";
import { createHostProbe } from "./host.ts";
import { claimIdentity } from "./identity.ts";
import { withSecondNode } from "./second-node.ts";
import { typesPerTurn } from "./types-per-turn.ts";

/** What has been started so far, to be stopped in reverse. */
type Stops = (() => Promise<void>)[];

/** How long a stop may take before what is left is cut off. */
const stopDeadlineMs = 5_000;

/**
 * Builds and starts one node, in order: data, store, identity, keeper, engine, REST. Whatever
 * fails, what was started before is stopped again; where REST can't listen nothing is begun.
 * @throws CONFIG_INVALID, STORE_LOCKED, STORE_NEWER, STORE_UNREADABLE, PORT_TAKEN, BIND_INSECURE
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const config = resolveConfig(options);
  await assertCanListen({ ...config.http, insecure: config.insecure });
  const stops: Stops = [];
  const stop = once(async () => {
    for (const each of stops.toReversed()) await each();
  });
  try {
    return await build(config, options, stops, stop);
  } catch (error) {
    await stop();
    throw withSecondNode(error, config);
  }
}

async function build(
  config: NodeConfig,
  options: NodeOptions,
  stops: Stops,
  stop: () => Promise<void>,
): Promise<RunningNode> {
  const { name, slots } = config;
  const { nodeId, ports } = await openPorts(config, stops);
  const tags = [...new Set([...detectTags(name, options.environment), ...config.tags])];
  const engine = createEngine(ports, {
    nodeId,
    name,
    tags,
    slots,
    baseEnvironment: baseEnvironment(options.environment, config.passEnvironment),
    resultsDirectory: join(config.dataDirectory, "results"),
    uploadBytesMax: config.uploadBytesMax,
    daemonPid: process.pid,
    version: versionInfo,
    config: { ...config },
  });
  const resumed = await engine.start();
  stops.push(() => engine.stop({ stopTasks: config.stopTasks }));
  const url = await serve(engine, ports, config, stops);
  const [valid, broken] = countTypes(ports.types);
  return {
    greeting: {
      nodeId,
      name,
      version,
      url,
      slots,
      tags,
      taskTypes: valid.length,
      brokenTaskTypes: broken,
      resumed,
    },
    stopsTasks: config.stopTasks,
    runningTasks: engine.runningTasks,
    stop,
  };
}

/** The world of the node, from the disk up. */
async function openPorts(
  config: NodeConfig,
  stops: Stops,
): Promise<{ readonly nodeId: NodeId; readonly ports: EnginePorts }> {
  const { dataDirectory } = config;
  await makeDataDirectory(dataDirectory);
  const clock = createSystemClock();
  const log = createPinoLog({ level: "info" });
  const metrics = createPrometheusMetrics();
  const host = createHostProbe(dataDirectory);
  stops.push(async () => host.stop());
  const store = await openLevelStore(
    { log, clock, metrics },
    { directory: join(dataDirectory, "store"), module: config.storeModule },
  );
  stops.push(() => store.close());
  const nodeId = await claimIdentity({ log, store }, dataDirectory);
  const runner = createKeeperRunner({ clock, log }, { dataDirectory, keeperEntry });
  await runner.start();
  stops.push(() => runner.disconnect());
  const types = createTomlTypes({ clock, log }, { directories: config.typeDirectories });
  const ports: EnginePorts = {
    clock,
    random: createSystemRandom(),
    store,
    runner,
    files: createDiskFiles({ log, clock }, { dataDirectory }),
    types: typesPerTurn(types),
    log,
    metrics,
    hash: (bytes) => digest("sha256", bytes, "buffer"),
    host: host.read,
  };
  return { nodeId, ports };
}

/** Names of the types that load, and of those that do not. */
function countTypes(types: Types): readonly [valid: string[], broken: string[]] {
  const [valid, broken]: [string[], string[]] = [[], []];
  for (const { name, type } of types.all()) (type === undefined ? broken : valid).push(name);
  return [valid, broken];
}

/** REST first, then tasks: what they call back must answer. Returns the URL. */
async function serve(
  engine: Engine,
  { log, metrics, clock }: EnginePorts,
  config: NodeConfig,
  stops: Stops,
): Promise<string> {
  const { name, hostNames, uploadBytesMax, insecure } = config;
  const server = createHttpServer(
    { control: engine.control, log, metrics, clock },
    { ...config.http, hostNames: [name, ...hostNames], uploadBytesMax, insecure },
  );
  const served = await server.start();
  stops.push(() => server.stop(stopDeadlineMs));
  engine.open(served);
  return served.url;
}

const versionInfo: VersionInfo = {
  version,
  commit: null,
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
};

/** The keeper's program beside this one, in the same form: source or compiled. */
const keeperEntry = new URL(
  `../keeper/main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
).pathname;

function once(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= act();
    return running;
  };
}
