import { Readable } from "node:stream";

import type { FastifyReply } from "fastify";

import { formatLogPosition, type LogChoice } from "../../contract/log-position.ts";
import type { LogEvent } from "../../ports/control.ts";
import type { Hold } from "./hold.ts";

/** Bytes that wait for a slow reader before its source is asked for no more. */
const waitingBytes = 64 * 1024;

/** A server-sent events comment: keeps a connection alive, and tells a dead one. */
export const heartbeat = ":\n\n";

/** One event; a line end in `data` becomes one of the event's lines, as the format wants it. */
export function formatEvent(event: {
  readonly name?: string;
  readonly id?: string;
  readonly data: string;
}): string {
  const name = event.name === undefined ? "" : `event: ${event.name}\n`;
  const id = event.id === undefined ? "" : `id: ${event.id}\n`;
  const { data } = event;
  const lines = /[\r\n]/.test(data) ? data.split(/\r\n|\r|\n/) : [data];
  return `${name}${id}${lines.map((line) => `data: ${line}\n`).join("")}\n`;
}

/** An event of a log. Where both files are read, each line says which one by the event's name. */
export function formatLogEvent(event: LogEvent, choice: LogChoice): string {
  switch (event.kind) {
    case "line": {
      const id = formatLogPosition(event.position, choice);
      const line = { id, data: event.text };
      return formatEvent(choice === "both" ? { ...line, name: event.stream } : line);
    }
    case "idle":
      return heartbeat;
    case "end":
      return formatEvent({ name: "end", data: JSON.stringify({ state: event.state }) });
  }
}

/**
 * Answers with a stream of events. The source is asked for the next one only while the client
 * takes them; when it has gone, `hold` aborts.
 */
export function sendEvents(
  reply: FastifyReply,
  hold: Hold,
  events: AsyncGenerator<string>,
): FastifyReply {
  const stream = Readable.from(events, { objectMode: false, highWaterMark: waitingBytes });
  stream.once("close", () => {
    hold.abort();
    hold.release();
  });
  // Begins it now: destroyed before its first read, a generator would not run its clean-up.
  stream.read(0);
  return reply
    .header("cache-control", "no-store")
    .header("x-accel-buffering", "no")
    .type("text/event-stream; charset=utf-8")
    .send(stream);
}
