import { BlanketError } from "../core/errors.ts";
import type { ShownNode } from "../core/membership/shown-node.ts";
import { rfc3339 } from "../core/rfc3339.ts";
import { taskStates, type TaskState } from "../core/task/shown-state.ts";
import type { Control } from "../ports/control.ts";
import type { EngineContext } from "./context.ts";
import type { Picker } from "./pick.ts";
import type { Runs } from "./runs.ts";
import type { View } from "./view.ts";

/** The part of control that tells of this node. */
export type NodeView = Pick<Control, "nodes" | "node" | "status">;

interface State {
  readonly context: EngineContext;
  readonly runs: Runs;
  readonly picker: Picker;
  readonly view: View;
}

export function createNodeView(
  context: EngineContext,
  runs: Runs,
  picker: Picker,
  view: View,
): NodeView {
  const state: State = { context, runs, picker, view };
  const { ports, options, replica } = context;
  return {
    nodes: () => Promise.resolve([self(context)]),
    async node(nameOrId) {
      const isSelf =
        nameOrId === options.name || (nameOrId !== "" && options.nodeId.startsWith(nameOrId));
      if (isSelf) return self(context);
      throw new BlanketError(
        "NODE_UNKNOWN",
        `no node is called ${nameOrId}; \`blanket ls nodes\` lists all.`,
        { node: nameOrId },
      );
    },
    status() {
      const problems = problemsOf(context);
      return {
        ...ports.host(),
        node: options.name,
        ready: context.session.phase === "ready",
        problems,
        store: ports.store.status(),
        runner: ports.runner.status(),
        queues: {
          open: replica.rows.bucket("open").length,
          waiting: picker.waiting(),
          running: runs.count(),
        },
        tasks: countsByState(state),
        peers: [],
      };
    },
  };
}

function self({ ports, options, session, workers }: EngineContext): ShownNode {
  const { load, disk } = ports.host();
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
    addresses: session.served === undefined ? [] : [session.served.url],
    version: options.version.version,
    boot: session.boot,
    lastSeenAt: rfc3339(ports.clock.now()),
    load,
    disk,
  };
}

/** What the node can't do now, one sentence each; empty where all is well. */
function problemsOf({ session, ports }: EngineContext): readonly string[] {
  const { damaged, corrupted } = ports.store.status();
  return [
    ...(session.phase === "loading" ? ["it is starting"] : []),
    ...(session.phase === "stopping" ? ["it is stopping"] : []),
    ...(session.storeProblem === undefined ? [] : [session.storeProblem]),
    ...(damaged === 0 ? [] : [damageSentence(damaged)]),
    ...(corrupted ? ["the database reports that it lost records"] : []),
  ];
}

function damageSentence(damaged: number): string {
  return damaged === 1
    ? "1 record on disk is damaged and was left out"
    : `${damaged} records on disk are damaged and were left out`;
}

/** Closed tasks are counted by their lists; open ones one by one only where some do not wait. */
function countsByState({ context, picker, view }: State): Partial<Record<TaskState, number>> {
  const { rows } = context.replica;
  const counts: Partial<Record<TaskState, number>> = {};
  for (const state of taskStates) {
    const size = rows.bucket(state).length;
    if (size > 0) counts[state] = size;
  }
  const open = rows.bucket("open");
  const claimed = rows.bucket("claimed");
  const isPlain = open.length === picker.waiting();
  if (isPlain && open.length > 0) counts.WAITING = open.length;
  for (const { record } of isPlain ? claimed : [...open, ...claimed]) {
    if (record === undefined) continue;
    const state = view.stateOf(record);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
