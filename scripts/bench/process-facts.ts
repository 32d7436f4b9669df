import { readFileSync } from "node:fs";

/** Clock ticks a second: Linux says 100 to every program, whatever the kernel's own rate. */
const ticksPerSecond = 100;

/** CPU time that a process has used itself so far, in milliseconds, user and system. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Resident and private memory of a process, in MB of 2^20 bytes. */
export function memoryMb(pid: number): { readonly rss: number; readonly private: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const of = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1] ?? Number.NaN) / 1024;
  return { rss: of("Rss"), private: of("Private_Clean") + of("Private_Dirty") };
}
