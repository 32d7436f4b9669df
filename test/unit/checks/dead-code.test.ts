/**
 * Goal: code, files and packages that nobody uses fail `npm run check`. Method: one fault of each
 * sort in a small tree under the real configuration, one run of knip as a whole and one for what
 * ships, and a look at what each of them names.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  growFaultTree,
  smallPackage,
  type FaultTree,
  type ToolResult,
} from "../../support/fault-tree.ts";

type Names = readonly { readonly name: string }[];
interface Issue {
  readonly file: string;
  readonly dependencies: Names;
  readonly exports: Names;
  readonly files: Names;
  readonly types: Names;
  readonly unlisted: Names;
  readonly unresolved: Names;
}

const faults = {
  "package.json": smallPackage({ fastify: "5.12.8" }),
  "src/core/next.ts":
    "export const next = (count: number) => count + 1;\nexport const spare = 1;\nexport type Spare = 1;\n",
  "src/core/orphan.ts": "export const orphan = 1;\n",
  "src/core/tested.ts": "export const tested = 1;\n",
  "test/unit/tested.test.ts":
    'import { tested } from "../../src/core/tested.ts";\nimport "unheard-of";\nimport "./nowhere.ts";\ntested;\n',
};

let tree: FaultTree;
let clean: readonly ToolResult[];
let all: readonly Issue[];
let shipped: readonly Issue[];

beforeAll(async () => {
  tree = growFaultTree();
  clean = [await tree.run("knip"), await tree.run("knip", "--production")];
  tree.plant(faults);
  all = await issues();
  shipped = await issues("--production");
}, 60_000);
afterAll(() => tree.remove());

async function issues(...args: readonly string[]): Promise<readonly Issue[]> {
  const { stdout } = await tree.run("knip", "--reporter", "json", ...args);
  return (JSON.parse(stdout) as { readonly issues: readonly Issue[] }).issues;
}

function namesOf(
  list: readonly Issue[],
  file: string,
  kind: Exclude<keyof Issue, "file">,
): readonly string[] {
  return list
    .filter((issue) => issue.file === file)
    .flatMap((issue) => issue[kind].map(({ name }) => name));
}

function unusedFiles(list: readonly Issue[]): readonly string[] {
  return list.flatMap((issue) => issue.files.map(({ name }) => name));
}

test("a tree without faults passes", () => {
  expect(clean.map(({ code }) => code)).toEqual([0, 0]);
});

describe("knip", () => {
  test.each([
    ["an unused export", "src/core/next.ts", "exports", "spare"],
    ["an unused exported type", "src/core/next.ts", "types", "Spare"],
    ["an unused file", "src/core/orphan.ts", "files", "src/core/orphan.ts"],
    ["an unused package", "package.json", "dependencies", "fastify"],
    ["a package that is not listed", "test/unit/tested.test.ts", "unlisted", "unheard-of"],
    ["an import that leads nowhere", "test/unit/tested.test.ts", "unresolved", "./nowhere.ts"],
  ] as const)("names %s", (_what, file, kind, name) => {
    expect(namesOf(all, file, kind)).toContain(name);
  });

  test("finds what only a test uses when it looks at what ships", () => {
    expect(unusedFiles(all)).not.toContain("src/core/tested.ts");
    expect(unusedFiles(shipped)).toContain("src/core/tested.ts");
  });
});
