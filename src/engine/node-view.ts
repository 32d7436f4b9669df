import { BlanketError } from "../core/errors.ts";
import { rfc3339 } from "../core/rfc3339.ts";
import { taskStates, type TaskState } from "../core/task/shown-state.ts";
import type { Control, ShownNode } from "../ports/control.ts";
import type { EngineOptions, EnginePorts, ServedAt } from "./deps.ts";
import type { Picker } from "./pick.ts";
import type { Replica } from "./replica.ts";
import type { Runs } from "./runs.ts";
import type { View } from "./view.ts";
import type { Workers } from "./workers.ts";

/** The part of control that tells of this node. */
export type NodeView = Pick<Control, "nodes" | "node" | "status">;

export interface NodeViewDeps {
  readonly ports: EnginePorts;
  readonly options: EngineOptions;
  readonly replica: Replica;
  readonly workers: Workers;
  readonly runs: Runs;
  readonly picker: Picker;
  readonly view: View;
  boot(): number;
  served(): ServedAt | undefined;
  /** What the node can't do now, one sentence each; empty where all is well. */
  problems(): readonly string[];
}

export function createNodeView(deps: NodeViewDeps): NodeView {
  const { ports, options, replica, workers, runs, picker, view } = deps;

  function self(): ShownNode {
    const { load, disk } = ports.host();
    const served = deps.served();
    return {
      id: options.nodeId,
      name: options.name,
      state: "alive",
      syncing: false,
      cordoned: false,
      lag: 0,
      rttMs: null,
      tags: options.tags,
      slots: { total: workers.total(), free: workers.free() },
      addresses: served === undefined ? [] : [served.url],
      version: options.version.version,
      boot: deps.boot(),
      lastSeenAt: rfc3339(ports.clock.now()),
      load,
      disk,
    };
  }

  function countsByState(): Partial<Record<TaskState, number>> {
    const counts: Partial<Record<TaskState, number>> = {};
    for (const state of taskStates) {
      const size = replica.rows.bucket(state).length;
      if (size > 0) counts[state] = size;
    }
    const claimed = replica.rows.bucket("claimed").length;
    if (claimed > 0) counts.RUNNING = claimed;
    const open = replica.rows.bucket("open");
    if (open.length === picker.waiting()) return { ...counts, WAITING: open.length };
    for (const { record } of open) {
      const state = record === undefined ? "WAITING" : view.stateOf(record);
      counts[state] = (counts[state] ?? 0) + 1;
    }
    return counts;
  }

  return {
    nodes: () => Promise.resolve([self()]),
    async node(nameOrId) {
      const isSelf =
        nameOrId === options.name || (nameOrId !== "" && options.nodeId.startsWith(nameOrId));
      if (isSelf) return self();
      throw new BlanketError(
        "NODE_UNKNOWN",
        `no node is called ${nameOrId}; \`blanket ls nodes\` lists all.`,
        { node: nameOrId },
      );
    },
    status() {
      const problems = deps.problems();
      return {
        ...ports.host(),
        node: options.name,
        ready: problems.length === 0,
        problems,
        store: ports.store.status(),
        runner: ports.runner.status(),
        queues: {
          open: replica.rows.bucket("open").length,
          waiting: picker.waiting(),
          running: runs.count(),
        },
        tasks: countsByState(),
        peers: [],
      };
    },
  };
}
