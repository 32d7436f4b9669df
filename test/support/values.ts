import type { NodeId, TaskId } from "../../src/core/ids.ts";
import {
  initialValue,
  type Ballot,
  type ClaimedValue,
  type ClosedValue,
  type Content,
  type OpenValue,
} from "../../src/core/register/value.ts";
import { noRetry, type TaskSpec } from "../../src/core/task/spec.ts";

/** Short names for the values that tests about registers are made of. */

export const id = "00000000-0000-8000-8000-000000000001" as TaskId;
export const [ada, ben, cyd, dan] = ["ada", "ben", "cyd", "dan"].map((name) => name as NodeId) as [
  NodeId,
  NodeId,
  NodeId,
  NodeId,
];

/** Unix milliseconds at which tests take place. */
export const noon = 1_800_000_000_000;

export const spec: TaskSpec = {
  type: "bash_task",
  environment: {},
  tags: [],
  priority: 0,
  onLost: "hold",
  retry: noRetry,
  files: [],
  submittedBy: "local",
};

/** Content that is told apart by its hash alone. */
export function contentOf(hash: string): Content {
  return { hash, spec: { ...spec, environment: { CONTENT: hash } } };
}

export const content = contentOf("first");
export const fresh: OpenValue = initialValue(content.hash);

export function open(fields: Partial<OpenValue> = {}): OpenValue {
  return { ...fresh, seq: 7, n: 2, rev: 3, ops: ["one"], ...fields };
}

export function claimed(fields: Partial<ClaimedValue> = {}): ClaimedValue {
  const { paused: _paused, notBefore: _notBefore, ...base } = open();
  return { ...base, phase: "CLAIMED", owner: ada, stop: false, ...fields };
}

export function closed(fields: Partial<ClosedValue> = {}): ClosedValue {
  const { paused: _paused, notBefore: _notBefore, ...base } = open();
  return { ...base, phase: "CLOSED", why: "done", ...fields };
}

export function ballot(round: number, node: NodeId = ada, boot = 1): Ballot {
  return { round, node, boot };
}
