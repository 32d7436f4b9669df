import { canonicalBytes } from "../core/canonical.ts";
import { BlanketError } from "../core/errors.ts";
import { hexOf, taskIdOf, type TaskId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { nearest } from "../core/nearest.ts";
import { isUnrunnable, whyWaiting } from "../core/placement/why.ts";
import { checkSubmission, environmentError } from "../core/task-type/environment.ts";
import type { TaskType } from "../core/task-type/task-type.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { specSizeBytes, type TaskSpec } from "../core/task/spec.ts";
import type { Submission } from "../ports/control.ts";
import type { StoreOperation } from "../ports/store.ts";
import type { EngineOptions, EnginePorts } from "./deps.ts";
import type { Claim, Picker } from "./pick.ts";
import type { NewTask, Registers } from "./registers.ts";
import type { LiveTask, Replica } from "./replica.ts";
import type { Workers } from "./workers.ts";

/** A task that is on disk, new or found under its key. */
export interface Accepted {
  readonly record: TaskRecord;
  readonly created: boolean;
  readonly warnings: readonly string[];
}

/** Takes submissions in. */
export interface Submitter {
  submit(submission: Submission, submittedBy: string): Promise<Accepted>;
  /** A new task like an ended one. */
  retry(of: TaskRecord, submittedBy: string): Promise<Accepted>;
}

export interface SubmitterDeps {
  readonly ports: EnginePorts;
  readonly options: EngineOptions;
  readonly replica: Replica;
  readonly registers: Registers;
  readonly workers: Workers;
  readonly picker: Picker;
  boot(): number;
  /** Starts what a durable claim has claimed. */
  launch(claim: Claim): void;
}

export function createSubmitter(deps: SubmitterDeps): Submitter {
  const { ports, options, replica, registers, picker } = deps;
  const { clock, hash } = ports;
  let seq = 0;

  /** Writes a new task, claimed in the same batch where a worker is free for it. */
  async function create(task: Omit<NewTask, "seq" | "createdAt" | "isFast">): Promise<Accepted> {
    const { spec } = task;
    seq += 1;
    const isFast = spec.key === undefined && spec.notBefore === undefined;
    const version = registers.create({ ...task, seq, createdAt: clock.now(), isFast });
    const live = replica.begin(version);
    const worker = isFast ? picker.freeWorkerFor(spec) : undefined;
    const claim = worker === undefined ? undefined : picker.claim(live, worker);
    await commitNew(live, claim);
    if (claim === undefined) picker.reconsider(task.id);
    else deps.launch(claim);
    ports.metrics.count("tasks_submitted_total");
    return { record: live.shown ?? version.record, created: true, warnings: warningsFor(spec) };
  }

  async function commitNew(live: LiveTask, claim: Claim | undefined): Promise<void> {
    const operations: readonly StoreOperation[] = claim?.operations ?? [];
    if (claim !== undefined) deps.workers.occupy(claim.worker, live.id);
    try {
      await replica.commit(live, claim?.version ?? live.working, operations);
    } catch (error) {
      if (replica.live(live.id) === live) replica.forget(live.id);
      throw error;
    }
  }

  /** The task that the key made before; undefined where it made none. */
  async function findKeyed(id: TaskId): Promise<TaskRecord | undefined> {
    const live = replica.live(id);
    if (live !== undefined) await live.committed;
    return replica.fetch(id);
  }

  async function submitKeyed(id: TaskId, spec: TaskSpec): Promise<Accepted> {
    const there = await findKeyed(id);
    if (there === undefined && replica.live(id) !== undefined) return submitKeyed(id, spec);
    if (there === undefined) return create({ id, spec });
    if (there.decided.spec.givenHash !== spec.givenHash) {
      throw new BlanketError(
        "KEY_REUSED",
        `the key ${spec.key ?? ""} belongs to task ${id}, which asks for something else; use another key.`,
        { id, key: spec.key },
      );
    }
    return { record: there, created: false, warnings: [] };
  }

  function warningsFor(spec: TaskSpec): readonly string[] {
    const fault = picker.typeFault(spec.type);
    const groups = deps.workers.summary();
    return isUnrunnable(spec, fault, groups) ? [whyWaiting(spec, fault, groups)] : [];
  }

  function refuseWhenFull(): void {
    if (replica.liveCount() < limits.openTasksMax) return;
    throw new BlanketError(
      "QUEUE_FULL",
      `${options.name} holds ${limits.openTasksMax} tasks that have not ended, the most it takes; wait for some to end, or remove some.`,
      { openTasksMax: limits.openTasksMax },
    );
  }

  return {
    async submit(submission, submittedBy) {
      refuseWhenFull();
      const type = checkedType(ports, submission);
      const spec = specOf(ports, submission, type, submittedBy);
      const bytes = specSizeBytes(spec);
      if (bytes > limits.specBytesMax) throw tooLarge(bytes);
      if (spec.key !== undefined) {
        const source = { kind: "key", namespace: "", key: spec.key } as const;
        return submitKeyed(taskIdOf(hash, source), spec);
      }
      const source = { kind: "origin", origin: options.nodeId, boot: deps.boot(), seq: seq + 1 };
      return create({ id: taskIdOf(hash, { ...source, kind: "origin" }), spec });
    },
    async retry(of, submittedBy) {
      refuseWhenFull();
      const { key: _key, notBefore: _notBefore, expires: _expires, ...rest } = of.decided.spec;
      for (let count = 1; ; count += 1) {
        const id = taskIdOf(hash, { kind: "retry", of: of.id, count });
        if ((await findKeyed(id)) !== undefined || replica.live(id) !== undefined) continue;
        return create({ id, spec: { ...rest, submittedBy }, retryOf: of.id });
      }
    },
  };
}

/** The type as it stands now, with the submission held against it. */
function checkedType({ types }: EnginePorts, submission: Submission): TaskType {
  const entry = types.lookup(submission.type);
  if (entry === undefined) {
    const close = nearest(submission.type, types.names());
    const advice = close === undefined ? "" : `; did you mean ${close}?`;
    throw new BlanketError(
      "TYPE_UNKNOWN",
      `there is no task type ${submission.type}${advice === "" ? "." : advice} \`blanket ls types\` shows all.`,
      { type: submission.type },
    );
  }
  if (entry.type === undefined) {
    throw new BlanketError(
      "TYPE_INVALID",
      `the task type ${entry.name} does not load: ${entry.problems[0]?.message ?? "unknown problem"} (${entry.configFile}); mend the file and submit again.`,
      { type: entry.name, problems: entry.problems },
    );
  }
  const problems = checkSubmission(entry.type, submission.environment);
  if (problems.length > 0) throw environmentError(problems);
  return entry.type;
}

function specOf(
  { hash }: EnginePorts,
  submission: Submission,
  type: TaskType,
  submittedBy: string,
): TaskSpec {
  const { key, notBefore, expires, timeoutMs, files } = submission;
  const given = submission.key === undefined ? undefined : givenHash(hash, submission);
  return {
    type: submission.type,
    environment: submission.environment,
    tags: [...new Set([...type.tags, ...submission.tags])].toSorted(),
    ...(key === undefined ? {} : { key }),
    ...(given === undefined ? {} : { givenHash: given }),
    priority: submission.priority ?? type.priority,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expires === undefined ? {} : { expires }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    onLost: submission.onLost ?? type.onLost,
    retry: type.retry,
    files: files.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes })),
    submittedBy,
  };
}

/** What the user chose, without times: equal for two submissions that are the same (PROTOCOL 8). */
function givenHash(hash: EnginePorts["hash"], submission: Submission): string {
  const { notBefore: _notBefore, expires: _expires, files, ...chosen } = submission;
  const parts = files.map(({ path, sha256 }) => [path, sha256]);
  return hexOf(hash(canonicalBytes({ ...chosen, tags: chosen.tags.toSorted(), files: parts })));
}

function tooLarge(bytes: number): BlanketError {
  const kib = Math.ceil(bytes / 1_024);
  return new BlanketError(
    "SPEC_TOO_LARGE",
    `the task is ${kib} KiB, and a task may have 48; upload large content as a file (-F name=@file).`,
    { bytes, bytesMax: limits.specBytesMax },
  );
}
