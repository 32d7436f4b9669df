import { assert } from "../core/errors.ts";
import type { Hash, NodeId, TaskId } from "../core/ids.ts";
import type { RegisterState } from "../core/register/acceptor-state.ts";
import { answer, type AcceptorContext } from "../core/register/acceptor.ts";
import type { Command } from "../core/register/commands.ts";
import { hasGone, type GoneIntervals } from "../core/register/gone.ts";
import { startProposal, stepProposal } from "../core/register/proposer.ts";
import { ballotZero, initialValue, type Content, type Value } from "../core/register/value.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { specHash, type TaskSpec } from "../core/task/spec.ts";
import type { Clock } from "../ports/clock.ts";
import type { Version } from "./replica.ts";

/** What a new task is known by before it has a register. */
export interface NewTask {
  readonly id: TaskId;
  readonly seq: number;
  readonly createdAt: number;
  readonly spec: TaskSpec;
  /** Whether this node may claim it by the fast ballot. */
  readonly isFast: boolean;
  readonly retryOf?: TaskId;
}

/** What became of a command; only `applied` changes anything, once its version is on disk. */
export type Change =
  | { readonly kind: "applied"; readonly version: Version; readonly value: Value }
  | { readonly kind: "rejected"; readonly value: Value }
  /** A gate on time: try again in a moment. */
  | { readonly kind: "early" }
  /** This node cannot decide alone; nothing may be decided now. */
  | { readonly kind: "held"; readonly reason: string };

/**
 * The registers of tasks whose only voter is this node. Acceptor and proposer are core's; with one
 * voter their messages never leave this turn of the loop, so that a promise, a vote and whatever
 * else a change writes go to disk in one batch, and nothing is told before that batch is there.
 */
export interface Registers {
  create(task: NewTask): Version;
  change(version: Version, command: Command, notBefore?: number): Change;
}

export interface RegistersDeps {
  readonly hash: Hash;
  readonly clock: Clock;
  readonly self: NodeId;
  boot(): number;
  gone(origin: NodeId): GoneIntervals | undefined;
}

export function createRegisters(deps: RegistersDeps): Registers {
  const { self } = deps;
  return {
    create(task) {
      const contentHash = specHash(deps.hash, task.spec);
      const init = initialValue(contentHash);
      const fast = task.isFast ? { fast: self } : {};
      const content: Content = { hash: contentHash, spec: task.spec };
      const register =
        task.spec.key === undefined
          ? createOpen(deps, task, init, content, fast)
          : createKeyed(deps, task, content);
      return { record: newRecord(task, self, deps.boot(), init, fast), register };
    },
    change(version, command, notBefore) {
      const held = whyHeld(self, version);
      if (held !== undefined) return { kind: "held", reason: held };
      const { record, register } = version;
      assert(register !== undefined, `${record.id} is decided without a register`);
      const { value, spec } = record.decided;
      const result = propose(deps, register, {
        command,
        contents: [{ hash: value.specHash, spec }],
        notBefore,
      });
      if (result.kind === "early") return result;
      if (!result.applied) return { kind: "rejected", value: result.value };
      const decided = { epoch: register.epoch, value: result.value, spec };
      return {
        kind: "applied",
        value: result.value,
        version: { record: { ...record, decided }, register: result.register },
      };
    },
  };
}

function contextOf(deps: RegistersDeps, content: Content): AcceptorContext {
  return {
    now: deps.clock.now(),
    goneHas: (origin, boot, seq) => hasGone(deps.gone(origin) ?? {}, boot, seq),
    leaseMayStand: () => false,
    contentOf: (hash) => (hash === content.hash ? content.spec : undefined),
  };
}

function createOpen(
  deps: RegistersDeps,
  task: NewTask,
  init: Value,
  content: Content,
  fast: { readonly fast?: NodeId },
): RegisterState {
  const { id, seq } = task;
  const voters = [deps.self];
  const place = { id, epoch: 0, origin: deps.self, boot: deps.boot(), seq, voters };
  const request = { kind: "create", ...place, ...fast, init, content } as const;
  const { state, reply } = answer(undefined, request, contextOf(deps, content));
  assert(reply.kind === "ack" && state !== undefined, `${id} is new and was refused`);
  return state;
}

/**
 * A keyed task has no Create: the first decided ballot over EMPTY makes it (PROTOCOL section 8).
 */
function createKeyed(deps: RegistersDeps, task: NewTask, content: Content): RegisterState {
  const { id, seq } = task;
  const keySpace = { voters: [deps.self], origin: deps.self, boot: deps.boot(), seq };
  const [promised, acceptedBallot] = [ballotZero, ballotZero];
  const empty: RegisterState = { id, epoch: 0, ...keySpace, promised, acceptedBallot };
  const command = { kind: "create", specHash: content.hash } as const;
  const result = propose(deps, empty, { command, contents: [content], notBefore: undefined });
  assert(result.kind === "decided" && result.applied, `the key of ${id} is new and was refused`);
  return result.register;
}

type Alone =
  | { readonly kind: "early" }
  | {
      readonly kind: "decided";
      readonly applied: boolean;
      readonly value: Value;
      readonly register: RegisterState;
    };

/** Runs one proposal to its end against this node's own vote. */
function propose(
  deps: RegistersDeps,
  before: RegisterState,
  change: {
    readonly command: Command;
    readonly contents: readonly [Content];
    readonly notBefore: number | undefined;
  },
): Alone {
  const { self } = deps;
  const { command, contents, notBefore } = change;
  const context = contextOf(deps, contents[0]);
  let register = before;
  let [proposal, effects] = startProposal({
    id: before.id,
    epoch: before.epoch,
    voters: before.voters,
    ...(before.fast === undefined ? {} : { fast: before.fast }),
    ...(before.init === undefined ? {} : { init: before.init }),
    self,
    boot: deps.boot(),
    command,
    roundSeen: before.promised.round,
    ...(notBefore === undefined ? {} : { notBefore }),
    fastAllowed: before.promised.round === 0 && before.acceptedBallot.round === 0,
    contents,
  });
  for (let [effect] = effects; effect?.kind === "send"; [effect] = effects) {
    const { reply, state } = answer(register, effect.request, context);
    register = state ?? register;
    [proposal, effects] = stepProposal(proposal, { kind: "reply", from: self, reply });
  }
  const [end] = effects;
  assert(end?.kind === "done", `the proposal for ${before.id} stands still`);
  const { result } = end;
  if (result.kind === "refused") return { kind: "early" };
  assert(result.kind === "decided", `${before.id} could not be decided alone: ${result.kind}`);
  return { kind: "decided", applied: result.applied, value: result.value, register };
}

function newRecord(
  task: NewTask,
  self: NodeId,
  boot: number,
  init: Value,
  fast: { readonly fast?: NodeId },
): TaskRecord {
  const { id, seq, createdAt, spec, retryOf } = task;
  return {
    id,
    origin: self,
    boot,
    seq,
    createdAt,
    ...fast,
    chain: [{ voters: [self], init }],
    decided: { epoch: 0, value: init, spec },
    started: {},
    ended: {},
    late: {},
    removed: false,
    forced: false,
    ...(retryOf === undefined ? {} : { retryOf }),
  };
}

/** Why this node can't decide alone; undefined where it can. */
export function whyHeld(self: NodeId, { record, register }: Version): string | undefined {
  const voters = record.chain.at(-1)?.voters ?? [];
  if (!voters.includes(self)) return "its voters are not reachable (this node has a new identity)";
  if (register === undefined) return "this node's vote on it is damaged or missing";
  return undefined;
}
