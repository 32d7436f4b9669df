import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout that is tested. */
export const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** What a tool of the checks answered. */
export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A small source tree under the real configuration files, to plant faults in. */
export interface FaultTree {
  readonly directory: string;
  /** Writes files, by path; null removes one. */
  plant(files: Readonly<Record<string, string | null>>): void;
  /** Runs a command of `node_modules/.bin` (or `npm`) in the tree. */
  run(command: string, ...args: readonly string[]): Promise<ToolResult>;
  remove(): void;
}

const configFiles = [
  ".dependency-cruiser.mjs",
  ".oxfmtrc.json",
  ".oxlintrc.json",
  "src/core/tsconfig.json",
  "src/tsconfig.json",
  "tsconfig.json",
];

/** Used by the tree below, or by the checks themselves; knip calls the others unused. */
const dependenciesKept = ["@oclif/core"];
const devDependenciesKept = [
  "@swc/core",
  "@types/node",
  "dependency-cruiser",
  "knip",
  "oxfmt",
  "oxlint",
  "oxlint-tsgolint",
  "typescript",
  "vitest",
];

/** As little as all checks are content with: a pure function, a command, a test of the function. */
const cleanFiles = {
  "src/core/next.ts": `/** The number after \`count\`. */
export function next(count: number): number {
  return count + 1;
}
`,
  "src/cli/commands/count.ts": `import { Command } from "@oclif/core";

import { next } from "../../core/next.ts";

export default class Count extends Command {
  override run(): Promise<void> {
    this.log(String(next(1)));
    return Promise.resolve();
  }
}
`,
  "test/vitest.config.ts": `import { defineConfig } from "vitest/config";

export default defineConfig({});
`,
  "test/unit/next.test.ts": `import { expect, test } from "vitest";

import { next } from "../../src/core/next.ts";

test("counts", () => {
  expect(next(1)).toBe(2);
});
`,
};

/**
 * Grows a clean tree in a temporary directory. `node_modules` is a link beside the tree, not in it:
 * the tools find packages in parent directories, and those that walk the tree do not walk into it.
 */
export function growFaultTree(): FaultTree {
  const top = mkdtempSync(join(tmpdir(), "blanket-checks-"));
  const directory = join(top, "tree");
  const plant = (files: Readonly<Record<string, string | null>>) => {
    for (const [path, text] of Object.entries(files)) {
      const target = join(directory, path);
      mkdirSync(dirname(target), { recursive: true });
      if (text === null) rmSync(target, { force: true });
      else writeFileSync(target, text);
    }
  };
  mkdirSync(directory);
  symlinkSync(join(checkout, "node_modules"), join(top, "node_modules"));
  for (const file of configFiles) cpSync(join(checkout, file), join(directory, file));
  plant({ ...cleanFiles, "package.json": smallPackage({}) });
  return {
    directory,
    plant,
    run: (command, ...args) => runTool(directory, command, args),
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}

/** The checkout's `package.json` with only what the tree uses, and some packages on top. */
export function smallPackage(extra: Readonly<Record<string, string>>): string {
  const real = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  return `${JSON.stringify(
    {
      ...real,
      bin: undefined,
      dependencies: { ...kept(real.dependencies, dependenciesKept), ...extra },
      devDependencies: kept(real.devDependencies, devDependenciesKept),
      optionalDependencies: undefined,
    },
    null,
    2,
  )}\n`;
}

function kept(all: Readonly<Record<string, string>>, names: readonly string[]) {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** Runs a tool of the checkout in `directory`, without a terminal, on the Node of this test. */
export function runTool(
  directory: string,
  command: string,
  args: readonly string[],
): Promise<ToolResult> {
  const environment: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1" };
  environment["PATH"] = `${join(checkout, "node_modules/.bin")}:${process.env["PATH"]}`;
  delete environment["FORCE_COLOR"];
  return new Promise((resolve, reject) => {
    const options = { cwd: directory, env: environment, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else reject(error);
    });
  });
}
