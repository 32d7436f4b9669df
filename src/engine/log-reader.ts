import type { TaskId } from "../core/ids.ts";
import type { TaskState } from "../core/task/shown-state.ts";
import type { Clock } from "../ports/clock.ts";
import type { LogEvent, LogRequest } from "../ports/control.ts";
import type { Files, LogStream } from "../ports/files.ts";
import { grownLines, tailAt, type Tail } from "./log-growth.ts";
import { lastLine, type LogLine } from "./log-lines.ts";

/** Which log, and what the reader needs to know of its task. */
export interface LogReading extends LogRequest {
  readonly id: TaskId;
  /** The final state, once the task has one. */
  readonly isEnded: () => TaskState | undefined;
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
 * `follow` until the task has ended, otherwise what is there now; the last line is delivered
 * without its end only then. A file that became shorter (a new attempt, or a task that emptied its
 * log) is read from its beginning, as `tail -F` does.
 */
export async function* readLogEvents(
  { files, clock }: { readonly files: Files; readonly clock: Clock },
  reading: LogReading,
): AsyncGenerator<LogEvent> {
  const { follow, from, isEnded, signal } = reading;
  const position = { ...from };
  const tails = reading.streams.map((stream) => tailAt(stream, from));
  const alarm = createAlarm(clock, reading);
  let spokeAt = clock.monotonic();

  while (!signal.aborted) {
    // Asked before the files are looked at: what ended meanwhile may have written more.
    const state = isEnded();
    for await (const { tail, line } of grownLines(files, reading, tails)) {
      tail.delivered += line.bytes;
      yield lineEvent(tail, line, position);
      spokeAt = clock.monotonic();
      if (signal.aborted) return;
    }
    if (state !== undefined || !follow) {
      yield* lastLines(tails, position);
      if (state !== undefined) yield { kind: "end", state };
      return;
    }
    if (clock.monotonic() - spokeAt >= idleEveryMs) {
      yield { kind: "idle" };
      spokeAt = clock.monotonic();
    }
    await alarm.wait(lookEveryMs);
  }
}

type Position = { -readonly [Stream in LogStream]: number };

/** Brings `position` to what was delivered; events carry a copy. */
function lineEvent(tail: Tail, { text }: LogLine, position: Position): LogEvent {
  position[tail.stream] = tail.delivered;
  return { kind: "line", stream: tail.stream, text, position: { ...position } };
}

function* lastLines(tails: readonly Tail[], position: Position): Generator<LogEvent> {
  for (const tail of tails) {
    const line = lastLine(tail.pending);
    if (line === undefined) continue;
    tail.delivered += line.bytes;
    yield lineEvent(tail, line, position);
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
