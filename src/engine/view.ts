import type { NodeId } from "../core/ids.ts";
import { whyWaiting } from "../core/placement/why.ts";
import { typeEnvironment } from "../core/task-type/environment.ts";
import { maskSecrets } from "../core/task-type/mask.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { showTask } from "../core/task/show.ts";
import { shownState, type TaskState } from "../core/task/shown-state.ts";
import type { ShownTask } from "../core/task/shown-task.ts";
import type { TypeEntry } from "../ports/types.ts";
import type { EngineOptions, EnginePorts } from "./deps.ts";
import type { Picker } from "./pick.ts";
import { whyHeld } from "./registers.ts";
import type { Replica } from "./replica.ts";
import type { Runs } from "./runs.ts";
import type { Workers } from "./workers.ts";

/** Tasks as users see them: records with what is known around them. */
export interface View {
  stateOf(record: TaskRecord): TaskState;
  show(record: TaskRecord): ShownTask;
  /** For many at once: each type file is looked at once. */
  showAll(records: readonly TaskRecord[]): readonly ShownTask[];
  nodeIdOf(name: string): NodeId | undefined;
}

export interface ViewDeps {
  readonly ports: EnginePorts;
  readonly options: EngineOptions;
  readonly replica: Replica;
  readonly workers: Workers;
  readonly picker: Picker;
  readonly runs: Runs;
  /** Why nothing can be stored now; undefined where it can. */
  storeFault(): string | undefined;
}

export function createView(deps: ViewDeps): View {
  const { options, replica } = deps;
  const { clock, files, types } = deps.ports;

  function heldReason(record: TaskRecord): string | undefined {
    const task = replica.live(record.id);
    return task === undefined ? undefined : whyHeld(options.nodeId, task.working);
  }

  function stateOf(record: TaskRecord): TaskState {
    const { phase } = record.decided.value;
    return shownState(record, {
      now: clock.now(),
      votersAnswer: phase !== "OPEN" || heldReason(record) === undefined,
      ownerAnswers: phase !== "CLAIMED" || claimFault(record) === undefined,
    });
  }

  function claimFault(record: TaskRecord): string | undefined {
    return deps.storeFault() ?? heldReason(record);
  }

  function reasonFor(record: TaskRecord, state: TaskState, entry: TypeEntry | undefined): string {
    if (state === "HELD") return heldReason(record) ?? deps.storeFault() ?? "";
    if (state === "SCHEDULED" && record.decided.value.n > 0) return "waits before its next attempt";
    if (state !== "WAITING") return "";
    const fault =
      entry === undefined ? "missing" : entry.type === undefined ? "invalid" : undefined;
    return whyWaiting(record.decided.spec, fault, deps.workers.summary());
  }

  function show(record: TaskRecord, lookup: (name: string) => TypeEntry | undefined): ShownTask {
    const { spec } = record.decided;
    const state = stateOf(record);
    const entry = lookup(spec.type);
    const reason = reasonFor(record, state, entry);
    return showTask(record, {
      state,
      reason: reason === "" ? null : reason,
      progress: deps.runs.progress(record.id),
      resultDirectory: files.directoryOf(record.id),
      typeEnvironment:
        entry?.type === undefined ? {} : typeEnvironment(entry.type, spec.environment),
      typeDigest: entry?.digest ?? "",
      typeTimeoutMs: entry?.type?.timeoutMs ?? 0,
      nodeName: (id) => (id === options.nodeId ? options.name : id),
      mask: maskSecrets,
    });
  }

  return {
    stateOf,
    show: (record) => show(record, types.lookup),
    showAll(records) {
      const seen = new Map<string, TypeEntry | undefined>();
      const lookup = (name: string): TypeEntry | undefined => {
        if (!seen.has(name)) seen.set(name, types.lookup(name));
        return seen.get(name);
      };
      return records.map((record) => show(record, lookup));
    },
    nodeIdOf: (name) =>
      name === options.name || name === options.nodeId ? options.nodeId : undefined,
  };
}
