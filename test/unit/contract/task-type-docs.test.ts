/**
 * Goal: docs/task-types.md tells every key of a task type file with its true default, and nothing
 * that does not work.
 * Method: the page is read, its tables are held against the schema, and its examples are loaded.
 */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { loadType } from "../../../src/adapters/types-toml/load-type.ts";
import { taskTypeSchema, typeDefaults } from "../../../src/contract/task-type-schema.ts";
import { laterKeys } from "../../../src/contract/task-type-words.ts";
import { parseDuration } from "../../../src/core/duration.ts";

const page = readFileSync(new URL("../../../docs/task-types.md", import.meta.url), "utf8");

/** The rows of all tables: the first cell's code word, and the second cell. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w.]+)` \| (.*?) \|/gm)].map(([, key = "", cell = ""]) => [key, cell]),
);

interface SchemaNode {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

/** All keys by path; those inside lists of variables by their last name alone. */
function keysOf(node: SchemaNode, path = ""): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, below]) => {
    const here = path === "" ? key : `${path}.${key}`;
    const entries =
      below.items?.properties === undefined ? [] : Object.keys(below.items.properties);
    return [here, ...keysOf(below, here), ...entries];
  });
}

/** The default that a row tells: the last code word of its second cell. */
function shown(key: string): string {
  return /`"?([^"`]*)"?`$/.exec(rows.get(key) ?? "")?.[1] ?? "";
}

describe("docs/task-types.md", () => {
  it("has a row for every key of the schema, and none for others", () => {
    const keys = new Set(keysOf(taskTypeSchema as SchemaNode));
    expect([...rows.keys()].filter((key) => keys.has(key)).toSorted()).toEqual(
      [...keys].toSorted(),
    );
    const known = [...rows.keys()].filter((key) => /^[a-z]/.test(key) && !key.endsWith("_task"));
    expect(known.filter((key) => !keys.has(key) && key !== "python_hello")).toEqual([]);
  });

  it("names the keys of later versions", () => {
    for (const key of laterKeys) expect(page).toContain(`\`[${key}]\``);
  });

  it("tells the true defaults", () => {
    const { retry } = typeDefaults;
    expect(shown("executor")).toBe(typeDefaults.executor);
    expect(parseDuration(shown("timeout"))).toBe(typeDefaults.timeoutMs);
    expect(parseDuration(shown("kill_grace"))).toBe(typeDefaults.killGraceMs);
    expect(Number(shown("priority"))).toBe(typeDefaults.priority);
    expect(shown("on_lost")).toBe(typeDefaults.onLost);
    expect(Number(shown("retry.attempts"))).toBe(retry.attempts);
    expect(shown("retry.backoff")).toBe(retry.backoff);
    expect(parseDuration(shown("retry.delay"))).toBe(retry.delayMs);
    expect(parseDuration(shown("retry.max_delay"))).toBe(retry.delayMsMax);
    expect(Number(shown("retry.jitter"))).toBe(retry.jitterPercent);
  });

  it("has examples that load", () => {
    const examples = [...page.matchAll(/```toml\n(.*?)```/gs)].map(([, text = ""]) => text);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(loadType("example", new TextEncoder().encode(example)).problems).toEqual([]);
    }
  });
});
