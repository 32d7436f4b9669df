import { expect } from "vitest";

import type { ErrorCode } from "../../src/core/errors.ts";
import type { Ended } from "./cli.ts";

/** How a node says no. */
export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  /** Occurs in the sentence. */
  readonly says: string | RegExp;
}

/** A sentence for people: one line with an end, without a trace or a library's drawing. */
const sentence = /^[^\n]+[.!?`]$/;
const trace = /\n\s+at |\.(?:js|ts):\d+:\d+|node:internal/;

/** Holds an answer of REST against what it should refuse with. */
export async function expectRefused(
  answer: Response,
  { status, code, says }: Refusal,
): Promise<void> {
  const body = (await answer.json()) as Record<string, unknown>;
  expect({ status: answer.status, ...body }).toEqual({
    status,
    code,
    error: typeof says === "string" ? expect.stringContaining(says) : expect.stringMatching(says),
    details: expect.any(Object) as object,
  });
  expect(body["error"]).toMatch(sentence);
  expect(body["error"]).not.toMatch(trace);
}

/** Holds a command that went wrong against its exit code and its one sentence. */
export function expectFailed(ended: Ended, code: number, says: string | RegExp): void {
  const err: unknown =
    typeof says === "string" ? expect.stringContaining(says) : expect.stringMatching(says);
  expect(ended).toEqual({ code, out: "", err });
  expect(ended.err).toMatch(/^blanket: [^\n]+[.!?`]\n$/);
  expect(ended.err).not.toMatch(trace);
}
