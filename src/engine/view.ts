import type { NodeId } from "../core/ids.ts";
import { whyWaiting } from "../core/placement/why.ts";
import { typeEnvironment } from "../core/task-type/environment.ts";
import { maskSecrets } from "../core/task-type/mask.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { showTask } from "../core/task/show.ts";
import { shownState, type TaskState } from "../core/task/shown-state.ts";
import type { ShownTask } from "../core/task/shown-task.ts";
import type { TypeEntry } from "../ports/types.ts";
import { typeFault } from "./claim.ts";
import type { EngineContext } from "./context.ts";
import { whyHeld } from "./registers.ts";
import type { Runs } from "./runs.ts";

/** Tasks as users see them: records with what is known around them. */
export interface View {
  stateOf(record: TaskRecord): TaskState;
  show(record: TaskRecord): ShownTask;
  /** For many at once: each type file is looked at once. */
  showAll(records: readonly TaskRecord[]): readonly ShownTask[];
  nodeIdOf(name: string): NodeId | undefined;
}

interface State {
  readonly context: EngineContext;
  readonly runs: Runs;
}

type Lookup = (name: string) => TypeEntry | undefined;

export function createView(context: EngineContext, runs: Runs): View {
  const state: State = { context, runs };
  const { options, ports } = context;
  return {
    stateOf: (record) => stateOf(context, record),
    show: (record) => show(state, record, ports.types.lookup),
    showAll(records) {
      const seen = new Map<string, TypeEntry | undefined>();
      const lookup: Lookup = (name) => {
        if (!seen.has(name)) seen.set(name, ports.types.lookup(name));
        return seen.get(name);
      };
      return records.map((record) => show(state, record, lookup));
    },
    nodeIdOf: (name) =>
      name === options.name || name === options.nodeId ? options.nodeId : undefined,
  };
}

function show({ context, runs }: State, record: TaskRecord, lookup: Lookup): ShownTask {
  const { options, ports } = context;
  const { spec } = record.decided;
  const state = stateOf(context, record);
  const entry = lookup(spec.type);
  return showTask(record, {
    state,
    reason: reasonFor(context, record, state, entry),
    progress: runs.progress.get(record.id),
    resultDirectory: ports.files.directoryOf(record.id),
    type: {
      environment: entry?.type === undefined ? {} : typeEnvironment(entry.type, spec.environment),
      digest: entry?.digest ?? "",
      timeoutMs: entry?.type?.timeoutMs ?? 0,
    },
    nodeName: (id) => (id === options.nodeId ? options.name : id),
    mask: maskSecrets,
  });
}

function stateOf(context: EngineContext, record: TaskRecord): TaskState {
  const { phase } = record.decided.value;
  return shownState(record, {
    now: context.ports.clock.now(),
    votersAnswer: phase !== "OPEN" || heldReason(context, record) === undefined,
    ownerAnswers: phase !== "CLAIMED" || claimFault(context, record) === undefined,
  });
}

function heldReason({ replica, options }: EngineContext, record: TaskRecord): string | undefined {
  const task = replica.live(record.id);
  return task === undefined ? undefined : whyHeld(options.nodeId, task.working);
}

/** A claimed task is held while its end can't be stored. */
function claimFault(context: EngineContext, record: TaskRecord): string | undefined {
  return context.session.storeProblem ?? heldReason(context, record);
}

function reasonFor(
  context: EngineContext,
  record: TaskRecord,
  state: TaskState,
  entry: TypeEntry | undefined,
): string | null {
  if (state === "HELD") return heldReason(context, record) ?? context.session.storeProblem ?? null;
  const { spec, value } = record.decided;
  if (state === "SCHEDULED") return value.n > 0 ? "waits before its next attempt" : null;
  if (state !== "WAITING") return null;
  const why = whyWaiting(spec, typeFault(entry), context.workers.summary());
  return why === "" ? null : why;
}
