/** What `/proc/<pid>/stat` says of a process, as far as the keeper needs it. */
export interface ProcessStat {
  readonly pid: number;
  /** `R`, `S`, `D`, `T` (stopped), `Z` (a zombie: it has ended) … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /**
   * Ticks after the kernel's start: with the pid it names a process for as long as a kernel runs.
   */
  readonly startTicks: number;
}

/** Places of fields after the command's name, which may itself hold spaces and brackets. */
const stateField = 0;
const parentField = 1;
const groupField = 2;
const sessionField = 3;
const startField = 19;

/** Reads one `/proc/<pid>/stat` (proc_pid_stat(5)); undefined where it is cut short. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const nameEnd = text.lastIndexOf(")");
  const fields = text.slice(nameEnd + 2).split(" ");
  const state = fields[stateField];
  const startTicks = Number(fields[startField]);
  const pid = Number.parseInt(text, 10);
  if (nameEnd < 0 || state === undefined || !(startTicks >= 0) || !(pid > 0)) return undefined;
  return {
    pid,
    state,
    parent: Number(fields[parentField]),
    group: Number(fields[groupField]),
    session: Number(fields[sessionField]),
    startTicks,
  };
}

/** Whether the process can still do something: a stopped one can, a zombie can't. */
export function isLive({ state }: ProcessStat): boolean {
  return state !== "Z" && state !== "X" && state !== "x";
}
