import { BlanketError } from "../core/errors.ts";
import type { TaskId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { isFinal, type TaskState } from "../core/task/shown-state.ts";
import type { Control, LogEvent, LogRequest } from "../ports/control.ts";
import { refuseWhileLoading, type EngineContext } from "./context.ts";
import { readLogEvents } from "./log-reader.ts";
import { logTail } from "./log-tail.ts";
import type { View } from "./view.ts";

/** The part of control that reads what tasks wrote. */
export type LogControl = Pick<Control, "log" | "logTail" | "result">;

interface State {
  readonly context: EngineContext;
  readonly view: View;
  /** Logs being read now. */
  open: number;
}

export function createLogControl(context: EngineContext, view: View): LogControl {
  const { replica, ports } = context;
  const { files } = ports;
  const state: State = { context, view, open: 0 };
  return {
    async log(idOrPrefix, request, signal) {
      refuseWhileLoading(context);
      const id = replica.resolve(idOrPrefix);
      await replica.fetch(id);
      return events(state, id, request, signal, takePlace(state, signal));
    },
    async logTail(idOrPrefix, streams, lines) {
      refuseWhileLoading(context);
      return logTail({ files }, replica.resolve(idOrPrefix), streams, lines);
    },
    async result(idOrPrefix, path, attempt) {
      refuseWhileLoading(context);
      const id = replica.resolve(idOrPrefix);
      const found = await files.open(id, path, attempt);
      if (found !== undefined) return found;
      const sentence =
        path === ""
          ? `${id} has no results: it has not started yet, or its directory was removed.`
          : `${id} has no file ${path}; \`/results/${id}/\` lists what is there.`;
      throw new BlanketError("FILE_UNKNOWN", sentence, { id, path });
    },
  };
}

/**
 * Takes one of the places for readers; what it gives returns that place, once. A reader that goes
 * away before it has begun never comes to an end, so that its signal returns the place, too.
 */
function takePlace(state: State, signal: AbortSignal): () => void {
  const { streamsMax } = limits;
  if (state.open >= streamsMax) {
    throw new BlanketError(
      "STREAMS_TOO_MANY",
      `${streamsMax} logs are being followed already; close one, or try again later.`,
      { streamsMax },
    );
  }
  let isTaken = !signal.aborted;
  if (isTaken) state.open += 1;
  const giveBack = (): void => {
    signal.removeEventListener("abort", giveBack);
    if (isTaken) state.open -= 1;
    isTaken = false;
  };
  signal.addEventListener("abort", giveBack);
  return giveBack;
}

/** Reads on until the task is closed, which a watcher tells at once. */
async function* events(
  state: State,
  id: TaskId,
  request: LogRequest,
  signal: AbortSignal,
  giveBack: () => void,
): AsyncGenerator<LogEvent> {
  const { replica, ports } = state.context;
  let told: TaskRecord | undefined;
  let found: TaskRecord | undefined;
  let wake: (() => void) | undefined;
  const stop = replica.watch(id, (next) => {
    told = next;
    wake?.();
  });
  const last = (): TaskRecord | undefined => told ?? found;
  const isEnded = (): TaskState | undefined => {
    const record = last();
    const now = record === undefined ? undefined : state.view.stateOf(record);
    return now !== undefined && isFinal(now) ? now : undefined;
  };
  const newestAttempt = (): number => Math.max(1, last()?.decided.value.n ?? 1);
  const onEnd = (call: () => void): void => {
    wake = call;
  };
  try {
    // Only now: it may have ended since the reader was let in.
    found = await replica.fetch(id);
    yield* readLogEvents(ports, { id, ...request, isEnded, newestAttempt, onEnd, signal });
  } finally {
    giveBack();
    stop();
  }
}
