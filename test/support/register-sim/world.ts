import type { NodeId, TaskId } from "../../../src/core/ids.ts";
import { answer } from "../../../src/core/register/acceptor.ts";
import { hasGone } from "../../../src/core/register/gone.ts";
import { startProposal, stepProposal } from "../../../src/core/register/proposer.ts";
import { createChance } from "../chance.ts";
import { createTimeline } from "../timeline.ts";
import { createNode, start, type SimNode } from "./node.ts";
import { createOracle, Violation, type Counts } from "./oracle.ts";
import { attend } from "./owners.ts";
import { change, takeReply } from "./proposers.ts";
import { later, type Parts, type World } from "./surroundings.ts";
import { act, collect, gossip, submit } from "./users.ts";
import { learn, vote } from "./voters.ts";

/** The parts as they ship. */
export const soundParts: Parts = {
  answer,
  startProposal,
  stepProposal,
  hasGone,
  waitsForDisk: () => true,
  contentSent: (request) => (request.kind === "prepare" ? [] : [request.content.hash]),
  moveTo: (to) => ({ kind: "move", to }),
};

/** Milliseconds of virtual time: faults, then what was under way, then the last questions. */
const chaosMs = 1_500;
const restMs = 700;
const calmMs = 1_500;

/** Lives through one seed, and returns what was done in it. @throws Violation */
export function simulate(seed: number, parts: Parts = soundParts): Counts {
  const world = createWorld(seed, parts);
  const { timeline, chance } = world;
  for (const node of world.nodes.values()) {
    timeline.after(chance.float() * 10, () => live(world, node));
  }
  timeline.after(1, () => disturb(world));
  timeline.runUntil(chaosMs);
  world.isCalm = true;
  world.apart = new Set();
  timeline.runUntil(chaosMs + restMs);
  settle(world);
  return world.oracle.counts();
}

function createWorld(seed: number, parts: Parts): World {
  const chance = createChance(seed);
  const size = 3 + chance.below(3);
  const names = Array.from({ length: size }, (_, index) => `n${index}` as NodeId);
  const unsafe = new Set<TaskId>();
  const world: World = {
    parts,
    chance,
    timeline: createTimeline(),
    oracle: createOracle((id) => unsafe.has(id)),
    names,
    nodes: new Map(names.map((name) => [name, createNode(name)])),
    contents: new Map(),
    unsafe,
    closedAt: new Map(),
    loss: chance.float() * 0.25,
    repeats: chance.float() * 0.25,
    apart: new Set(),
    isCalm: false,
    attend: (node, id) => attend(world, node, id),
    receive(node, from, message) {
      switch (message.kind) {
        case "request":
          return vote(world, node, from, message.request);
        case "reply":
          return takeReply(world, node, from, message.to, message.reply);
        case "records":
          for (const record of message.records) learn(world, node, record);
      }
    },
  };
  return world;
}

function live(world: World, node: SimNode): void {
  const { chance, timeline, names } = world;
  if (world.isCalm) return;
  if (node.isUp) {
    act(world, node);
    if (chance.holds(0.5)) gossip(world, node, chance.pick(names));
    if (chance.holds(0.1)) collect(world, node);
  }
  timeline.after(6 + chance.float() * 10, () => live(world, node));
}

/** Submissions, crashes and partitions. */
function disturb(world: World): void {
  const { chance, timeline, names, nodes } = world;
  if (world.isCalm) return;
  const node = nodes.get(chance.pick(names));
  const draw = chance.float();
  if (node?.isUp === true && draw < 0.25) submit(world, node);
  else if (node?.isUp === true && draw < 0.4) {
    node.isUp = false;
    timeline.after(5 + chance.float() * 200, () => start(node));
  } else if (draw < 0.45) world.apart = new Set(names.filter(() => chance.holds(0.5)));
  else if (draw < 0.5) world.apart = new Set();
  timeline.after(15, () => disturb(world));
}

/** With all faults over, everything that is known can be decided (I10). */
function settle(world: World): void {
  const { timeline, chance, nodes } = world;
  const known = new Map<TaskId, SimNode>();
  for (const node of nodes.values()) {
    for (const id of node.memory.records.keys()) known.set(id, node);
  }
  const unsettled = new Set(known.keys());
  function read(node: SimNode, id: TaskId): void {
    const again = (): void => later(world, node, chance.float() * 40, () => read(node, id));
    if (node.running.has(id)) return again();
    change(world, node, id, { kind: "read" }, ({ kind }) => {
      if (kind === "decided" || kind === "collected") unsettled.delete(id);
      else again();
    });
  }
  for (const [id, node] of known) read(node, id);
  timeline.runUntil(timeline.now() + calmMs);
  if (unsettled.size === 0) return;
  throw new Violation(`nothing can be decided about ${[...unsettled].join(", ")}`);
}
