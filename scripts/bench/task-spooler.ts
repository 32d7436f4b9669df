import { join } from "node:path";

import { isInstalled, run } from "./command.ts";

/** A task-spooler of our own, with two slots, beside any other on this machine. */
export interface TaskSpooler {
  /** Queues `count` times `true` from a shell and waits for the last: milliseconds. */
  runMany(count: number): Promise<number>;
  /** Queues one and waits for it, `count` times: milliseconds of each. */
  runEach(count: number): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** Starts it in `directory`; undefined where Debian's package task-spooler is not installed. */
export async function startTaskSpooler(directory: string): Promise<TaskSpooler | undefined> {
  if (!isInstalled("tsp")) return undefined;
  const own = { LC_ALL: "C", TMPDIR: directory, TS_SOCKET: join(directory, "tsp.socket") };
  const env = { ...process.env, ...own };
  const bash = (script: string) => run("bash", ["-c", script], { env, cwd: directory });
  await bash("tsp -S 2");
  return {
    async runMany(count) {
      const queue = `for ((i = 0; i < ${count}; i++)); do tsp sh -c true >/dev/null; done; tsp -w`;
      const [ms = Number.NaN] = milliseconds(await bash(timedScript(queue)));
      await bash("tsp -C; rm -f ts-out.*");
      return ms;
    },
    async runEach(count) {
      const once = timedScript("tsp -f sh -c true >/dev/null");
      const text = await bash(`for ((i = 0; i < ${count}; i++)); do ${once}; done; tsp -C`);
      return milliseconds(text);
    },
    async stop() {
      await bash("tsp -K");
    },
  };
}

/** Times are taken in the shell that starts it: a shell forks faster than this process. */
function timedScript(body: string): string {
  return `a=$EPOCHREALTIME; ${body}; b=$EPOCHREALTIME; echo $(( \${b/./} - \${a/./} ))`;
}

/** What such scripts print, one number of microseconds a line. */
function milliseconds(text: string): readonly number[] {
  return text
    .trim()
    .split("\n")
    .map((line) => Number(line) / 1000);
}
