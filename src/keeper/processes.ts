import { openSync, readdirSync, readFileSync, readSync } from "node:fs";

import { parseProcessStat, type ProcessStat } from "./proc-stat.ts";

/** The variable by which a process is known to belong to a run, wherever it went. */
export const nonceVariable = "BLANKET_RUN_NONCE";

/** What `/proc` says of one process; undefined when there is none. */
export function readProcess(pid: number): ProcessStat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcessStat(text);
}

/**
 * All processes of this machine (of this pid namespace) that can be seen. Looks until nothing new
 * appears: a process that forks and ends meanwhile can't hide its child behind itself.
 */
export function listProcesses(): ProcessStat[] {
  const found: ProcessStat[] = [];
  const seen = new Set<string>();
  for (let before = -1; seen.size > before;) {
    before = seen.size;
    for (const name of readdirSync("/proc")) {
      if (name.charCodeAt(0) > 57 || seen.has(name)) continue;
      seen.add(name);
      const process = readProcess(Number(name));
      if (process !== undefined) found.push(process);
    }
  }
  return found;
}

/** The nonce in a process's environment; undefined where there is none or it can't be read. */
export function nonceOf(pid: number): string | undefined {
  const text = readEnvironment(pid);
  if (text === undefined) return undefined;
  const mark = `\0${nonceVariable}=`;
  const at = `\0${text}`.indexOf(mark);
  if (at < 0) return undefined;
  const start = at + mark.length - 1;
  const end = text.indexOf("\0", start);
  return text.slice(start, end < 0 ? undefined : end);
}

/** While a program is being started, its environment is empty for some microseconds. */
function readEnvironment(pid: number): string | undefined {
  let text = readProc(`/proc/${pid}/environ`);
  for (let more = 3; text === "" && more > 0; more -= 1) text = readProc(`/proc/${pid}/environ`);
  return text;
}

/** The children of this process, ended ones that wait to be reaped included. */
export type ChildrenReader = () => readonly number[];

/**
 * Reads the kernel's list of the children of this process's main thread, which is where orphans of
 * a subreaper's tasks arrive. Undefined where this kernel keeps no such list.
 */
export function createChildrenReader(pid: number): ChildrenReader | undefined {
  let file: number;
  try {
    file = openSync(`/proc/${pid}/task/${pid}/children`, "r");
  } catch {
    return undefined;
  }
  let buffer = Buffer.allocUnsafe(4_096);
  return () => {
    let size = readSync(file, buffer, 0, buffer.length, 0);
    while (size === buffer.length) {
      buffer = Buffer.allocUnsafe(2 * buffer.length);
      size = readSync(file, buffer, 0, buffer.length, 0);
    }
    return numbersIn(buffer, size);
  };
}

/** Decimal numbers, each followed by a space. */
function numbersIn(bytes: Buffer, size: number): number[] {
  const found: number[] = [];
  let number = 0;
  for (let at = 0; at < size; at += 1) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit >= 0) number = number * 10 + digit;
    else {
      found.push(number);
      number = 0;
    }
  }
  return found;
}

/** A process may end between being listed and being read, and others' environments are private. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

/** Sends a signal to a process, or with a negative number to a group. */
export function signal(pid: number, name: NodeJS.Signals): "sent" | "gone" | "denied" {
  try {
    process.kill(pid, name);
    return "sent";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? "denied" : "gone";
  }
}
