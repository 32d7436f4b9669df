import type { NodeId, TaskId } from "../../../src/core/ids.ts";
import type { Command } from "../../../src/core/register/commands.ts";
import type { CreateRequest, Reply, Request } from "../../../src/core/register/messages.ts";
import type { ProposalEffect, ProposalResult } from "../../../src/core/register/proposal.ts";
import { quorum, type MovedValue, type Value } from "../../../src/core/register/value.ts";
import type { SimNode } from "./node.ts";
import { Violation } from "./oracle.ts";
import { contentFor, later, placeOf, reaches, send, write, type World } from "./surroundings.ts";
import { createRequest, learn } from "./voters.ts";

const timeoutMs = 60;

/** One change of a task that the node knows, unless one is under way. */
export function change(
  world: World,
  node: SimNode,
  id: TaskId,
  command: Command,
  done: (result: ProposalResult) => void = () => {},
): void {
  const { parts } = world;
  const record = node.memory.records.get(id);
  if (record === undefined || node.running.has(id)) return;
  const epoch = record.chain.length - 1;
  const { voters = [], init = record.decided.value } = record.chain[epoch] ?? {};
  const hashes = [record.decided.value.specHash, init.specHash];
  if (command.kind === "edit") hashes.push(command.specHash);
  const [state, effects] = parts.startProposal({
    id,
    epoch,
    voters,
    init,
    command,
    ...(record.fast === undefined ? {} : { fast: record.fast }),
    self: node.name,
    boot: node.boot,
    roundSeen: node.roundSeen.get(id) ?? 0,
    fastAllowed: !node.tried.has(id),
    contents: hashes.map((hash) => contentFor(world, hash)),
  });
  node.tried.add(id);
  const running = { state, done };
  node.running.set(id, running);
  perform(world, node, id, effects);
  later(world, node, timeoutMs, () => {
    if (node.running.get(id) !== running) return;
    const [, last] = parts.stepProposal(running.state, { kind: "timeout" });
    perform(world, node, id, last);
  });
}

/** A Create is tentative until a quorum has it: nobody is told of one that stays behind. */
export function create(
  world: World,
  node: SimNode,
  request: CreateRequest,
  done: () => void,
): void {
  const needed = quorum(request.voters.length);
  const key = placeOf(request.id, request.epoch);
  node.creating.set(key, { acknowledged: new Set(), needed, done });
  for (const to of request.voters) send(world, node.name, to, { kind: "request", request });
}

/** An answer arrives; which change it belongs to is for the machine to tell. */
export function takeReply(
  world: World,
  node: SimNode,
  from: NodeId,
  to: Request,
  reply: Reply,
): void {
  if (to.kind === "create") return takeAcknowledgement(node, from, to, reply);
  const running = node.running.get(to.id);
  if (running === undefined) return;
  const event = { kind: "reply", from, reply } as const;
  const [state, effects] = world.parts.stepProposal(running.state, event);
  running.state = state;
  perform(world, node, to.id, effects);
}

/** Anyone who knows a decided move may make the next epoch's registers. */
export function extend(
  world: World,
  node: SimNode,
  id: TaskId,
  epoch: number,
  { to, carry }: MovedValue,
): void {
  const record = node.memory.records.get(id);
  if (record === undefined || record.chain.length !== epoch + 1) return;
  const chain = [...record.chain, { voters: to, init: carry }];
  create(world, node, createRequest(world, { ...record, chain }, epoch + 1), () => {
    const known = node.memory.records.get(id);
    if (known !== undefined) learn(world, node, { ...known, chain });
  });
}

function takeAcknowledgement(node: SimNode, from: NodeId, to: CreateRequest, reply: Reply): void {
  const key = placeOf(to.id, to.epoch);
  const creating = node.creating.get(key);
  const wanted = to.accept === undefined ? "ack" : "accepted";
  if (creating === undefined || reply.kind !== wanted) return;
  creating.acknowledged.add(from);
  if (creating.acknowledged.size < creating.needed) return;
  node.creating.delete(key);
  creating.done();
}

function perform(
  world: World,
  node: SimNode,
  id: TaskId,
  effects: readonly ProposalEffect[],
): void {
  for (const effect of effects) {
    switch (effect.kind) {
      case "send":
        send(world, node.name, effect.to, { kind: "request", request: effect.request });
        break;
      case "need-content":
        later(world, node, 10, () => fetchContent(world, node, id, effect.hash));
        break;
      case "done":
        finish(world, node, id, effect.result);
    }
  }
}

/** From whoever has it within reach; nobody may. */
function fetchContent(world: World, node: SimNode, id: TaskId, hash: string): void {
  const running = node.running.get(id);
  const isHere = [...world.nodes.values()].some(
    ({ name, isUp, disk }) => isUp && disk.contents.has(hash) && reaches(world, name, node.name),
  );
  if (running === undefined || !isHere) return;
  const event = { kind: "content", content: contentFor(world, hash) } as const;
  const [state, effects] = world.parts.stepProposal(running.state, event);
  running.state = state;
  perform(world, node, id, effects);
}

function finish(world: World, node: SimNode, id: TaskId, result: ProposalResult): void {
  const running = node.running.get(id);
  node.running.delete(id);
  node.roundSeen.set(id, Math.max(node.roundSeen.get(id) ?? 0, result.roundSeen));
  if (running === undefined) return;
  if (result.kind === "empty") throw new Violation(`${id} was called EMPTY`);
  if (result.kind === "collected") {
    world.oracle.saidCollected(id);
    write(world, node, ({ records }) => void records.delete(id));
  }
  if (result.kind === "decided") {
    const { epoch } = running.state.input;
    world.oracle.told(id, epoch, result.ballot, result.value);
    follow(world, node, id, epoch, result.value);
  }
  running.done(result);
}

/** A decided value is published, and acted upon. */
function follow(world: World, node: SimNode, id: TaskId, epoch: number, value: Value): void {
  const record = node.memory.records.get(id);
  if (record === undefined) return;
  const { spec } = contentFor(world, value.specHash);
  learn(world, node, { ...record, decided: { epoch, value, spec } });
  if (value.phase === "MOVED") extend(world, node, id, epoch, value);
  if (value.phase === "CLAIMED" && value.owner === node.name) world.attend(node, id);
}
