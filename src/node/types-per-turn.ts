import type { TypeEntry, Types } from "../ports/types.ts";

/**
 * Looks at a type's file once in a turn of the loop: a submission that is claimed at once asks for
 * its type some five times, and each answer is a system call.
 */
export function typesPerTurn(types: Types): Types {
  const seen = new Map<string, TypeEntry | undefined>();
  return {
    ...types,
    lookup(name) {
      if (seen.has(name)) return seen.get(name);
      if (seen.size === 0) setImmediate(() => seen.clear());
      const entry = types.lookup(name);
      seen.set(name, entry);
      return entry;
    },
  };
}
