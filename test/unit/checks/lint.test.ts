/**
 * Goal: each rule that STYLE relies on is really on, in the files where it has to be. Method: one
 * file a fault in a small tree under the real configuration, one run of oxlint, and a look at which
 * rule stopped which file; the same tree without faults passes.
 */
import { afterAll, beforeAll, expect, test } from "vitest";

import { growFaultTree, type FaultTree, type ToolResult } from "../../support/fault-tree.ts";

interface Report {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly severity: string;
    readonly filename: string;
  }[];
}

const lines = (count: number, line: string) => `${line}\n`.repeat(count);
const branches = Array.from({ length: 16 }, (_, index) => `  if (n === ${index}) return ${index};`);

/** What is planted, where, its text, and the rule that has to stop it. */
const faults: readonly (readonly [what: string, file: string, text: string, rule: string])[] = [
  ...impure("Date", "export const at = () => Date.now();"),
  ...impure("a timer", "export const later = (act: () => void) => setTimeout(act, 1);"),
  ...impure("process", "export const pid = () => process.pid;"),
  ...impure("Buffer", 'export const bytes = () => Buffer.from("a");'),
  ...impure("console", 'export const say = () => console.log("a");'),
  ...impure("the platform's crypto", "export const id = () => crypto.randomUUID();"),
  ...impure("Math.random", "export const toss = () => Math.random();", "no-restricted-properties"),
  ...impure("node:", 'export { join } from "node:path";', "no-restricted-imports"),
  [
    "a floating promise",
    "src/node/floating.ts",
    "async function late(): Promise<void> {\n  await Promise.resolve();\n}\nexport function now(): void {\n  late();\n}\n",
    "typescript(no-floating-promises)",
  ],
  [
    "a promise where a condition is wanted",
    "src/node/misused.ts",
    "export const always = (answer: Promise<boolean>) => (answer ? 1 : 2);\n",
    "typescript(no-misused-promises)",
  ],
  [
    "an await of what is no promise",
    "src/node/awaits.ts",
    "export async function plain(): Promise<number> {\n  return await 1;\n}\n",
    "typescript(await-thenable)",
  ],
  [
    "a switch that forgets a case",
    "src/core/switch.ts",
    'export function size(of: "ant" | "elk"): void {\n  switch (of) {\n    case "ant":\n  }\n}\n',
    "typescript(switch-exhaustiveness-check)",
  ],
  [
    "a default that hides new cases",
    "src/core/default.ts",
    'export function size(of: "ant" | "elk"): number {\n  switch (of) {\n    case "ant":\n      return 1;\n    case "elk":\n      return 9;\n    default:\n      return 0;\n  }\n}\n',
    "typescript(switch-exhaustiveness-check)",
  ],
  [
    "a cause that is dropped",
    "src/node/cause.ts",
    'export function run(act: () => void): void {\n  try {\n    act();\n  } catch (error) {\n    throw new Error("failed");\n  }\n}\n',
    "eslint(preserve-caught-error)",
  ],
  ["a barrel", "src/core/barrel.ts", 'export * from "./next.ts";\n', "oxc(no-barrel-file)"],
  [
    "a name not in kebab case",
    "src/core/camelCase.ts",
    "export const a = 1;\n",
    "unicorn(filename-case)",
  ],
  [
    "a type imported as a value",
    "src/core/type-import.ts",
    'import { Fact } from "./fact.ts";\nexport const copy = (fact: Fact): Fact => ({ ...fact });\n',
    "typescript(consistent-type-imports)",
  ],
  [
    "an import of built code",
    "src/node/built.ts",
    'export { next } from "../core/next.js";\n',
    "eslint(no-restricted-imports)",
  ],
  [
    "the environment outside cli",
    "src/node/env.ts",
    'export const home = process.env["HOME"];\n',
    "node(no-process-env)",
  ],
  [
    "a long file",
    "src/node/long-file.ts",
    `export {};\n${lines(401, "void 0;")}`,
    "eslint(max-lines)",
  ],
  [
    "a long function",
    "src/node/long-function.ts",
    `export function long(say: () => void): void {\n${lines(70, "  say();")}}\n`,
    "eslint(max-lines-per-function)",
  ],
  [
    "a function with too many branches",
    "src/node/complex.ts",
    `export function pick(n: number): number {\n${branches.join("\n")}\n  return 0;\n}\n`,
    "eslint(complexity)",
  ],
  [
    "a comment that switches a rule off for nothing",
    "src/node/disabled.ts",
    "// oxlint-disable-next-line no-console\nexport const a = 1;\n",
    "",
  ],
];

/** A fault that is one in each of the layers that may not touch the platform. */
function impure(
  what: string,
  text: string,
  rule = "no-restricted-globals",
): readonly (readonly [string, string, string, string])[] {
  return ["core", "contract", "ports", "engine"].map((layer) => [
    `${what} in ${layer}`,
    `src/${layer}/${what.toLowerCase().replaceAll(/[^a-z]+/g, "-")}.ts`,
    `${text}\n`,
    `eslint(${rule})`,
  ]);
}

let tree: FaultTree;
let clean: ToolResult;
let found: Report["diagnostics"];

beforeAll(async () => {
  tree = growFaultTree();
  clean = await tree.run("oxlint");
  tree.plant({
    "src/core/fact.ts": "export interface Fact {\n  readonly a: 1;\n}\n",
    ...Object.fromEntries(faults.map(([, file, text]) => [file, text])),
  });
  const { stdout } = await tree.run("oxlint", "-f", "json");
  found = (JSON.parse(stdout) as Report).diagnostics;
}, 60_000);
afterAll(() => tree.remove());

test("a tree without faults passes", () => {
  expect(clean).toMatchObject({ code: 0 });
});

test.each(faults)("%s fails", (_what, file, _text, rule) => {
  const rules = found
    .filter(({ filename, severity }) => filename === file && severity === "error")
    .map(({ code }) => code ?? "");
  expect(rules).toContain(rule);
});

test("the environment and a long test are fine where they belong", async () => {
  tree.plant({
    "src/cli/home.ts": 'export const home = process.env["HOME"];\n',
    "test/unit/long.test.ts": `export function long(say: () => void): void {\n${lines(70, "  say();")}}\n`,
  });
  const { code } = await tree.run("oxlint", "src/cli", "test");
  expect(code).toBe(0);
});
