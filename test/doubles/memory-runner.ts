import type { TaskId } from "../../src/core/ids.ts";
import type { RunEnd, RunFacts } from "../../src/core/journal.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Runner, RunnerListener, RunRequest } from "../../src/ports/runner.ts";

/** A runner without processes: a test says when and how each run ends. */
export interface MemoryRunner extends Runner {
  /** All that was ever started, oldest first, over every daemon that used this runner. */
  readonly launched: readonly RunRequest[];
  /** Runs that have not ended. */
  running(): readonly RunRequest[];
  /** Ends a run as its command would; by default with exit code 0. */
  end(id: string, end?: Partial<RunEnd>): void;
  /** From now on a launch ends in `voided`, as where no keeper can be started. */
  refuse(reason: string | undefined): void;
  /** From now on runs ignore `stop`: their commands do not react. */
  deafen(isDeaf: boolean): void;
  /** From now on an inquiry is answered once this has resolved, by what is true then. */
  answerAfter(moment: Promise<void>): void;
  /** Forgets what runs, as a reboot does. */
  reboot(): void;
  readonly acknowledged: readonly string[];
}

interface Known {
  readonly request: RunRequest;
  readonly pid: number;
  readonly startedAt: number;
  end: RunEnd | undefined;
}

export function createMemoryRunner({ clock }: { readonly clock: Clock }): MemoryRunner {
  const runs = new Map<string, Known>();
  const voided = new Set<string>();
  /** What the daemon that listens now has launched or asked about. */
  const asked = new Set<string>();
  /** Acknowledged ends: no longer known, and never started again. */
  const forgotten = new Set<string>();
  const launched: RunRequest[] = [];
  const acknowledged: string[] = [];
  let listener: RunnerListener | undefined;
  let refusal: string | undefined;
  let deaf = false;
  let boots = 1;
  let answersAfter: Promise<void> | undefined;

  function end(id: string, how: Partial<RunEnd> = {}): void {
    const known = [...runs.values()].findLast(
      ({ request, end: ended }) => request.id.startsWith(id) && ended === undefined,
    );
    if (known === undefined) throw new Error(`nothing runs for ${id}`);
    endRun(known, how);
  }

  function endRun(known: Known, how: Partial<RunEnd>): void {
    const natural: RunEnd = { cause: "exited", at: clock.now(), exitCode: 0 };
    known.end =
      how.cause === undefined || how.cause === "exited"
        ? { ...natural, ...how }
        : { cause: how.cause, at: clock.now(), ...how };
    listener?.ended(known.request.id, known.request.attempt, known.end);
  }

  function launch(request: RunRequest): void {
    const key = keyOf(request.id, request.attempt);
    asked.add(key);
    if (refusal !== undefined || voided.has(key)) {
      voided.add(key);
      return listener?.voided(request.id, request.attempt, refusal ?? "it was voided");
    }
    if (forgotten.has(key)) {
      const reason = "It was started before, and its end was acknowledged.";
      const lost = { cause: "lost", at: clock.now(), reason } as const;
      return listener?.ended(request.id, request.attempt, lost);
    }
    if (runs.has(key)) return;
    launched.push(request);
    const pid = 1_000 + launched.length;
    runs.set(key, { request, pid, startedAt: clock.now(), end: undefined });
    listener?.started(request.id, request.attempt, pid, clock.now());
  }

  return {
    launched,
    acknowledged,
    running: () =>
      [...runs.values()].filter((run) => run.end === undefined).map((run) => run.request),
    end,
    refuse(reason) {
      refusal = reason;
    },
    deafen(isDeaf) {
      deaf = isDeaf;
    },
    answerAfter(moment) {
      answersAfter = moment;
    },
    reboot() {
      runs.clear();
      boots += 1;
    },
    listen(next) {
      listener = next;
      asked.clear();
    },
    launch,
    async inquire(id, attempt): Promise<RunFacts> {
      asked.add(keyOf(id, attempt));
      await answersAfter;
      const known = runs.get(keyOf(id, attempt));
      if (forgotten.has(keyOf(id, attempt))) return { kind: "vanished", pid: 0, startedAt: 0 };
      if (known === undefined) {
        voided.add(keyOf(id, attempt));
        return { kind: "voided" };
      }
      const { pid, startedAt } = known;
      if (known.end === undefined) return { kind: "running", pid, startedAt };
      return { kind: "ended", pid, startedAt, end: known.end };
    },
    stop(id, attempt) {
      const known = runs.get(keyOf(id, attempt));
      if (deaf || known === undefined || known.end !== undefined) return;
      endRun(known, { cause: "stopped", signal: "SIGTERM" });
    },
    acknowledge(id, attempt) {
      const key = keyOf(id, attempt);
      acknowledged.push(key);
      if (runs.get(key)?.end !== undefined) runs.delete(key);
      forgotten.add(key);
    },
    recovered() {
      for (const [key, { end: ended }] of runs) {
        if (ended === undefined || asked.has(key)) continue;
        runs.delete(key);
        forgotten.add(key);
      }
    },
    kernelBootId: () => `boot-${boots}`,
    status: () => ({
      connected: true,
      keeperPid: null,
      keeperVersion: null,
      spawner: null,
      running: runs.size,
    }),
    start: async () => {},
    disconnect: async () => {
      listener = undefined;
    },
  };
}

function keyOf(id: TaskId, attempt: number): string {
  return `${id}/${attempt}`;
}
