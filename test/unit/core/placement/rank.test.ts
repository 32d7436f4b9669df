/**
 * Goal: equal nodes agree on who tries a task first, share tasks evenly, and move few when one
 * goes. Method: SHA-256 over many ids and a handful of nodes.
 */
import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { NodeId, TaskId } from "../../../../src/core/ids.ts";
import { rankOf } from "../../../../src/core/placement/rank.ts";

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const nodes = ["n1", "n2", "n3", "n4"].map((id) => id as NodeId);
const tasks = Array.from({ length: 2_000 }, (_, index) => `task-${index}` as TaskId);

function firstFor(task: TaskId, members: readonly NodeId[]): NodeId | undefined {
  return members.find((member) => rankOf(hash, task, member, members) === 0);
}

describe("rendezvous rank", () => {
  it("gives each member of a set its own place, whatever the order of the set", () => {
    for (const task of tasks.slice(0, 50)) {
      const ranks = nodes.map((node) => rankOf(hash, task, node, nodes.toReversed()));
      expect(ranks.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    }
  });

  it("shares tasks evenly", () => {
    const shares = Map.groupBy(tasks, (task) => firstFor(task, nodes));
    for (const node of nodes) {
      expect(shares.get(node)?.length).toBeGreaterThan(tasks.length / nodes.length / 1.3);
    }
  });

  it("moves only the tasks of the node that went", () => {
    const [, ...rest] = nodes;
    for (const task of tasks.slice(0, 500)) {
      const before = firstFor(task, nodes);
      if (before !== nodes[0]) expect(firstFor(task, rest)).toBe(before);
    }
    expect(rankOf(hash, tasks[0] as TaskId, nodes[0] as NodeId, [nodes[0] as NodeId])).toBe(0);
  });
});
