import type { TaskId } from "../core/ids.ts";
import type { TaskState } from "../core/task/shown-state.ts";
import type { Clock } from "../ports/clock.ts";
import type { LogEvent, LogPosition, LogRequest } from "../ports/control.ts";
import type { Files, LogStream } from "../ports/files.ts";
import { grownLines, tailAt, type Tail } from "./log-growth.ts";
import { lastLine, type LogLine } from "./log-lines.ts";

/** Which log, and what the reader needs to know of its task. */
export interface LogReading extends LogRequest {
  readonly id: TaskId;
  /** The final state, once the task has one. */
  readonly isEnded: () => TaskState | undefined;
  /** The attempt that came last: read where none is asked for. */
  readonly newestAttempt: () => number;
  /** Calls `wake` when the task has ended, so that nobody waits for the next look. */
  readonly onEnd?: (wake: () => void) => void;
  /** Ends the reading, without an `end` event. */
  readonly signal: AbortSignal;
}

/** How often growing files are looked at. */
const lookEveryMs = 100;
/** Silence after which proxies and browsers begin to doubt a connection. */
const idleEveryMs = 15_000;

/**
 * The lines of a task's output, both files in the order in which they were seen to grow. With
 * `follow` until the task has ended, from one attempt to the next, otherwise what is there now; the
 * last line of an attempt is delivered without its end only then. A file that became shorter (a
 * task that emptied its log) is read from its beginning, as `tail -F` does.
 */
export async function* readLogEvents(
  { files, clock }: { readonly files: Files; readonly clock: Clock },
  reading: LogReading,
): AsyncGenerator<LogEvent> {
  const { follow, from, isEnded, signal, newestAttempt } = reading;
  const alarm = createAlarm(clock, reading);
  let log = openLog(reading, reading.attempt ?? from.attempt ?? newestAttempt(), from);
  let spokeAt = clock.monotonic();

  while (!signal.aborted) {
    // Asked before the files are looked at: what ended meanwhile may have written more.
    const state = isEnded();
    const last = reading.attempt ?? newestAttempt();
    for await (const { tail, line } of grownLines(files, log, log.tails)) {
      tail.delivered += line.bytes;
      yield lineEvent(log, tail, line);
      spokeAt = clock.monotonic();
      if (signal.aborted) return;
    }
    const isOver = log.attempt < last;
    if (isOver || state !== undefined || !follow) yield* lastLines(log);
    if (isOver) {
      log = openLog(reading, log.attempt + 1, atTheBeginning);
      continue;
    }
    if (state !== undefined) yield { kind: "end", state };
    if (state !== undefined || !follow) return;
    if (clock.monotonic() - spokeAt >= idleEveryMs) {
      yield { kind: "idle" };
      spokeAt = clock.monotonic();
    }
    await alarm.wait(lookEveryMs);
  }
}

/** The log of one attempt as far as it was read. */
interface OpenLog {
  readonly id: TaskId;
  readonly attempt: number;
  readonly tails: readonly Tail[];
  /** Brought to what was delivered; events carry a copy. */
  readonly position: Position;
}

type Position = { -readonly [Stream in LogStream]: number };

const atTheBeginning: Position = { stdout: 0, stderr: 0 };

function openLog({ id, streams }: LogReading, attempt: number, from: LogPosition): OpenLog {
  const tails = streams.map((stream) => tailAt(stream, from));
  return { id, attempt, tails, position: { stdout: from.stdout, stderr: from.stderr } };
}

function lineEvent(
  { attempt, position }: OpenLog,
  { stream, delivered }: Tail,
  { text }: LogLine,
): LogEvent {
  position[stream] = delivered;
  return { kind: "line", stream, text, position: { ...position, attempt } };
}

function* lastLines(log: OpenLog): Generator<LogEvent> {
  for (const tail of log.tails) {
    const line = lastLine(tail.pending);
    if (line === undefined) continue;
    tail.delivered += line.bytes;
    yield lineEvent(log, tail, line);
  }
}

interface Alarm {
  /** Resolves after `ms`, or at once when the task ends or the reader goes. */
  wait(ms: number): Promise<void>;
}

function createAlarm(clock: Clock, { signal, onEnd }: LogReading): Alarm {
  let ring: (() => void) | undefined;
  let hasRung = signal.aborted;
  const wake = (): void => {
    hasRung = true;
    ring?.();
  };
  signal.addEventListener("abort", wake, { once: true });
  onEnd?.(wake);
  return {
    async wait(ms) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(ms, resolve);
          ring = () => {
            cancel();
            resolve();
          };
        });
      }
      hasRung = false;
    },
  };
}
