import type { NodeId, TaskId } from "../../../src/core/ids.ts";
import { apply, type Command } from "../../../src/core/register/commands.ts";
import { addGone } from "../../../src/core/register/gone.ts";
import { fastBallot, initialValue, type Value } from "../../../src/core/register/value.ts";
import type { TaskRecord } from "../../../src/core/task/record.ts";
import { noon, spec } from "../values.ts";
import type { SimNode } from "./node.ts";
import { change, create, extend } from "./proposers.ts";
import { send, write, type World } from "./surroundings.ts";
import { createRequest, keep } from "./voters.ts";

const retentionMs = 120;

/** A new task; sometimes claimed by its origin in the same round trip. */
export function submit(world: World, node: SimNode): void {
  const { chance, names, oracle } = world;
  const record = newRecord(world, node, chance.holds(0.5));
  const { init = record.decided.value } = record.chain[0] ?? {};
  const request = createRequest(world, record, 0);
  const rides = record.fast === node.name && chance.holds(0.6);
  const claim = rides ? apply(init, { kind: "claim", by: node.name, rev: 0 }) : undefined;
  const riding = claim === undefined ? request : { ...request, accept: claim };
  create(world, node, riding, () => {
    if (claim !== undefined) oracle.told(record.id, 0, fastBallot(node.name), claim);
    const decided = { ...record.decided, value: claim ?? init };
    keep(world, node, { ...record, decided }, () => {
      if (claim !== undefined) world.attend(node, record.id);
      else gossip(world, node, chance.pick(names));
    });
  });
}

/** Something that a node, or a user of it, may want of a task as it knows it. */
export function act(world: World, node: SimNode): void {
  const { chance } = world;
  const records = [...node.memory.records.values()];
  const live = records.filter(({ decided }) => decided.value.phase !== "CLOSED");
  const list = live.length > 0 && chance.holds(0.9) ? live : records;
  if (list.length === 0) return;
  const record = chance.pick(list);
  const { id, decided } = record;
  const draw = chance.float();
  if (draw < 0.15) return change(world, node, id, { kind: "read" });
  if (draw < 0.22) return move(world, node, record);
  if (draw < 0.26) return change(world, node, id, { kind: "cancel" });
  if (draw < 0.34) return change(world, node, id, editOf(world, id, decided.value));
  goOn(world, node, record);
}

/** What is known goes to another node, some of it. */
export function gossip(world: World, node: SimNode, to: NodeId): void {
  const records = [...node.memory.records.values()].filter(() => world.chance.holds(0.5));
  if (to !== node.name) send(world, node.name, to, { kind: "records", records });
}

/** Forgets tasks that are closed for long, and remembers their numbers for ever. */
export function collect(world: World, node: SimNode): void {
  const { timeline, closedAt, chance } = world;
  for (const { id, origin, boot, seq, decided } of node.memory.records.values()) {
    const isDue = timeline.now() - (closedAt.get(id) ?? Infinity) > retentionMs;
    if (decided.value.phase !== "CLOSED" || !isDue || chance.holds(0.4)) continue;
    write(world, node, ({ records, registers, gone }) => {
      records.delete(id);
      for (const key of registers.keys()) if (key.startsWith(`${id}/`)) registers.delete(key);
      gone.set(origin, addGone(gone.get(origin) ?? {}, boot, seq));
    });
  }
}

function newRecord(world: World, node: SimNode, isUnsafe: boolean): TaskRecord {
  const { chance, contents, unsafe, names } = world;
  const id = `t${contents.size}` as TaskId;
  const hash = newContent(world, id, isUnsafe);
  const init = initialValue(hash);
  if (isUnsafe) unsafe.add(id);
  node.seq += 1;
  return {
    id,
    origin: node.name,
    boot: node.boot,
    seq: node.seq,
    createdAt: noon,
    ...(chance.holds(0.6) ? { fast: chance.holds(0.5) ? node.name : chance.pick(names) } : {}),
    chain: [{ voters: someVoters(world, node.name), init }],
    decided: { epoch: 0, value: init, spec: contents.get(hash) ?? spec },
    started: {},
    ended: {},
    late: {},
    removed: false,
    forced: false,
  };
}

function newContent({ contents }: World, id: TaskId, isUnsafe: boolean): string {
  const hash = `${id}.${contents.size}`;
  contents.set(hash, { ...spec, onLost: isUnsafe ? "hold" : "rerun" });
  return hash;
}

function someVoters({ chance, names }: World, first?: NodeId): readonly NodeId[] {
  const count = chance.holds(0.15) ? 1 : names.length === 5 && chance.holds(0.3) ? 5 : 3;
  const others = chance.shuffled(names.filter((name) => name !== first));
  return [...(first === undefined ? [] : [first]), ...others].slice(0, count);
}

function goOn(world: World, node: SimNode, { id, decided }: TaskRecord): void {
  const { epoch, value } = decided;
  switch (value.phase) {
    case "OPEN":
      return change(world, node, id, { kind: "claim", by: node.name, rev: value.rev });
    case "CLAIMED":
      if (value.owner === node.name) return world.attend(node, id);
      if (world.chance.holds(0.3)) change(world, node, id, takeOver(world, id, value.n));
      return;
    case "MOVED":
      return extend(world, node, id, epoch, value);
    case "CLOSED":
  }
}

function editOf(world: World, id: TaskId, { rev }: Value): Command {
  const hash = newContent(world, id, world.unsafe.has(id));
  return { kind: "edit", op: hash, rev, specHash: hash, paused: false };
}

function takeOver({ unsafe }: World, id: TaskId, n: number): Command {
  if (unsafe.has(id)) return { kind: "giveup", n, why: "lost" };
  return { kind: "retry", n, outcome: { kind: "lost", at: noon } };
}

function move(world: World, node: SimNode, record: TaskRecord): void {
  const to = someVoters(world);
  const command = world.parts.moveTo(to);
  if (command !== undefined) return change(world, node, record.id, command);
  const { value } = record.decided;
  if (value.phase !== "OPEN" && value.phase !== "CLAIMED") return;
  const chain = [...record.chain, { voters: to, init: value }];
  create(world, node, createRequest(world, { ...record, chain }, record.chain.length), () =>
    keep(world, node, { ...record, chain }),
  );
}
