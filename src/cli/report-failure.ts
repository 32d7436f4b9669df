import { BlanketError } from "../core/errors.ts";
import { exitCode } from "./exit-codes.ts";
import { harmless } from "./present/width.ts";
import { usageError } from "./usage-error.ts";

/** Says on stderr in one sentence what went wrong, and returns the exit code for it. */
export function reportFailure(error: unknown): number {
  const known = toBlanketError(error);
  process.stderr.write(`blanket: ${harmless(known.message)}\n`);
  if (process.env["DEBUG"]) process.stderr.write(`${stackOf(error)}\n`);
  return exitCode(known.code);
}

function toBlanketError(error: unknown): BlanketError {
  if (error instanceof BlanketError) return error;
  const usage = usageError(error);
  if (usage !== undefined) return usage;
  const message = error instanceof Error ? error.message : String(error);
  return new BlanketError(
    "INTERNAL",
    `something went wrong inside the command (${message}); DEBUG=1 shows where.`,
    {},
    error,
  );
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}
