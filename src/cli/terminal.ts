import { once } from "node:events";
import { createInterface } from "node:readline/promises";

import { BlanketError } from "../core/errors.ts";

/** Data goes to stdout. Waits for a slow reader, so that a long log does not pile up here. */
export async function print(data: string | Uint8Array): Promise<void> {
  if (data.length > 0 && !process.stdout.write(data)) await once(process.stdout, "drain");
}

/** What people should know goes to stderr, so that it never mixes with data. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** All of stdin as text. */
export async function readStdin(): Promise<string> {
  process.stdin.setEncoding("utf8");
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return text;
}

/**
 * Asks before many things are changed. @throws COMMAND_INVALID where nobody can answer or says no
 */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new BlanketError(
      "COMMAND_INVALID",
      `${question} There is no terminal to answer on; say it with -y.`,
    );
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D say no; the end of the input closes it without an answer.
  const closed = once(asking, "close").then(() => "");
  const answered = asking.question(`${question} [y/N] `).catch(() => "");
  const answer = await Promise.race([answered, closed]);
  asking.close();
  if (/^y(?:es)?$/i.test(answer.trim())) return;
  throw new BlanketError("COMMAND_INVALID", "nothing was changed.");
}

/** Something in a terminal's way of being ended: aborts at Ctrl-C and at a polite kill. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort());
  }
  return controller.signal;
}
