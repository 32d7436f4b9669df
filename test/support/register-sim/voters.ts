import type { NodeId } from "../../../src/core/ids.ts";
import type { RegisterState } from "../../../src/core/register/acceptor-state.ts";
import type { AcceptorContext } from "../../../src/core/register/acceptor.ts";
import type { CreateRequest, Request } from "../../../src/core/register/messages.ts";
import { joinRecords } from "../../../src/core/task/join.ts";
import type { TaskRecord } from "../../../src/core/task/record.ts";
import { noon } from "../values.ts";
import type { SimNode } from "./node.ts";
import { Violation } from "./oracle.ts";
import { contentFor, placeOf, send, write, type World } from "./surroundings.ts";

/** A voter answers a request, once its answer is on disk. */
export function vote(world: World, node: SimNode, from: NodeId, request: Request): void {
  const { parts, oracle } = world;
  const key = placeOf(request.id, request.epoch);
  const stored = node.memory.registers.get(key);
  const answered = parts.answer(stored, request, contextOf(world, node));
  const { reply, state } = answered;
  const tell = (): void => send(world, node.name, from, { kind: "reply", to: request, reply });
  const waits = parts.waitsForDisk(answered);
  if (state !== undefined) oracle.voted(state);
  store(world, node, state, request, waits ? tell : undefined);
  if (!waits) tell();
}

/** A record from elsewhere; a voter that missed its Create makes the register from it. */
export function learn(world: World, node: SimNode, record: TaskRecord): void {
  const { id, origin, boot, seq } = record;
  if (isGone(world, node, origin, boot, seq)) return;
  const known = node.memory.records.get(id);
  const { record: joined, alarms } = joinRecords(known ?? record, record);
  if (alarms.length > 0) throw new Violation(`records of ${id}: ${JSON.stringify(alarms)}`);
  if (joined !== known) keep(world, node, joined);
  if (joined.decided.value.phase === "CLOSED") return;
  for (const [epoch, { voters }] of joined.chain.entries()) {
    const isMissing = !node.memory.registers.has(placeOf(id, epoch));
    if (!voters.includes(node.name) || !isMissing) continue;
    const request = createRequest(world, joined, epoch);
    const { state } = world.parts.answer(undefined, request, contextOf(world, node));
    store(world, node, state, request);
  }
}

/** Stores a record as it is. */
export function keep(world: World, node: SimNode, record: TaskRecord, synced?: () => void): void {
  const { value } = record.decided;
  if (value.phase === "CLOSED" && !world.closedAt.has(record.id)) {
    world.closedAt.set(record.id, world.timeline.now());
  }
  const hashes = [value.specHash, ...record.chain.map(({ init }) => init.specHash)];
  write(
    world,
    node,
    ({ records, contents }) => {
      records.set(record.id, record);
      for (const hash of hashes) contents.add(hash);
    },
    synced,
  );
}

/** What makes the register of that epoch, for whoever votes on it. */
export function createRequest(world: World, record: TaskRecord, epoch: number): CreateRequest {
  const { id, origin, boot, seq, fast, chain } = record;
  const { voters, init } = chain[epoch] ?? { voters: [], init: record.decided.value };
  return {
    kind: "create",
    id,
    epoch,
    origin,
    boot,
    seq,
    voters,
    ...(fast === undefined ? {} : { fast }),
    init,
    content: contentFor(world, init.specHash),
  };
}

function contextOf(world: World, node: SimNode): AcceptorContext {
  const { contents } = node.memory;
  return {
    now: noon + world.timeline.now(),
    goneHas: (origin, boot, seq) => isGone(world, node, origin, boot, seq),
    leaseMayStand: () => false,
    contentOf: (hash) => (contents.has(hash) ? world.contents.get(hash) : undefined),
  };
}

function isGone(
  { parts }: World,
  node: SimNode,
  origin: NodeId,
  boot: number,
  seq: number,
): boolean {
  return parts.hasGone(node.memory.gone.get(origin) ?? {}, boot, seq);
}

function store(
  world: World,
  node: SimNode,
  state: RegisterState | undefined,
  request: Request,
  synced?: () => void,
): void {
  if (state === undefined) return write(world, node, () => {}, synced);
  write(
    world,
    node,
    ({ registers, contents }) => {
      registers.set(placeOf(state.id, state.epoch), state);
      for (const hash of world.parts.contentSent(request)) contents.add(hash);
    },
    () => {
      const hash = state.accepted?.specHash;
      if (hash !== undefined && !node.disk.contents.has(hash)) {
        throw new Violation(`${node.name} holds a value without its content ${hash}`);
      }
      world.oracle.stored(node.name, state);
      synced?.();
    },
  );
}
