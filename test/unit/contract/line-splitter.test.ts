/**
 * Goal: lines come out whole however the stream was cut, and no stream makes memory grow for ever.
 * Method: streams cut at random places, and lines around the bound.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createLineSplitter } from "../../../src/contract/line-splitter.ts";

function split(
  pieces: readonly string[],
  charactersMax = 100,
): { lines: string[]; broken: number } {
  const lines: string[] = [];
  let broken = 0;
  const feed = createLineSplitter(
    (line) => lines.push(line),
    () => {
      broken += 1;
    },
    charactersMax,
  );
  for (const piece of pieces) feed(piece);
  return { lines, broken };
}

describe("a stream of lines", () => {
  it("gives the same lines wherever it is cut", () => {
    const line = fc
      .string({ minLength: 1, maxLength: 20 })
      .map((text) => text.replaceAll("\n", "_"));
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(line), cuts, (lines, sizes) => {
        const stream = lines.map((one) => `${one}\n`).join("");
        const pieces: string[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(stream.slice(at, at + size));
          at += size;
        }
        expect(split(pieces)).toEqual({ lines, broken: 0 });
      }),
    );
  });

  it("leaves out empty lines, and holds back one that is not finished", () => {
    expect(split(["\n\none\n\ntw"]).lines).toEqual(["one"]);
  });

  it.each([
    ["at the bound", ["x".repeat(100) + "\nnext\n"], 2, 0],
    ["over it at once", ["ok\n" + "x".repeat(101) + "\nnext\n"], 1, 1],
    ["over it in pieces", ["ok\n", ...Array<string>(30).fill("xxxxx"), "\nnext\n"], 1, 1],
  ])("with a line %s ends there or goes on", (_name, pieces, lines, broken) => {
    const result = split(pieces);
    expect(result.lines).toHaveLength(lines);
    expect(result.broken).toBe(broken);
  });
});
