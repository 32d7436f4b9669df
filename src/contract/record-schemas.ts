import Type, { type Static, type TSchema } from "typebox";

import type { NodeId, TaskId, WorkerId } from "../core/ids.ts";
import type { StoreTables, TableName } from "../core/stored-tables.ts";

// Unknown fields are no fault: a newer version may have written them, and they are kept. A field
// that is added must be optional, or the table's version rises and older records are converted.

const nodeId = Type.Unsafe<NodeId>(Type.String({ minLength: 1 }));
const taskId = Type.Unsafe<TaskId>(Type.String({ minLength: 1 }));
const workerId = Type.Unsafe<WorkerId>(Type.String({ minLength: 1 }));
const count = Type.Integer({ minimum: 0 });
/** Unix milliseconds, or a duration in milliseconds. */
const milliseconds = Type.Number();
const text = Type.String();
const texts = Type.Immutable(Type.Array(text));
const voters = Type.Immutable(Type.Array(nodeId));
const variables = Type.Record(text, text);

/** By attempt. MessagePack knows only text as a member's name, as JavaScript does. */
function byAttempt<T extends TSchema>(schema: T) {
  return Type.Record(Type.Integer(), schema);
}

const outcome = Type.Object({
  kind: Type.Union([
    Type.Literal("success"),
    Type.Literal("error"),
    Type.Literal("timedout"),
    Type.Literal("stopped"),
    Type.Literal("lost"),
  ]),
  at: milliseconds,
  exitCode: Type.Optional(Type.Integer()),
  signal: Type.Optional(text),
  reason: Type.Optional(text),
});

const valueBase = { seq: count, n: count, rev: count, specHash: text, ops: texts };

const openValue = Type.Object({
  phase: Type.Literal("OPEN"),
  ...valueBase,
  paused: Type.Boolean(),
  notBefore: Type.Optional(milliseconds),
});

const claimedValue = Type.Object({
  phase: Type.Literal("CLAIMED"),
  ...valueBase,
  owner: nodeId,
  stop: Type.Boolean(),
});

const closedValue = Type.Object({
  phase: Type.Literal("CLOSED"),
  ...valueBase,
  why: Type.Union([
    Type.Literal("done"),
    Type.Literal("cancelled"),
    Type.Literal("expired"),
    Type.Literal("lost"),
    Type.Literal("skipped"),
  ]),
  outcome: Type.Optional(outcome),
  owner: Type.Optional(nodeId),
});

const movedValue = Type.Object({
  phase: Type.Literal("MOVED"),
  ...valueBase,
  to: voters,
  carry: Type.Union([openValue, claimedValue]),
});

const value = Type.Union([openValue, claimedValue, closedValue, movedValue]);

const spec = Type.Object({
  type: text,
  environment: variables,
  tags: texts,
  key: Type.Optional(text),
  givenHash: Type.Optional(text),
  priority: Type.Integer(),
  notBefore: Type.Optional(milliseconds),
  expires: Type.Optional(milliseconds),
  timeoutMs: Type.Optional(milliseconds),
  onLost: Type.Union([Type.Literal("hold"), Type.Literal("rerun"), Type.Literal("skip")]),
  retry: Type.Object({
    attempts: count,
    backoff: Type.Union([
      Type.Literal("constant"),
      Type.Literal("linear"),
      Type.Literal("exponential"),
    ]),
    delayMs: milliseconds,
    delayMsMax: milliseconds,
    jitterPercent: Type.Number(),
    onExit: Type.Optional(Type.Immutable(Type.Array(Type.Integer()))),
  }),
  files: Type.Immutable(Type.Array(Type.Object({ path: text, sha256: text, sizeBytes: count }))),
  submittedBy: text,
});

const started = Type.Object({
  at: milliseconds,
  node: nodeId,
  pid: Type.Integer(),
  worker: text,
  typeDigest: text,
  timeoutMs: milliseconds,
  typeEnvironment: variables,
});

const taskRecord = Type.Object({
  id: taskId,
  origin: nodeId,
  boot: count,
  seq: count,
  createdAt: milliseconds,
  fast: Type.Optional(nodeId),
  chain: Type.Immutable(Type.Array(Type.Object({ voters, init: value }))),
  decided: Type.Object({ epoch: count, value, spec }),
  started: byAttempt(started),
  ended: byAttempt(outcome),
  late: byAttempt(outcome),
  removed: Type.Boolean(),
  forced: Type.Boolean(),
  retryOf: Type.Optional(taskId),
});

/** `node` is empty in the ballot that nobody proposed. */
const ballot = Type.Object({
  round: count,
  node: Type.Unsafe<NodeId | "">(Type.String()),
  boot: count,
});

const registerState = Type.Object({
  id: taskId,
  epoch: count,
  voters,
  fast: Type.Optional(nodeId),
  origin: nodeId,
  boot: count,
  seq: count,
  init: Type.Optional(value),
  promised: ballot,
  acceptedBallot: ballot,
  accepted: Type.Optional(value),
  gave: Type.Optional(count),
});

const journalEntry = Type.Union([
  Type.Object({
    kind: Type.Literal("starting"),
    kernelBootId: text,
    startedAt: milliseconds,
    worker: text,
    typeDigest: text,
    timeoutMs: milliseconds,
    killGraceMs: milliseconds,
    typeEnvironment: variables,
  }),
  Type.Object({ kind: Type.Literal("void") }),
  Type.Object({ kind: Type.Literal("exited"), outcome }),
  Type.Object({ kind: Type.Literal("lost") }),
]);

const goneIntervals = Type.Record(
  Type.Integer(),
  Type.Immutable(Type.Array(Type.Immutable(Type.Tuple([count, count])))),
);

const storedWorker = Type.Object({
  id: workerId,
  tags: texts,
  paused: Type.Boolean(),
  createdAt: milliseconds,
});

/** The schema of each table's records; their types are those of core, which the compiler checks. */
export const recordSchemas = {
  meta: Type.Union([Type.String(), Type.Number()]),
  task: taskRecord,
  register: registerState,
  journal: journalEntry,
  gone: goneIntervals,
  worker: storedWorker,
};

/**
 * Whether what a schema yields is what core asks for, no member forgotten, no optional one either.
 */
type Agrees<Yielded, Asked> = [Yielded, Whole<Yielded>, Whole<Asked>] extends [
  Asked,
  Whole<Asked>,
  Whole<Yielded>,
]
  ? true
  : false;

/** `T` with every optional member asked for. */
type Whole<T> = T extends string | number | boolean
  ? T
  : { readonly [K in keyof T]-?: Whole<T[K]> };

/**
 * The version in which each table's records are written, and the newest that is understood. A row
 * does not compile where a schema and the type in core say different things.
 */
export const recordVersions: {
  readonly [T in TableName]: Agrees<Static<(typeof recordSchemas)[T]>, StoreTables[T]> extends true
    ? number
    : never;
} = { meta: 1, task: 1, register: 1, journal: 1, gone: 1, worker: 1 };
