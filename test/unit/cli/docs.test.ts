/**
 * Goal: docs/cli.md tells of every command, every flag and every key of a node's file.
 * Method: each command's section is searched for the flags that it does not share with all others.
 */
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { aliases, commands } from "../../../src/cli/command-table.ts";
import { connectionFlags, jsonFlag } from "../../../src/cli/flag-table.ts";
import { configFileSchema } from "../../../src/contract/config-file.ts";

const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
const [preface = "", ...sections] = page.split(/^## blanket /m);
const common = Object.keys({ ...connectionFlags, ...jsonFlag });

/** A command has a section of its own, or one with its like. */
function sectionOf(id: string): string {
  const own = sections.find((section) => new RegExp(`^${id}\\b`).test(section));
  const shared = sections.find((section) => section.split("\n")[0]?.includes(id));
  return own ?? shared ?? "";
}

test.each(Object.entries(commands))("%s has a section with its flags", async (id, load) => {
  const section = sectionOf(id);
  const { flags } = await load();
  for (const [name, { char }] of Object.entries(flags)) {
    if (common.includes(name)) continue;
    const text = char === undefined ? `--${name}` : `-${char}, --${name}`;
    expect(section).toContain(text);
  }
  expect(section).not.toBe("");
});

test("the flags of all commands and other names of commands are told", () => {
  for (const name of common) expect(preface).toContain(`--${name}`);
  for (const alias of Object.keys(aliases)) expect(page).toContain(`blanket ${alias}`);
});

test.each(Object.keys(configFileSchema.properties))("the key %s has its row", (key) => {
  expect(sectionOf("node")).toMatch(new RegExp(`\\| \`${key}(?: = [^\`]+)?\` \\|`));
});
