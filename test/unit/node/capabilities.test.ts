/**
 * Goal: a node's own tags are what its machine is, and the known programs on its PATH that can run.
 * Method: directories of empty programs.
 */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { limits } from "../../../src/core/limits.ts";
import { detectTags, knownPrograms } from "../../../src/node/capabilities.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

async function directoryWith(...programs: readonly string[]): Promise<string> {
  const directory = await tempDirectory();
  for (const program of programs) {
    await writeFile(join(directory, program), "", { mode: 0o755 });
  }
  return directory;
}

it("has the machine and the node without any program", () => {
  const machine = process.platform === "win32" ? ["windows"] : [process.platform, "unix"];
  expect(detectTags("rabbit", {})).toStrictEqual([...machine, process.arch, "node:rabbit"]);
});

it("has the known programs of all directories of PATH, once and in order", async () => {
  const one = await directoryWith("git", "bash", "unheard-of", "python3.11");
  const two = await directoryWith("git", "docker");
  expect(detectTags("n", { PATH: `${one}:${two}:${one}` }).slice(-5)).toStrictEqual([
    "node:n",
    "bash",
    "docker",
    "git",
    "python3.11",
  ]);
});

it("has python where only python3 is", async () => {
  const three = await directoryWith("python3");
  expect(detectTags("n", { PATH: three })).toContain("python");
  const two = await directoryWith("python2");
  expect(detectTags("n", { PATH: two })).not.toContain("python");
});

it("leaves out what can't run, and what lies in no fixed place", async () => {
  const directory = await directoryWith("perl", "ruby");
  await chmod(join(directory, "perl"), 0o644);
  await mkdir(join(directory, "git"));
  const tags = detectTags("n", { PATH: `:.:relative:/nowhere:${directory}` });
  expect(tags).toContain("ruby");
  expect(tags).not.toContain("perl");
  expect(tags).not.toContain("git");
});

it("leaves room for the tags of users", () => {
  expect(Object.values(knownPrograms).flat().length).toBeLessThanOrEqual(limits.tagsMax - 16);
});
