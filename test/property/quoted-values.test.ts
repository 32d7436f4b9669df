/**
 * Goal: no value can break out of its shell word, whatever it holds.
 * Method: random values with everything that is special to a shell are rendered into one script of
 * printf commands; real shells run it, and what they saw as arguments must be the values. A quoted
 * value also stands beside other text in one word.
 */
import { spawnSync } from "node:child_process";

import { array, constantFrom, oneof, sample, string } from "fast-check";
import { describe, expect, it } from "vitest";

import { parseTemplate, renderTemplate } from "../../src/core/task-type/template.ts";
import { installedShells } from "../support/shells.ts";

const specials = [
  Array.from("'\"`$\\!#&|;<>(){}[]*?~^%=- \t\n\r\u007f\u0001\u001b"),
  ["'\\''", "$(echo x)", "${HOME}", "$'\\n'", '$"x"', "\\\n", "<<EOF\n", "\nEOF\n", "{{.A}}"],
  ["é", "日本", "🐢", "\u00a0", "\u2028", "\ufeff", "\u{e000}", "-n", "--", "!!", "\\c", "%s"],
].flat();
const hostile = array(oneof(constantFrom(...specials), string({ maxLength: 3 })), {
  maxLength: 12,
}).map((pieces) => pieces.join("").replaceAll("\0", ""));

const template = "printf '%s\\0' {{.A}} pre{{.B}}post {{.A}}{{.B}} \"$#\"{{.A}}\n";

describe.each(installedShells())("values in %s", (shell) => {
  it("arrive as they are, each in its own word", () => {
    const reading = parseTemplate(template, shell);
    if (reading.kind === "problems") throw new Error(reading.problems[0]?.message);
    const values = sample(hostile, 2_000);
    const pairs = values.map((value, index) => [value, values.at(-index) ?? ""] as const);
    const script = pairs.map(([A, B]) => renderTemplate(reading.template, { A, B })).join("");
    const run = spawnSync(shell, ["-s"], { input: script, maxBuffer: 1 << 26 });
    const seen = run.stdout.toString("utf8").split("\0");
    const expected = pairs.flatMap(([a, b]) => [a, `pre${b}post`, a + b, `0${a}`]);
    expect(run.stderr.toString("utf8")).toBe("");
    expect(seen).toEqual([...expected, ""]);
  });
});
