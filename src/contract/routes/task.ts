import { Type } from "typebox";

import { taskStates, type TaskState } from "../../core/task/shown-state.ts";
import { Rfc3339, UnixSeconds } from "./shared.ts";

/** A task's state. */
export const State = Type.Enum([...taskStates] as TaskState[], {
  description: "SUCCESS, ERROR, TIMEDOUT, STOPPED, EXPIRED, SKIPPED and LOST are final.",
});

/** What happens to a claimed task whose end can never be known. */
export const OnLostChoice = Type.Enum(["hold", "rerun", "skip"]);

const maybeText = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description });
const maybeTime = Type.Union([Rfc3339, Type.Null()]);
const maybeInteger = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], { description });

const Attempt = Type.Object({
  attempt: Type.Integer({ description: "Counted from 1." }),
  node: Type.String(),
  workerId: Type.String(),
  pid: Type.Integer(),
  startedAt: Rfc3339,
  finishedAt: maybeTime,
  exitCode: maybeInteger("Where the command exited by itself."),
  signal: maybeText("Where a signal ended it."),
  reason: maybeText("Why, where code and signal do not say it."),
});

const File = Type.Object({
  path: Type.String({ description: "Relative to the task's directory." }),
  sha256: Type.String(),
  sizeBytes: Type.Integer(),
});

/**
 * A task as REST answers it: `ShownTask` of core, field by field, which a test holds against it.
 */
export const Task = Type.Object({
  id: Type.String({ description: "UUID version 8." }),
  type: Type.String(),
  state: State,
  reason: maybeText("Why it waits, is held, or ended as it did."),
  progress: Type.Number({ description: "0 to 100." }),
  progressNote: maybeText("What the task last said beside its progress."),
  tags: Type.Array(Type.String(), { description: "Capabilities that a worker must have." }),
  defaultEnv: Type.Record(Type.String(), Type.String(), {
    description: "The merged environment; values of names that look secret are masked.",
  }),
  pid: Type.Integer({ description: "0 before it starts." }),
  workerId: Type.String({ description: "Empty before it starts." }),
  node: maybeText("Name of the node that claimed it."),
  resultDir: Type.String(),
  typeDigest: Type.String({ description: "SHA-256 of the type file that ran." }),
  timeout: Type.Number({ description: "Seconds; 0 is none." }),
  priority: Type.Integer({ description: "Higher runs first." }),
  key: maybeText("Its idempotency key."),
  onLost: OnLostChoice,
  attempt: Type.Integer({ description: "Attempts so far." }),
  attempts: Type.Array(Attempt),
  exitCode: maybeInteger("Of the last attempt, where it exited by itself."),
  signal: maybeText("Of the last attempt, where a signal ended it."),
  files: Type.Array(File, { description: "Uploaded files." }),
  voters: Type.Array(Type.String(), { description: "Nodes that hold its register." }),
  submittedBy: Type.String(),
  retryOf: maybeText("The task that this one retries by hand."),
  createdTs: UnixSeconds,
  createdAt: Rfc3339,
  startedTs: UnixSeconds,
  startedAt: maybeTime,
  finishedTs: UnixSeconds,
  finishedAt: maybeTime,
  lastUpdatedTs: UnixSeconds,
  lastUpdatedAt: Rfc3339,
  notBefore: maybeTime,
  expires: maybeTime,
});
