import { randomFillSync } from "node:crypto";

import type { Random } from "../../ports/random.ts";

/** Chance from the operating system; `float` is for jitter alone and need not be unpredictable. */
export function createSystemRandom(): Random {
  return {
    float: () => Math.random(),
    bytes: (length) => randomFillSync(new Uint8Array(length)),
  };
}
