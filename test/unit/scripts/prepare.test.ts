/**
 * Goal: installing a checkout without its development packages fails with a sentence that says how
 * to install it. Method: real npm, offline, on a package with the checkout's `prepare` script and
 * no packages at all.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { checkout, runTool } from "../../support/fault-tree.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "blanket-prepare-"));
  mkdirSync(join(directory, "scripts"));
  for (const script of ["prepare.sh", "link-node.sh"]) {
    cpSync(join(checkout, "scripts", script), join(directory, "scripts", script));
  }
  const { prepare } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")).scripts;
  const root = { name: "bare", version: "1.0.0" };
  const write = (file: string, content: object) =>
    writeFileSync(join(directory, file), JSON.stringify(content));
  write("package.json", { ...root, scripts: { prepare } });
  write("package-lock.json", { ...root, lockfileVersion: 3, packages: { "": root } });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("npm ci without development packages says what to do", async () => {
  const { code, stdout, stderr } = await runTool(directory, "env", [
    "NODE_ENV=production",
    "npm",
    "ci",
    "--offline",
    "--no-audit",
  ]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("install it with `npm ci --include=dev`");
});
