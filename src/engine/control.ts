import { BlanketError } from "../core/errors.ts";
import type { TaskId } from "../core/ids.ts";
import type { TaskRecord } from "../core/task/record.ts";
import type { Control, Submitted, TypeView } from "../ports/control.ts";
import type { TypeEntry } from "../ports/types.ts";
import { refuseUnlessReady, refuseWhileLoading, type EngineContext } from "./context.ts";
import type { EngineOptions } from "./deps.ts";
import type { Intervention } from "./intervene.ts";
import type { Listing } from "./listing.ts";
import { createLogControl } from "./log-control.ts";
import type { NodeView } from "./node-view.ts";
import type { Runs } from "./runs.ts";
import type { Accepted, Submitter } from "./submit.ts";
import type { View } from "./view.ts";
import type { WorkerControl } from "./worker-control.ts";

/** The loops that control hands its work to. */
export interface ControlDeps {
  readonly context: EngineContext;
  readonly listing: Listing;
  readonly submitter: Submitter;
  readonly intervention: Intervention;
  readonly runs: Runs;
  readonly view: View;
  readonly workerControl: WorkerControl;
  readonly nodeView: NodeView;
}

/** Everything that users can ask, put together from the loops of the engine. */
export function createControl(deps: ControlDeps): Control {
  const { context, view, nodeView, workerControl } = deps;
  const { ports, options } = context;
  return {
    ...taskControl(deps),
    ...createLogControl(context, view),
    ...workerControl,
    ...nodeView,
    upload(chunks) {
      refuseUnlessReady(deps.context);
      return ports.files.storeBlob(chunks, options.uploadBytesMax);
    },
    types: () => Promise.resolve(ports.types.all().map((entry) => typeView(options, entry))),
    async type(name) {
      const entry = ports.types.lookup(name);
      if (entry !== undefined) return typeView(options, entry);
      throw new BlanketError(
        "TYPE_NOT_FOUND",
        `there is no task type ${name}; \`blanket ls types\` shows all ${ports.types.names().length}.`,
        { type: name },
      );
    },
    config: () => options.config,
    version: () => options.version,
  };
}

function typeView({ name }: EngineOptions, entry: TypeEntry): TypeView {
  return { ...entry, nodes: { [name]: entry.digest } };
}

type TaskControl = Pick<
  Control,
  | "submit"
  | "list"
  | "count"
  | "find"
  | "wait"
  | "cancel"
  | "remove"
  | "pause"
  | "resume"
  | "retry"
  | "progress"
>;

function taskControl(deps: ControlDeps): TaskControl {
  const { context, view, intervention, submitter, listing, runs } = deps;
  const { replica } = context;

  async function recordOf(idOrPrefix: string): Promise<TaskRecord> {
    refuseWhileLoading(context);
    const record = await replica.fetch(replica.resolve(idOrPrefix));
    if (record !== undefined) return record;
    throw new BlanketError("TASK_UNKNOWN", `the task ${idOrPrefix} is not here any more.`, {
      id: idOrPrefix,
    });
  }

  /** For what changes a task: refused while nothing can be stored. */
  function change(idOrPrefix: string, act: (id: TaskId) => Promise<TaskRecord>) {
    refuseUnlessReady(deps.context);
    return act(replica.resolve(idOrPrefix)).then(view.show);
  }

  function submitted({ record, created, warnings }: Accepted): Submitted {
    return { task: view.show(record), created, warnings };
  }

  return {
    async submit(submission, submittedBy) {
      refuseUnlessReady(deps.context);
      return submitted(await submitter.submit(submission, submittedBy));
    },
    async list(filter, page) {
      refuseWhileLoading(context);
      return view.showAll(await listing.page(filter, page));
    },
    async count(filter) {
      refuseWhileLoading(context);
      return listing.count(filter);
    },
    find: async (idOrPrefix) => view.show(await recordOf(idOrPrefix)),
    async wait(id, signal) {
      refuseWhileLoading(context);
      return view.show(await intervention.closed(id, signal));
    },
    cancel: async (idOrPrefix) => change(idOrPrefix, intervention.cancel),
    remove: async (idOrPrefix, isForced) =>
      change(idOrPrefix, (id) => intervention.remove(id, isForced)),
    pause: async (idOrPrefix) => change(idOrPrefix, (id) => intervention.setPaused(id, true)),
    resume: async (idOrPrefix) => change(idOrPrefix, (id) => intervention.setPaused(id, false)),
    async retry(idOrPrefix, submittedBy) {
      refuseUnlessReady(deps.context);
      const record = await recordOf(idOrPrefix);
      if (record.decided.value.phase !== "CLOSED") {
        throw illegal(record, view, "has not ended and can't be retried; cancel it first");
      }
      return view.show((await submitter.retry(record, submittedBy)).record);
    },
    async progress(idOrPrefix, percent, note) {
      const record = await recordOf(idOrPrefix);
      const state = view.stateOf(record);
      if (state !== "RUNNING") {
        throw illegal(record, view, `is ${state}; only a running task has progress`);
      }
      runs.progress.set(record.id, { percent, note });
      return view.show(record);
    },
  };
}

function illegal(record: TaskRecord, view: View, why: string): BlanketError {
  const { id } = record;
  return new BlanketError("TRANSITION_ILLEGAL", `${id} ${why}.`, {
    id,
    state: view.stateOf(record),
  });
}
