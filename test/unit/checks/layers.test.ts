/**
 * Goal: an arrow between layers that STYLE does not draw fails `npm run check`, and one that it
 * draws passes. Method: a small tree with one file for each pair of layers and for each layer and
 * package, under the real rules; one run of dependency-cruiser, compared with the table written
 * here.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { checkout, growFaultTree, runTool, type FaultTree } from "../../support/fault-tree.ts";

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly error: number;
    readonly totalCruised: number;
    readonly totalDependenciesCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string; readonly severity: string };
    }[];
  };
}

/** Which folders of `src/` a folder may import, and which packages and built-in modules. */
const table: Readonly<Record<string, { src: readonly string[]; packages: readonly string[] }>> = {
  core: { src: ["core"], packages: [] },
  contract: { src: ["core", "contract"], packages: ["typebox", "msgpackr"] },
  ports: { src: ["core", "ports"], packages: [] },
  engine: { src: ["core", "ports", "engine"], packages: [] },
  "adapters/store-level": {
    src: ["core", "contract", "ports", "adapters/store-level"],
    packages: ["level", "msgpackr", "node:fs"],
  },
  "adapters/http-fastify": {
    src: ["core", "contract", "ports", "adapters/http-fastify"],
    packages: ["fastify", "typebox", "node:fs"],
  },
  keeper: { src: ["core", "contract", "keeper"], packages: ["koffi", "node:fs"] },
  client: { src: ["core", "contract", "client"], packages: ["node:fs"] },
  node: {
    src: [
      "core",
      "contract",
      "ports",
      "engine",
      "adapters/store-level",
      "adapters/http-fastify",
      "node",
    ],
    packages: ["node:fs"],
  },
  cli: { src: ["core", "contract", "client", "cli"], packages: ["@oclif/core", "node:fs"] },
};
const folders = Object.keys(table);
const packages = [
  "typebox",
  "msgpackr",
  "koffi",
  "fastify",
  "level",
  "pino",
  "@oclif/core",
  "node:fs",
];

const fileOf = (folder: string, what: string) =>
  `src/${folder}/takes-${what.replaceAll(/[^a-z]+/g, "-")}.ts`;

let tree: FaultTree;
beforeAll(() => {
  tree = growFaultTree();
});
afterAll(() => tree.remove());

async function cruise(directory: string): Promise<Cruise> {
  const args = ["src", "--config", ".dependency-cruiser.mjs", "-T", "json"];
  const { stdout, stderr } = await runTool(directory, "depcruise", args);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Cruise;
}

function foldersOf(path: string): readonly string[] {
  return readdirSync(join(checkout, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

test("reads every module of src, with their imports", async () => {
  const report = await cruise(checkout);
  const files = readdirSync(join(checkout, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => `src/${file}`);
  const sources = new Set(report.modules.map(({ source }) => source));
  expect(files.filter((file) => !sources.has(file))).toEqual([]);
  expect(report.summary.totalCruised).toBeGreaterThanOrEqual(files.length);
  expect(report.summary.totalDependenciesCruised).toBeGreaterThan(files.length);
});

test("every folder has rules, and every rule of an adapter has its folder", async () => {
  const { default: config } = (await import(join(checkout, ".dependency-cruiser.mjs"))) as {
    default: { forbidden: readonly { name: string }[] };
  };
  const rows = config.forbidden
    .map(({ name }) => /^(.+)-imports-only-its-layers$/.exec(name)?.[1])
    .filter((row) => row !== undefined);
  const there = [...foldersOf("src"), ...foldersOf("src/adapters")].filter(
    (name) => name !== "adapters",
  );
  expect(rows.toSorted()).toEqual(there.toSorted());
});

describe("between the layers", () => {
  let fired: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    const imports = folders.flatMap((from) => [
      ...folders.map((to): [string, string] => [
        fileOf(from, to),
        `export type { fact } from "${"../".repeat(from.split("/").length)}${to}/fact.ts";\n`,
      ]),
      ...packages.map((name): [string, string] => [fileOf(from, name), `import "${name}";\n`]),
    ]);
    tree.plant({
      ...Object.fromEntries(
        folders.map((folder) => [`src/${folder}/fact.ts`, "export type fact = true;\n"]),
      ),
      ...Object.fromEntries(imports),
    });
    const report = await cruise(tree.directory);
    const rules = new Map<string, string[]>();
    for (const { from, rule } of report.summary.violations) {
      if (rule.severity === "error") rules.set(from, [...(rules.get(from) ?? []), rule.name]);
    }
    fired = rules;
  });

  test.each(folders)("%s imports what its row lists, and nothing else", (from) => {
    const passed = (what: string) => !fired.has(fileOf(from, what));
    expect(folders.filter(passed)).toEqual(folders.filter((to) => table[from]?.src.includes(to)));
    expect(packages.filter(passed)).toEqual(
      packages.filter((name) => table[from]?.packages.includes(name)),
    );
  });
});

describe("single faults", () => {
  const faults: readonly (readonly [
    what: string,
    files: Readonly<Record<string, string>>,
    at: string,
    rule: string,
  ])[] = [
    [
      "a cycle",
      {
        "src/core/day.ts": 'import { night } from "./night.ts";\nexport const day = () => night;\n',
        "src/core/night.ts": 'import { day } from "./day.ts";\nexport const night = () => day;\n',
      },
      "src/core/day.ts",
      "no-cycles",
    ],
    [
      "a cycle of types alone",
      {
        "src/core/hen.ts": 'import type { Egg } from "./egg.ts";\nexport type Hen = Egg[];\n',
        "src/core/egg.ts": 'import type { Hen } from "./hen.ts";\nexport type Egg = Hen[];\n',
      },
      "src/core/egg.ts",
      "no-cycles",
    ],
    [
      "an adapter without a row",
      { "src/adapters/mail-nodemailer/mail.ts": 'import "node:net";\n' },
      "src/adapters/mail-nodemailer/mail.ts",
      "adapter-without-a-row",
    ],
    [
      "an import that leads nowhere",
      { "src/core/lost.ts": 'export type { Gone } from "./gone.ts";\n' },
      "src/core/lost.ts",
      "resolvable",
    ],
    [
      "a command but `node` that reaches the node",
      {
        "src/node/start.ts": "export const start = 1;\n",
        "src/cli/commands/ps.ts": 'export const late = () => import("../../node/start.ts");\n',
      },
      "src/cli/commands/ps.ts",
      "node-command-alone-reaches-node",
    ],
    [
      "`node` reaching the node at once",
      { "src/cli/commands/node.ts": 'export { start } from "../../node/start.ts";\n' },
      "src/cli/commands/node.ts",
      "node-command-reaches-node-late",
    ],
  ];
  let report: Cruise;

  beforeAll(async () => {
    for (const [, files] of faults) tree.plant(files);
    report = await cruise(tree.directory);
  });

  test.each(faults)("%s fails", (_what, _files, at, rule) => {
    const rules = report.summary.violations.filter(({ from }) => from === at);
    expect(rules.map((violation) => [violation.rule.name, violation.rule.severity])).toContainEqual(
      [rule, "error"],
    );
  });

  test("`node` may reach the node late", async () => {
    tree.plant({
      "src/cli/commands/node.ts": 'export const late = () => import("../../node/start.ts");\n',
    });
    const after = await cruise(tree.directory);
    const violations = after.summary.violations.filter(
      ({ from }) => from === "src/cli/commands/node.ts",
    );
    expect(violations).toEqual([]);
  });
});
