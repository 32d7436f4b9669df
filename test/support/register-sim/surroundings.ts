import type { NodeId, TaskId } from "../../../src/core/ids.ts";
import type { answer, Answer } from "../../../src/core/register/acceptor.ts";
import type { Command } from "../../../src/core/register/commands.ts";
import type { hasGone } from "../../../src/core/register/gone.ts";
import type { Reply, Request } from "../../../src/core/register/messages.ts";
import type { startProposal, stepProposal } from "../../../src/core/register/proposer.ts";
import type { Content } from "../../../src/core/register/value.ts";
import type { TaskRecord } from "../../../src/core/task/record.ts";
import type { TaskSpec } from "../../../src/core/task/spec.ts";
import type { Chance } from "../chance.ts";
import type { Timeline } from "../timeline.ts";
import { spec } from "../values.ts";
import type { SimNode, Tables } from "./node.ts";
import type { Oracle } from "./oracle.ts";

/** What the world is made of; a test that plants a flaw hands in a broken one of these. */
export interface Parts {
  readonly answer: typeof answer;
  readonly startProposal: typeof startProposal;
  readonly stepProposal: typeof stepProposal;
  readonly hasGone: typeof hasGone;
  /** Whether an answer is sent only once it, and all that was written before, is on disk. */
  readonly waitsForDisk: (answered: Answer) => boolean;
  /** Hashes of the content that a request brings along. */
  readonly contentSent: (request: Request) => readonly string[];
  /** What is proposed to change voters; undefined changes them without a proposal. */
  readonly moveTo: (to: readonly NodeId[]) => Command | undefined;
}

export type Message =
  | { readonly kind: "request"; readonly request: Request }
  | { readonly kind: "reply"; readonly to: Request; readonly reply: Reply }
  | { readonly kind: "records"; readonly records: readonly TaskRecord[] };

/** One seed's cluster: its nodes, and what lies between and around them. */
export interface World {
  readonly parts: Parts;
  readonly chance: Chance;
  readonly timeline: Timeline;
  readonly oracle: Oracle;
  readonly names: readonly NodeId[];
  readonly nodes: ReadonlyMap<NodeId, SimNode>;
  /** Every content there is, by hash; who holds it is in the nodes' tables. */
  readonly contents: Map<string, TaskSpec>;
  /** Tasks that must not be run twice. */
  readonly unsafe: Set<TaskId>;
  readonly closedAt: Map<TaskId, number>;
  /** Shares of messages that are lost, and that come twice. */
  readonly loss: number;
  readonly repeats: number;
  /** One side of a partition. */
  apart: ReadonlySet<NodeId>;
  /** All faults are over. */
  isCalm: boolean;
  receive(node: SimNode, from: NodeId, message: Message): void;
  /** The owner looks after its standing attempt. */
  attend(node: SimNode, id: TaskId): void;
}

/** Does it later, unless the node has died by then. */
export function later(world: World, node: SimNode, delay: number, act: () => void): void {
  const { boot } = node;
  world.timeline.after(delay, () => {
    if (node.isUp && node.boot === boot) act();
  });
}

/** Lost, repeated, late and out of order as chance has it; a node reaches itself always. */
export function send(world: World, from: NodeId, to: NodeId, message: Message): void {
  const { chance, timeline } = world;
  const isSafe = world.isCalm || from === to;
  const copies = !isSafe && chance.holds(world.repeats) ? 2 : 1;
  for (let copy = 0; copy < copies; copy += 1) {
    if (!isSafe && chance.holds(world.loss)) continue;
    const isLate = !isSafe && chance.holds(0.05);
    const delay = from === to ? 0.1 : 1 + chance.float() * (isLate ? 500 : 15);
    timeline.after(delay, () => {
      const node = world.nodes.get(to);
      if (node?.isUp === true && reaches(world, from, to)) world.receive(node, from, message);
    });
  }
}

/** Whether no partition lies between the two. */
export function reaches({ apart }: World, from: NodeId, to: NodeId): boolean {
  return from === to || apart.has(from) === apart.has(to);
}

/** Changes memory at once and the disk a little later, in the order of the calls. */
export function write(
  { timeline, chance }: World,
  node: SimNode,
  change: (tables: Tables) => void,
  synced?: () => void,
): void {
  change(node.memory);
  const { boot } = node;
  node.syncedAt = Math.max(node.syncedAt, timeline.now() + 1 + chance.float() * 5);
  timeline.after(node.syncedAt - timeline.now(), () => {
    if (!node.isUp || node.boot !== boot) return;
    change(node.disk);
    synced?.();
  });
}

export function contentFor({ contents }: World, hash: string): Content {
  return { hash, spec: contents.get(hash) ?? spec };
}

/** Key of a register in a node's tables. */
export function placeOf(id: TaskId, epoch: number): string {
  return `${id}/${epoch}`;
}
