import type { Screen } from "./present/table.ts";

/**
 * The terminal that output goes to. A file or pipe is asked for as a number, since making
 * `process.stdout` costs a whole stream that the fast path does not need.
 */
export function readScreen(environment: Readonly<Record<string, string | undefined>>): Screen {
  if (!process.getBuiltinModule("node:tty").isatty(1)) return { columns: undefined, colour: false };
  const isWanted = !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  return { columns: process.stdout.columns || undefined, colour: isWanted };
}
