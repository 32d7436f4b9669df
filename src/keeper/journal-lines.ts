import {
  countOf,
  endOf,
  type Fields,
  fieldsOf,
  LineFault,
  type RunName,
  runNameOf,
  textOf,
} from "../contract/line-fields.ts";
import type { TaskId } from "../core/ids.ts";
import type { RunEnd } from "../core/journal.ts";

/** One fact of the keeper's journal, in the order in which they come about. */
export type JournalLine =
  /** A keeper begins to write: what follows was started by it, under this kernel. */
  | {
      readonly kind: "keeper";
      readonly pid: number;
      readonly startTicks: number;
      readonly kernelBootId: string;
    }
  /** From here on the attempt may have been started. */
  | (RunName & {
      readonly kind: "start";
      readonly nonce: string;
      readonly timeoutMs: number;
      readonly killGraceMs: number;
      readonly at: number;
    })
  | (RunName & {
      readonly kind: "pid";
      readonly pid: number;
      readonly startTicks: number;
      readonly session: number;
      readonly at: number;
    })
  /** Nothing of it is alive any more. */
  | (RunName & {
      readonly kind: "exit";
      readonly pid: number;
      readonly startedAt: number;
      readonly end: RunEnd;
    })
  /** It never starts. */
  | (RunName & { readonly kind: "void"; readonly reason: string })
  /** Its end is stored elsewhere. */
  | (RunName & { readonly kind: "ack" });

/** An attempt as the journal tells it. */
export interface PastRun {
  readonly id: TaskId;
  readonly attempt: number;
  /** Of the kernel under which it was started. */
  readonly kernelBootId: string;
  start?: Extract<JournalLine, { kind: "start" }>;
  process?: Extract<JournalLine, { kind: "pid" }>;
  exit?: Extract<JournalLine, { kind: "exit" }>;
  voided?: Extract<JournalLine, { kind: "void" }>;
}

/** Everything that a journal holds. */
export interface Past {
  /** The keeper that wrote last. */
  readonly keeper: Extract<JournalLine, { kind: "keeper" }> | undefined;
  /** Attempts that nobody has acknowledged, by {@link runKey}. */
  readonly runs: ReadonlyMap<string, PastRun>;
  /** Those acknowledged, oldest first. */
  readonly acknowledged: readonly RunName[];
  /** Lines that could not be read; a torn last one is none of them. */
  readonly damaged: number;
}

/** One text for an attempt of a task. */
export function runKey({ id, attempt }: RunName): string {
  return `${id}/${attempt}`;
}

/** The line as it is written, with its newline. */
export function encodeJournalLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Reads a whole journal. What follows the last newline was being written when the keeper died. */
export function parseJournal(text: string): Past {
  let keeper: Past["keeper"];
  let damaged = 0;
  const runs = new Map<string, PastRun>();
  const acknowledged: RunName[] = [];
  const lines = text.split("\n");
  lines.pop();
  for (const written of lines) {
    const line = parseLine(written);
    if (line === undefined) damaged += 1;
    else if (line.kind === "keeper") keeper = line;
    else if (line.kind === "ack") {
      runs.delete(runKey(line));
      acknowledged.push({ id: line.id, attempt: line.attempt });
    } else note(runs, line, keeper?.kernelBootId ?? "");
  }
  return { keeper, runs, acknowledged, damaged };
}

function note(
  runs: Map<string, PastRun>,
  line: Exclude<JournalLine, { kind: "keeper" | "ack" }>,
  kernelBootId: string,
): void {
  const key = runKey(line);
  const run = runs.get(key) ?? { id: line.id, attempt: line.attempt, kernelBootId };
  runs.set(key, run);
  switch (line.kind) {
    case "start":
      run.start = line;
      return;
    case "pid":
      run.process = line;
      return;
    case "exit":
      run.exit = line;
      return;
    case "void":
      run.voided = line;
      return;
  }
}

function parseLine(written: string): JournalLine | undefined {
  try {
    const fields = fieldsOf(written);
    return lineOf(textOf(fields, "kind"), fields);
  } catch (error) {
    if (error instanceof LineFault) return undefined;
    throw error;
  }
}

function lineOf(kind: string, fields: Fields): JournalLine | undefined {
  switch (kind) {
    case "keeper":
      return {
        kind,
        pid: countOf(fields, "pid"),
        startTicks: countOf(fields, "startTicks"),
        kernelBootId: textOf(fields, "kernelBootId"),
      };
    case "start":
      return {
        kind,
        ...runNameOf(fields),
        nonce: textOf(fields, "nonce"),
        timeoutMs: countOf(fields, "timeoutMs"),
        killGraceMs: countOf(fields, "killGraceMs"),
        at: countOf(fields, "at"),
      };
    case "pid":
      return {
        kind,
        ...runNameOf(fields),
        pid: countOf(fields, "pid"),
        startTicks: countOf(fields, "startTicks"),
        session: countOf(fields, "session"),
        at: countOf(fields, "at"),
      };
    case "exit":
      return {
        kind,
        ...runNameOf(fields),
        pid: countOf(fields, "pid"),
        startedAt: countOf(fields, "startedAt"),
        end: endOf(fields, "end"),
      };
    case "void":
      return { kind, ...runNameOf(fields), reason: textOf(fields, "reason") };
    case "ack":
      return { kind, ...runNameOf(fields) };
  }
  return undefined;
}
