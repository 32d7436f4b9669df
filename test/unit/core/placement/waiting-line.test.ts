/**
 * Goal: tasks are picked by priority, then age, among those that a worker may run.
 * Method: random tasks (fast-check) against the plain rule: sort everything, take the first.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { TaskId } from "../../../../src/core/ids.ts";
import { hasTags, missingTags, needsKey } from "../../../../src/core/placement/eligible.ts";
import {
  comparePick,
  createWaitingLines,
  type WaitingTask,
} from "../../../../src/core/placement/waiting-line.ts";

const taskArbitrary: fc.Arbitrary<WaitingTask> = fc.record({
  id: fc.uuid().map((id) => id as TaskId),
  priority: fc.integer({ min: -2, max: 2 }),
  createdAt: fc.integer({ min: 0, max: 5 }),
  needs: fc.record({
    type: fc.constantFrom("a", "b"),
    tags: fc.subarray(["gpu", "linux", "python"]),
  }),
});
const tasksArbitrary = fc.uniqueArray(taskArbitrary, { selector: (task) => task.id });

describe("waiting lines", () => {
  it("give the first task by priority and age that the worker may run", () => {
    fc.assert(
      fc.property(tasksArbitrary, fc.subarray(["gpu", "linux", "python"]), (tasks, tags) => {
        const lines = createWaitingLines();
        for (const task of tasks) lines.add(task);
        const has = new Set(tags);
        const fitting = tasks.filter((task) => hasTags(task.needs.tags, has));
        const first = fitting.toSorted(comparePick)[0];
        expect(lines.first((needs) => hasTags(needs.tags, has))).toEqual(first);
      }),
    );
  });

  it("empty out in pick order, whatever was added and removed", () => {
    fc.assert(
      fc.property(tasksArbitrary, fc.nat(), (tasks, salt) => {
        const lines = createWaitingLines();
        for (const task of tasks) lines.add(task);
        const kept = tasks.filter((_, index) => (index + salt) % 3 !== 0);
        for (const task of tasks) {
          if (!kept.includes(task)) expect(lines.remove(task)).toBe(true);
        }
        const drained: WaitingTask[] = [];
        for (let next = lines.first(() => true); next; next = lines.first(() => true)) {
          drained.push(next);
          lines.remove(next);
        }
        expect(drained).toEqual(kept.toSorted(comparePick));
        expect(lines.size()).toBe(0);
      }),
    );
  });

  it("say whether a removed task was there, and forget everything when cleared", () => {
    const lines = createWaitingLines();
    const needs = { type: "a", tags: [] };
    const task = { id: "1" as TaskId, priority: 0, createdAt: 1, needs };
    expect(lines.remove(task)).toBe(false);
    lines.add(task);
    lines.clear();
    expect(lines.first(() => true)).toBeUndefined();
    expect(lines.size()).toBe(0);
  });
});

describe("eligibility", () => {
  it("asks for every tag, and names those that are missing", () => {
    expect(hasTags([], new Set())).toBe(true);
    expect(hasTags(["gpu"], new Set(["gpu", "linux"]))).toBe(true);
    expect(missingTags(["gpu", "linux", "arm"], new Set(["linux"]))).toEqual(["gpu", "arm"]);
  });

  it("keeps needs apart that differ in type or tags", () => {
    const keys = [
      needsKey({ type: "a", tags: ["b", "c"] }),
      needsKey({ type: "a", tags: ["b,c"] }),
      needsKey({ type: "ab", tags: ["c"] }),
    ];
    expect(new Set(keys).size).toBe(3);
  });
});
