import type { IncomingMessage } from "node:http";

import type { ShownWorker } from "../core/worker.ts";
import { readEvents } from "./event-reader.ts";
import { notBlanket, unreachable } from "./failures.ts";
import type { Http } from "./http.ts";

/** Workers to add. */
export interface NewWorkers {
  readonly tags: readonly string[];
  readonly count: number;
}

/** Workers that a connection holds. */
export interface AttachedWorkers {
  readonly workers: readonly ShownWorker[];
  /** Rejects with NODE_UNREACHABLE when the connection is gone, and the workers with it. */
  readonly lost: Promise<never>;
}

/** A node says something every 5 s. */
const silenceMs = 20_000;

/** Adds workers that end when `signal` aborts or the connection breaks off. */
export async function attachWorkers(
  http: Http,
  { tags, count }: NewWorkers,
  signal: AbortSignal,
): Promise<AttachedWorkers> {
  const answer = await http.open({
    method: "POST",
    path: "/worker/",
    timeoutMs: silenceMs,
    body: { kind: "text", text: JSON.stringify({ tags, count, attached: true }) },
    signal,
  });
  answer.setEncoding("utf8");
  const events = readEvents(answer);
  const first = await events.next();
  if (first.done === true || first.value.name !== "workers") {
    answer.destroy();
    throw notBlanket(http.url);
  }
  const workers = JSON.parse(first.value.data) as readonly ShownWorker[];
  return { workers, lost: untilLost(http.url, answer, events) };
}

async function untilLost(
  url: string,
  answer: IncomingMessage,
  events: AsyncGenerator,
): Promise<never> {
  try {
    while ((await events.next()).done !== true) continue;
  } catch (error) {
    throw unreachable(url, error);
  } finally {
    answer.destroy();
  }
  throw unreachable(url, undefined);
}
