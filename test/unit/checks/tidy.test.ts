/**
 * Goal: what no tool checks of STYLE: columns, lengths, names, documented exports, one version, no
 * left-overs. Method: reads the files of the checkout; exports come from TypeScript's own syntax
 * tree.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { expect, test } from "vitest";

import { version } from "../../../src/core/version.ts";
import { undocumentedExports } from "../../support/exports.ts";
import { checkout } from "../../support/fault-tree.ts";

const folders = [".ci", "bin", "docs", "scripts", "src", "task-types", "test"];
const topFiles = readdirSync(checkout, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== "package-lock.json")
  .map(({ name }) => name);
const files = [...topFiles, ...folders.flatMap(filesUnder)].toSorted();
const textOf = (file: string) => readFileSync(join(checkout, file), "utf8");
const isCode = (file: string) => /\.(?:ts|js|mjs|sh)$|^(?:bin|\.ci)\//.test(file);

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(checkout.length));
}

/** `file:line` of every line that `wrong` holds for. */
function linesWhere(among: readonly string[], wrong: (line: string) => boolean): readonly string[] {
  return among.flatMap((file) =>
    textOf(file)
      .split("\n")
      .flatMap((line, index) => (wrong(line) ? [`${file}:${index + 1}`] : [])),
  );
}

test("finds the files to look at", () => {
  expect(files).toEqual(
    expect.arrayContaining([
      "README.md",
      "bin/blanket",
      "src/core/ids.ts",
      "test/unit/checks/tidy.test.ts",
    ]),
  );
});

test("code and comments keep to 100 columns; only a sentence in quotes may go past", () => {
  // A sentence cut in two is not found by who searches for it, and the formatter leaves it whole.
  const literal =
    /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|(?<=[ (])\/(?![*/ ])(?:[^/\\]|\\.)+\/[a-z]*/g;
  const isComment = (line: string) => /^\s*(?:\/\/|\/?\*|#)/.test(line);
  const isWide = (line: string) =>
    (isComment(line) ? line : line.replaceAll(literal, '""')).length > 100;
  expect(linesWhere(files.filter(isCode), isWide)).toEqual([]);
});

test("code files keep to 400 lines", () => {
  const long = files.filter((file) => isCode(file) && textOf(file).split("\n").length > 401);
  expect(long).toEqual([]);
});

test("names are kebab-case", () => {
  const usual = /^(?:README\.md|LICENSE|package\.json|tsconfig\.json)$/;
  const kebab = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
  const part = (name: string) => usual.test(name) || kebab.test(name);
  // The loader of task types takes the type's name from the file's: the shipped ones keep the
  // original Blanket's names.
  const named = files.filter((file) => !file.startsWith("task-types/"));
  expect(named.filter((file) => !file.split("/").every(part))).toEqual([]);
  expect(files.filter((file) => basename(file).includes(" "))).toEqual([]);
});

test("no path of this machine is written down", () => {
  expect(linesWhere(files, (line) => line.includes(checkout))).toEqual([]);
});

test("nothing is left to do without an issue", () => {
  const marks = /(?:TODO|FIXME|XXX)/;
  const among = files.filter((file) => file !== "test/unit/checks/tidy.test.ts");
  expect(linesWhere(among, (line) => marks.test(line) && !/#\d+/.test(line))).toEqual([]);
});

test("every test file opens with its goal and method", () => {
  const tests = files.filter((file) => file.endsWith(".test.ts"));
  const without = tests.filter((file) => !/^\/\*[^/]*\bgoal\b.*?\bmethod\b/is.test(textOf(file)));
  expect(without).toEqual([]);
});

test("every export of core, contract and ports is documented", async () => {
  const documented = ["core", "contract", "ports"].flatMap((layer) => filesUnder(`src/${layer}`));
  const sources = documented.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
  const { exports, undocumented } = undocumentedExports(checkout, sources);
  expect(exports).toBeGreaterThan(sources.length);
  const routes = await selfDocumented();
  expect(undocumented.filter((line) => !routes.has(line.split(/[ :=]+/)[3] ?? ""))).toEqual([]);
});

/** Names of the routes: each one's `summary`, which the API's own pages show, documents it. */
async function selfDocumented(): Promise<ReadonlySet<string>> {
  const modules = await Promise.all(
    filesUnder("src/contract/routes").map(
      (file) => import(join(checkout, file)) as Promise<Readonly<Record<string, unknown>>>,
    ),
  );
  const names = modules.flatMap((module) =>
    Object.entries(module)
      .filter(([, value]) => typeof (value as { summary?: unknown }).summary === "string")
      .map(([name]) => name),
  );
  return new Set(names);
}

test("one version", () => {
  expect(version).toBe(JSON.parse(textOf("package.json")).version);
  expect(version).toBe(JSON.parse(textOf("package-lock.json")).version);
});
