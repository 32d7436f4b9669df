/**
 * Goal: `npm run check` runs every check, `npm test` begins with it, and each part of it fails on a
 * fault. Method: the scripts of `package.json` as they stand, and run through npm in a small tree
 * under the real configuration: all of them without a fault, then each part with one.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { checkout, growFaultTree, smallPackage, type FaultTree } from "../../support/fault-tree.ts";

/** A fault for each part of the check. */
const faults: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  types: { "src/node/fault.ts": 'export const fault: number = "one";\n' },
  format: { "src/node/fault.ts": "export  const fault = 1;\n" },
  lint: { "src/engine/fault.ts": "export const fault = () => Math.random();\n" },
  layers: {
    "src/engine/fault.ts": 'export { fault } from "../keeper/fault.ts";\n',
    "src/keeper/fault.ts": "export const fault = 1;\n",
  },
  knip: { "package.json": smallPackage({ fastify: "5.12.8" }) },
};

let tree: FaultTree;
beforeEach(() => {
  tree = growFaultTree();
});
afterEach(() => tree.remove());

test("the check is all of its parts, and the tests begin with it", () => {
  const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const parts = Object.keys(faults).map((part) => `npm run -s ${part}`);
  expect(scripts.check).toBe(parts.join(" && "));
  expect(scripts.test).toMatch(/^(sh scripts\/link-node\.sh && )?npm run -s check && vitest run /);
});

test("a tree without faults passes the check", async () => {
  const { code } = await tree.run("npm", "run", "-s", "check");
  expect(code).toBe(0);
}, 60_000);

test.each(Object.entries(faults))(
  "%s fails on a fault",
  async (part, files) => {
    tree.plant(files);
    const { code, stdout, stderr } = await tree.run("npm", "run", "-s", part);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/fault|fastify/);
  },
  60_000,
);
