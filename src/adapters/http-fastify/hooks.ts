import type { FastifyInstance } from "fastify";

import { BlanketError } from "../../core/errors.ts";
import type { Metrics } from "../../ports/metrics.ts";
import { forgetContentType } from "./body.ts";
import type { createGuard } from "./guard.ts";

/** Before anything of a request is read: may it be asked at all, and is there still somebody? */
export function guardRequests(
  app: FastifyInstance,
  guard: ReturnType<typeof createGuard>,
  stopping: AbortSignal,
): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-content-type-options", "nosniff");
    try {
      guard(request.raw.headers);
      if (stopping.aborted) throw stops();
      forgetContentType(request);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  });
}

/** Streams and waits last as long as their client wants: only what is answered at once is timed. */
export function timeAnswers(app: FastifyInstance, metrics: Metrics): void {
  app.addHook("onResponse", (request, reply, done) => {
    const isHeld =
      reply.getHeader("x-accel-buffering") === "no" || "wait" in (request.query as object);
    if (!isHeld) metrics.observe("http_request_seconds", reply.elapsedTime / 1_000);
    done();
  });
}

/** A connection whose answer came after the stop began would idle on until the deadline. */
export function closeAnswered(app: FastifyInstance, stopping: AbortSignal): void {
  app.addHook("onResponse", (_request, _reply, done) => {
    if (stopping.aborted) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
}

function stops(): BlanketError {
  return new BlanketError("NODE_STOPPING", "the node stops; ask another one, or this one later.");
}
