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
      const record = await replica.fetch(id);
      refuseWhenMany(state);
      return events(state, id, record, request, signal);
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
      throw new BlanketError(
        "FILE_UNKNOWN",
        `${id} has no file ${path === "" ? "yet" : path}; \`/results/${id}/\` lists what is there.`,
        { id, path },
      );
    },
  };
}

function refuseWhenMany({ open }: State): void {
  const { streamsMax } = limits;
  if (open < streamsMax) return;
  throw new BlanketError(
    "STREAMS_TOO_MANY",
    `${streamsMax} logs are being followed already; close one, or try again later.`,
    { streamsMax },
  );
}

/** Reads on until the task is closed, which a watcher tells at once. */
async function* events(
  state: State,
  id: TaskId,
  record: TaskRecord | undefined,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogEvent> {
  const { replica, ports } = state.context;
  let last = record;
  let wake: (() => void) | undefined;
  const stop = replica.watch(id, (next) => {
    last = next;
    wake?.();
  });
  const isEnded = (): TaskState | undefined => {
    const now = last === undefined ? undefined : state.view.stateOf(last);
    return now !== undefined && isFinal(now) ? now : undefined;
  };
  const newestAttempt = (): number => Math.max(1, last?.decided.value.n ?? 1);
  const onEnd = (call: () => void): void => {
    wake = call;
  };
  state.open += 1;
  try {
    yield* readLogEvents(ports, { id, ...request, isEnded, newestAttempt, onEnd, signal });
  } finally {
    state.open -= 1;
    stop();
  }
}
