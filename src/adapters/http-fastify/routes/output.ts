import type { FastifyInstance, FastifyReply } from "fastify";

import { type LogChoice, parseLogPosition } from "../../../contract/log-position.ts";
import { followLog, rawLog, showResult, tailLog } from "../../../contract/routes/output.ts";
import { BlanketError } from "../../../core/errors.ts";
import { rfc3339 } from "../../../core/rfc3339.ts";
import type { LogEvent, LogPosition } from "../../../ports/control.ts";
import type { LogStream, ResultNode } from "../../../ports/files.ts";
import { formatLogEvent, heartbeat, sendEvents } from "../event-stream.ts";
import { plainText, sendFile } from "../file-answer.ts";
import { serve, type RouteDeps } from "../serve.ts";

const tailDefault = 100;

/** What tasks wrote: logs and results. */
export function serveOutput(app: FastifyInstance, deps: RouteDeps): void {
  const { control } = deps;
  serveFollow(app, deps);

  serve(app, tailLog, async ({ params, query }, reply) => {
    const streams = streamsOf(query.stream ?? "both");
    return plainText(reply, await control.logTail(params.id, streams, query.n ?? tailDefault));
  });

  serve(app, rawLog, async ({ params, query }, reply) => {
    const path = `blanket.${query.stream ?? "stdout"}.log`;
    const node = await orNothing(control.result(params.id, path, query.attempt));
    if (node?.kind !== "file") return plainText(reply, "");
    return sendFile(reply, { node, path: "log.txt", offset: query.offset ?? 0 });
  });

  const showPath = async (
    request: { params: { id: string; "*"?: string }; query: { attempt?: number } },
    reply: FastifyReply,
  ) => {
    const { id, "*": rest = "" } = request.params;
    const path = resultPath(rest);
    const node = await control.result(id, path, request.query.attempt);
    if (node.kind === "file") return sendFile(reply, { node, path });
    // The list is a bare array, so that what is left out is said beside it.
    if (node.isCut === true) reply.header("x-blanket-cut", node.entries.length);
    return listing(node);
  };
  serve(app, showResult, showPath);
  serve(app, { ...showResult, path: "/results/:id" }, showPath);
}

function serveFollow(app: FastifyInstance, { control, holds }: RouteDeps): void {
  serve(app, followLog, async ({ params, query, headers }, reply) => {
    const choice = query.stream ?? "both";
    const from = startOf(headers["last-event-id"], choice);
    const hold = holds.hold(reply);
    const { attempt } = query;
    try {
      const events = await control.log(
        params.id,
        {
          streams: streamsOf(choice),
          from,
          follow: query.follow ?? false,
          ...(attempt === undefined ? {} : { attempt }),
        },
        hold.signal,
      );
      return sendEvents(reply, hold, formatted(events, choice));
    } catch (error) {
      hold.release();
      throw error;
    }
  });
}

/**
 * Reads one event ahead, and begins at once: a source that was never begun could not clean up after
 * itself. The comment brings the headers to the client before there is anything to tell.
 */
async function* formatted(
  events: AsyncIterable<LogEvent>,
  choice: LogChoice,
): AsyncGenerator<string> {
  const iterator = events[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    yield heartbeat;
    for (let event = await next; event.done !== true; event = await next) {
      next = iterator.next();
      yield formatLogEvent(event.value, choice);
    }
  } finally {
    next.catch(() => undefined);
    await iterator.return?.();
  }
}

function streamsOf(choice: LogChoice): readonly LogStream[] {
  return choice === "both" ? ["stdout", "stderr"] : [choice];
}

function startOf(header: string | string[] | undefined, choice: LogChoice): LogPosition {
  if (header === undefined || header === "") return { stdout: 0, stderr: 0 };
  const position = parseLogPosition(String(header), choice);
  if (position !== undefined) return position;
  const form = choice === "both" ? "OUT-ERR in bytes, such as 120-0" : "a byte offset, such as 120";
  throw new BlanketError(
    "QUERY_INVALID",
    `Last-Event-ID is no id of this stream; send ${form}, or leave it out to begin at the start.`,
    { field: "Last-Event-ID" },
  );
}

/** A task that has written nothing yet has no log file: that is an empty log, not an error. */
async function orNothing(found: Promise<ResultNode>): Promise<ResultNode | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof BlanketError && error.code === "FILE_UNKNOWN") return undefined;
    throw error;
  }
}

/** The rest of the path as a path in the task's directory. @throws FILE_UNKNOWN */
function resultPath(rest: string): string {
  const path = rest.replace(/\/$/, "");
  const parts = path === "" ? [] : path.split("/");
  if (!path.includes("\0") && parts.every((part) => part !== "" && part !== "." && part !== "..")) {
    return path;
  }
  throw new BlanketError(
    "FILE_UNKNOWN",
    "the path leads nowhere in the task's directory; name a file in it, without empty parts and dots.",
  );
}

function listing({ entries }: Extract<ResultNode, { kind: "directory" }>) {
  return entries.map(({ name, kind, sizeBytes, modifiedAt }) => ({
    name,
    kind,
    sizeBytes,
    modifiedAt: rfc3339(modifiedAt),
  }));
}
