/**
 * Goal: every command is in the table, and the table has no other; each explains itself.
 * Method: the table is held against the files of the commands' folder, which help reads.
 */
import { readdirSync } from "node:fs";

import { expect, test } from "vitest";

import { aliases, commands } from "../../../src/cli/command-table.ts";

const folder = new URL("../../../src/cli/commands", import.meta.url);

test("the table has the commands of the folder", () => {
  const files = readdirSync(folder).map((file) => file.replace(/\.ts$/, ""));
  expect(Object.keys(commands).toSorted()).toEqual(files.toSorted());
  expect(Object.keys(commands)).toEqual(expect.arrayContaining(Object.values(aliases)));
});

test.each(Object.entries(commands))(
  "%s has a summary, and each of its flags has one",
  async (id, load) => {
    const command = await load();
    expect([id, command.summary]).toEqual([id, expect.stringMatching(/^[A-Z].*[.]$/)]);
    for (const [name, flag] of Object.entries(command.flags)) {
      expect([name, flag.summary]).toEqual([name, expect.stringMatching(/.+[.]$/)]);
    }
  },
);
