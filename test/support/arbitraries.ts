import {
  array,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  oneof,
  option,
  record,
  tuple,
  type Arbitrary,
} from "fast-check";

import type { NodeId, TaskId } from "../../src/core/ids.ts";
import type {
  ClaimedValue,
  ClosedValue,
  MovedValue,
  OpenValue,
  Outcome,
  Value,
} from "../../src/core/register/value.ts";
import type { Decided, Epoch, Started, TaskRecord } from "../../src/core/task/record.ts";
import type { TaskSpec } from "../../src/core/task/spec.ts";
import { ada, ben, cyd, id, spec } from "./values.ts";

/**
 * Arbitrary records of one task. Domains are small on purpose: what two nodes know must often be
 * about the same attempt or place, equal, or in conflict, for a join to have anything to do.
 */

const node: Arbitrary<NodeId> = constantFrom(ada, ben, cyd);
const small = integer({ min: 0, max: 3 });
const hash = constantFrom("first", "second");

export const anyOutcome: Arbitrary<Outcome> = record(
  {
    kind: constantFrom("success", "error", "timedout", "stopped", "lost"),
    at: small,
    exitCode: small,
    signal: constantFrom("SIGKILL", "SIGTERM"),
    reason: constantFrom("", "why"),
  },
  { requiredKeys: ["kind", "at"] },
);

const base = {
  seq: small,
  n: small,
  rev: small,
  specHash: hash,
  ops: array(constantFrom("one", "two"), { maxLength: 2 }),
};

const anyOpen: Arbitrary<OpenValue> = record(
  { ...base, phase: constant("OPEN" as const), paused: boolean(), notBefore: small },
  { requiredKeys: ["seq", "n", "rev", "specHash", "ops", "phase", "paused"] },
);

const anyClaimed: Arbitrary<ClaimedValue> = record({
  ...base,
  phase: constant("CLAIMED" as const),
  owner: node,
  stop: boolean(),
});

const anyClosed: Arbitrary<ClosedValue> = record(
  {
    ...base,
    phase: constant("CLOSED" as const),
    why: constantFrom("done", "cancelled", "expired", "lost", "skipped"),
    outcome: anyOutcome,
    owner: node,
  },
  { requiredKeys: ["seq", "n", "rev", "specHash", "ops", "phase", "why"] },
);

const anyMoved: Arbitrary<MovedValue> = record({
  ...base,
  phase: constant("MOVED" as const),
  to: array(node, { maxLength: 3 }),
  carry: oneof(anyOpen, anyClaimed),
});

export const anyValue: Arbitrary<Value> = oneof(anyOpen, anyClaimed, anyClosed, anyMoved);

const anyEpoch: Arbitrary<Epoch> = record({
  voters: constantFrom([ada], [ada, ben, cyd]),
  init: anyValue,
});

const anySpec: Arbitrary<TaskSpec> = record({
  type: constantFrom("bash_task", "other"),
  priority: small,
}).map((fields) => ({ ...spec, ...fields }));

const anyDecided: Arbitrary<Decided> = record({ epoch: small, value: anyValue, spec: anySpec });

const anyStarted: Arbitrary<Started> = record({
  at: small,
  node,
  pid: small,
  worker: constantFrom("rabbit-1", "rabbit-2"),
  typeDigest: hash,
  timeoutMs: small,
  typeEnvironment: dictionary(constantFrom("A", "B"), constantFrom("1", "2"), { maxKeys: 2 }),
});

function byAttempt<T>(fact: Arbitrary<T>): Arbitrary<Record<number, T>> {
  return array(tuple(integer({ min: 1, max: 3 }), fact), { maxLength: 3 }).map((pairs) =>
    Object.fromEntries(pairs),
  );
}

/** Records as they could come from anybody, conflicts included. */
export const anyRecord: Arbitrary<TaskRecord> = record({
  creation: record(
    {
      origin: node,
      boot: small,
      seq: small,
      createdAt: small,
      fast: node,
      retryOf: constantFrom("x" as TaskId, "y" as TaskId),
    },
    { requiredKeys: ["origin", "boot", "seq", "createdAt"] },
  ),
  chain: array(anyEpoch, { maxLength: 3 }),
  decided: anyDecided,
  started: byAttempt(anyStarted),
  ended: byAttempt(anyOutcome),
  late: byAttempt(anyOutcome),
  removed: boolean(),
  forced: boolean(),
}).map(({ creation, ...parts }) => ({ id, ...creation, ...parts }));

/** Some of what is known of one task, as several nodes of a healthy cluster may hold it. */
export const anyShares: Arbitrary<readonly [TaskRecord, TaskRecord, TaskRecord]> = tuple(
  anyRecord,
  array(anyDecided, { minLength: 3, maxLength: 3 }),
  tuple(small, small, small),
  array(tuple(boolean(), boolean(), option(boolean())), { minLength: 9, maxLength: 9 }),
).map(([whole, decisions, lengths, choices]) => {
  const places = decisions.map((decided, index) => ({ ...decided, epoch: index }));
  const share = (index: number): TaskRecord => ({
    ...whole,
    chain: whole.chain.slice(0, lengths[index]),
    decided: places[(lengths[index] ?? 0) % 3] ?? whole.decided,
    started: someOf(whole.started, choices, index),
    ended: someOf(whole.ended, choices, index + 1),
    late: someOf(whole.late, choices, index + 2),
    removed: choices[index]?.[0] ?? false,
    forced: choices[index]?.[1] ?? false,
  });
  return [share(0), share(1), share(2)];
});

function someOf<T>(
  facts: Readonly<Record<number, T>>,
  choices: readonly (readonly [boolean, boolean, boolean | null])[],
  from: number,
): Readonly<Record<number, T>> {
  const kept = Object.entries(facts).filter(
    (_, index) => choices[(from + index) % choices.length]?.[0] === true,
  );
  return Object.fromEntries(kept);
}
