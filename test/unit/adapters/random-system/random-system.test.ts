/**
 * Goal: chance is uniform in [0, 1) and bytes are as many as asked for, never the same.
 * Method: a few draws; that they are good is the platform's matter.
 */
import { expect, it } from "vitest";

import { createSystemRandom } from "../../../../src/adapters/random-system/random-system.ts";

it("draws from 0 to below 1", () => {
  const { float } = createSystemRandom();
  const draws = Array.from({ length: 1_000 }, float);
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThan(1);
  expect(new Set(draws).size).toBeGreaterThan(990);
});

it("gives bytes of its own at each call", () => {
  const { bytes } = createSystemRandom();
  expect(bytes(32)).toHaveLength(32);
  expect(bytes(0)).toHaveLength(0);
  expect(bytes(32)).not.toStrictEqual(bytes(32));
});
