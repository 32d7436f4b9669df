import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import type { LogChoice } from "../contract/log-position.ts";
import type { TaskState } from "../core/task/shown-state.ts";
import { readEvents, type ServerEvent } from "./event-reader.ts";
import { mayPass, unreachable } from "./failures.ts";
import type { Http } from "./http.ts";

/** What a followed log delivers. */
export type LogItem =
  /** One line without its end. */
  | { readonly kind: "line"; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly kind: "end"; readonly state: TaskState };

export interface LogWish {
  readonly stream: LogChoice;
  readonly attempt?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Pauses between tries to go on after a break, about half a minute in all. */
const pausesMs = [100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** A node says something at least every 15 s; three times that is a connection that has died. */
const silenceMs = 45_000;

/**
 * The lines of a task's log until the task has ended. A stream that breaks off (a node that
 * restarts, a network that changes) goes on behind the last line that came.
 */
export async function* followLog(http: Http, id: string, wish: LogWish): AsyncGenerator<LogItem> {
  let lastId: string | undefined;
  // A first connection that fails is told at once: there is nothing to go on with.
  let answer = await openLog(http, id, wish, lastId);
  let pauses = [...pausesMs];
  for (;;) {
    try {
      for await (const event of readEvents(answer)) {
        pauses = [...pausesMs];
        lastId = event.id ?? lastId;
        const item = logItem(event, wish.stream);
        yield item;
        if (item.kind === "end") return;
      }
    } catch (error) {
      if (wish.signal?.aborted === true) throw error;
    } finally {
      answer.destroy();
    }
    answer = await reopenLog(http, id, wish, lastId, pauses);
  }
}

/** Takes pauses away as it makes them: none are left when nothing has come for too long. */
async function reopenLog(
  http: Http,
  id: string,
  wish: LogWish,
  lastId: string | undefined,
  pauses: number[],
): Promise<IncomingMessage> {
  let failure: unknown = unreachable(http.url, undefined);
  for (let pause = pauses.shift(); pause !== undefined; pause = pauses.shift()) {
    await sleep(pause, undefined, { signal: wish.signal });
    try {
      return await openLog(http, id, wish, lastId);
    } catch (error) {
      if (!mayPass(error)) throw error;
      failure = error;
    }
  }
  throw failure;
}

async function openLog(
  http: Http,
  id: string,
  { stream, attempt, signal }: LogWish,
  lastId: string | undefined,
): Promise<IncomingMessage> {
  const query = new URLSearchParams({ stream, follow: "true" });
  if (attempt !== undefined) query.set("attempt", String(attempt));
  const answer = await http.open({
    method: "GET",
    path: `/task/${encodeURIComponent(id)}/log?${query.toString()}`,
    timeoutMs: silenceMs,
    headers: lastId === undefined ? {} : { "last-event-id": lastId },
    signal,
  });
  answer.setEncoding("utf8");
  return answer;
}

function logItem({ name, data }: ServerEvent, choice: LogChoice): LogItem {
  if (name === "end") {
    const { state } = JSON.parse(data) as { readonly state: TaskState };
    return { kind: "end", state };
  }
  const stream = name === "stderr" || choice === "stderr" ? "stderr" : "stdout";
  return { kind: "line", stream, text: data };
}
