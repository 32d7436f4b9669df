import type { NodeId, TaskId } from "../../../src/core/ids.ts";
import type { JournalEntry } from "../../../src/core/journal.ts";
import type { RegisterState } from "../../../src/core/register/acceptor-state.ts";
import type { GoneIntervals } from "../../../src/core/register/gone.ts";
import type { ProposalState } from "../../../src/core/register/proposal.ts";
import type { ProposalResult } from "../../../src/core/register/proposal.ts";
import type { TaskRecord } from "../../../src/core/task/record.ts";

/** What a node keeps: once as it stands in memory, once as it is on disk. */
export interface Tables {
  readonly registers: Map<string, RegisterState>;
  readonly gone: Map<NodeId, GoneIntervals>;
  readonly records: Map<TaskId, TaskRecord>;
  readonly journal: Map<string, JournalEntry>;
  /** Hashes of the content that is here. */
  readonly contents: Set<string>;
}

/** A change under way. */
export interface Running {
  state: ProposalState;
  readonly done: (result: ProposalResult) => void;
}

/** A Create under way: who has acknowledged it. */
export interface Creating {
  readonly acknowledged: Set<NodeId>;
  readonly needed: number;
  readonly done: () => void;
}

/** One node of the simulation. */
export interface SimNode {
  readonly name: NodeId;
  boot: number;
  isUp: boolean;
  /** Everything below `disk` is lost in a crash. */
  disk: Tables;
  memory: Tables;
  /** When the last write asked for will be on disk. */
  syncedAt: number;
  seq: number;
  running: Map<TaskId, Running>;
  creating: Map<string, Creating>;
  roundSeen: Map<TaskId, number>;
  /** Registers on which a ballot was tried since the start. */
  tried: Set<TaskId>;
  /** Attempts whose process lives (true) or has ended unseen (false). */
  processes: Map<string, boolean>;
}

export function createNode(name: NodeId): SimNode {
  const nothing: Tables = {
    registers: new Map(),
    gone: new Map(),
    records: new Map(),
    journal: new Map(),
    contents: new Set(),
  };
  const node = { name, boot: 0, isUp: true, disk: nothing, syncedAt: 0, ...started(nothing) };
  start(node);
  return node;
}

/** A start, or a start after a crash: nothing is known but what is on disk. */
export function start(node: SimNode): void {
  node.boot += 1;
  node.isUp = true;
  Object.assign(node, started(node.disk));
}

function started(disk: Tables) {
  return {
    memory: {
      registers: new Map(disk.registers),
      gone: new Map(disk.gone),
      records: new Map(disk.records),
      journal: new Map(disk.journal),
      contents: new Set(disk.contents),
    },
    seq: 0,
    running: new Map<TaskId, Running>(),
    creating: new Map<string, Creating>(),
    roundSeen: new Map<TaskId, number>(),
    tried: new Set<TaskId>(),
    processes: new Map<string, boolean>(),
  };
}
