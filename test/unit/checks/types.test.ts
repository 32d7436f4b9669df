/**
 * Goal: each strict flag that STYLE names is really on, and core cannot see the platform. Method:
 * one file a fault in a small tree under the real configuration, one run of `tsc` for each project,
 * and a look at which error stopped which file.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { growFaultTree, type FaultTree, type ToolResult } from "../../support/fault-tree.ts";

type Fault = readonly [what: string, file: string, text: string, error: string];

const flagFaults: readonly Fault[] = [
  ["strict", "src/node/strict.ts", "export const n: number = null;\n", "TS2322"],
  [
    "noUncheckedIndexedAccess",
    "src/node/indexed.ts",
    "export const first = (list: readonly string[]): string => list[0];\n",
    "TS2322",
  ],
  [
    "exactOptionalPropertyTypes",
    "src/node/optional.ts",
    "export const a: { readonly b?: string } = { b: undefined };\n",
    "TS2375",
  ],
  [
    "noPropertyAccessFromIndexSignature",
    "src/node/signature.ts",
    "export const b = (a: Readonly<Record<string, string>>) => a.b;\n",
    "TS4111",
  ],
  [
    "noImplicitOverride",
    "src/node/override.ts",
    "class A {\n  b(): void {}\n}\nexport class C extends A {\n  b(): void {}\n}\n",
    "TS4114",
  ],
  [
    "noImplicitReturns",
    "src/node/returns.ts",
    "export const f = (a: boolean): number | undefined => {\n  if (a) return 1;\n};\n",
    "TS7030",
  ],
  [
    "noFallthroughCasesInSwitch",
    "src/node/fallthrough.ts",
    "export function f(a: 1 | 2, say: () => void): void {\n  switch (a) {\n    case 1:\n      say();\n    case 2:\n      say();\n  }\n}\n",
    "TS7029",
  ],
  ["noUnusedLocals", "src/node/locals.ts", "export {};\nconst a = 1;\n", "TS6133"],
  [
    "noUnusedParameters",
    "src/node/parameters.ts",
    "export const f = (a: number) => 1;\n",
    "TS6133",
  ],
  [
    "verbatimModuleSyntax",
    "src/node/verbatim.ts",
    'import { Fact } from "./fact.ts";\nexport const copy = (fact: Fact): Fact => fact;\n',
    "TS1484",
  ],
  ["erasableSyntaxOnly", "src/node/erasable.ts", "export enum Size {\n  Small,\n}\n", "TS1294"],
  [
    "an import without its extension",
    "src/node/extension.ts",
    'export type { Fact } from "./fact";\n',
    "TS2835",
  ],
];

const coreFaults: readonly Fault[] = [
  ["process", "src/core/process.ts", "export const a = () => process.pid;\n", "TS2591"],
  ["Buffer", "src/core/buffer.ts", "export const a = (b: Buffer) => b;\n", "TS2591"],
  ["a timer", "src/core/timer.ts", "export const a = () => setTimeout(() => 1, 1);\n", "TS2304"],
  ["console", "src/core/console.ts", 'export const a = () => console.log("");\n', "TS2584"],
  ["fetch", "src/core/fetch.ts", 'export const a = () => fetch("");\n', "TS2304"],
  ["node:fs", "src/core/fs.ts", 'export { readFileSync } from "node:fs";\n', "TS2591"],
  [
    "an upper layer",
    "src/core/upward.ts",
    'export type { Fact } from "../node/fact.ts";\n',
    "TS6059",
  ],
];

let tree: FaultTree;
let clean: ToolResult;
let cleanCore: ToolResult;
let all: ToolResult;
let core: ToolResult;

beforeAll(async () => {
  tree = growFaultTree();
  clean = await tree.run("tsc", "-p", ".");
  cleanCore = await tree.run("tsc", "-p", "src/core");
  tree.plant({
    "src/node/fact.ts": "export interface Fact {\n  readonly a: 1;\n}\n",
    ...Object.fromEntries([...flagFaults, ...coreFaults].map(([, file, text]) => [file, text])),
  });
  all = await tree.run("tsc", "-p", ".", "--pretty", "false");
  core = await tree.run("tsc", "-p", "src/core", "--pretty", "false");
}, 60_000);
afterAll(() => tree.remove());

test("a tree without faults passes", () => {
  expect([clean.code, cleanCore.code]).toEqual([0, 0]);
});

describe("tsc -p .", () => {
  test.each(flagFaults)("%s is on", (_what, file, _text, error) => {
    expect(errorsOf(all, file)).toContain(error);
  });
});

describe("tsc -p src/core", () => {
  test.each(coreFaults)("%s is out of reach", (_what, file, _text, error) => {
    expect(errorsOf(core, file)).toContain(error);
  });
});

/** Codes of the errors that name a file, in the file's own line or, for rootDir, in the text. */
function errorsOf({ stdout }: ToolResult, file: string): readonly string[] {
  const name = file.slice(file.lastIndexOf("/") + 1);
  return stdout
    .split("\n")
    .filter((line) => line.includes(name))
    .map((line) => /error (TS\d+)/.exec(line)?.[1] ?? line);
}
