/**
 * Goal: the reason why a task waits is true and short.
 * Method: one case a sentence, over groups of workers as a node reports them.
 */
import { describe, expect, it } from "vitest";

import { isUnrunnable, whyWaiting, type WorkerGroup } from "../../../../src/core/placement/why.ts";

function group(tags: readonly string[], total: number, free: number, node = "rabbit"): WorkerGroup {
  return { node, tags: new Set(tags), total, free };
}

const needs = { type: "render", tags: ["gpu", "linux"] };

describe("why a task waits", () => {
  it("names the tags that no node has", () => {
    expect(whyWaiting(needs, undefined, [group(["linux"], 2, 2)])).toBe("no live node has tag gpu");
    expect(whyWaiting(needs, undefined, [group(["arm"], 2, 2)])).toBe(
      "no live node has tags gpu, linux",
    );
  });

  it("says so when the tags are there, but on no one node", () => {
    const groups = [group(["gpu"], 1, 1), group(["linux"], 1, 1, "otter")];
    expect(whyWaiting(needs, undefined, groups)).toBe("no live node has gpu, linux together");
  });

  it("counts the slots that are busy", () => {
    const tags = ["gpu", "linux"];
    expect(whyWaiting(needs, undefined, [group(tags, 1, 0)])).toBe("the slot of rabbit is busy");
    expect(whyWaiting(needs, undefined, [group(tags, 2, 0)])).toBe("both slots of rabbit are busy");
    const many = [group(tags, 2, 0), group(tags, 3, 0, "otter")];
    expect(whyWaiting(needs, undefined, many)).toBe("all 5 slots of 2 nodes are busy");
  });

  it("has nothing to say where a slot is free", () => {
    expect(whyWaiting(needs, undefined, [group(["gpu", "linux"], 2, 1)])).toBe("");
  });

  it("tells a missing type from a broken one, and a node without workers", () => {
    expect(whyWaiting(needs, "missing", [])).toBe("no live node has the task type render");
    expect(whyWaiting(needs, "invalid", [])).toContain("blanket validate render");
    expect(whyWaiting(needs, undefined, [group(["gpu", "linux"], 0, 0)])).toBe(
      "no live node takes work",
    );
  });

  it("warns of tasks that can't run anywhere, not of those that merely wait", () => {
    expect(isUnrunnable(needs, undefined, [group(["gpu", "linux"], 1, 0)])).toBe(false);
    expect(isUnrunnable(needs, undefined, [group(["gpu", "linux"], 0, 0)])).toBe(true);
    expect(isUnrunnable(needs, "missing", [group(["gpu", "linux"], 1, 1)])).toBe(true);
  });
});
