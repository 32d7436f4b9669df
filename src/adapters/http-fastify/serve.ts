import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";

import type { Route } from "../../contract/routes/route.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Control } from "../../ports/control.ts";
import type { Log } from "../../ports/log.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { Holds } from "./hold.ts";

/** The ports behind REST. */
export interface HttpDeps {
  readonly control: Control;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** What every group of routes is given. */
export interface RouteDeps extends HttpDeps {
  /** For what stays open longer than it takes to answer. */
  readonly holds: Holds;
  /** Aborted once the server stops. */
  readonly stopping: AbortSignal;
  readonly uploadBytesMax: number;
}

type Part<R extends Route, K extends "params" | "query"> = R[K] extends TSchema
  ? Static<R[K]>
  : unknown;

/** A request of one route. `body` is the bytes as they came: see body.ts. */
export type RequestOf<R extends Route> = FastifyRequest<{
  Params: Part<R, "params">;
  Querystring: Part<R, "query">;
  Body: unknown;
}>;

/** Puts a handler behind a route of the contract. */
export function serve<const R extends Route>(
  app: FastifyInstance,
  route: R,
  handler: (request: RequestOf<R>, reply: FastifyReply) => unknown,
): void {
  app.route<{ Params: Part<R, "params">; Querystring: Part<R, "query"> }>({
    method: route.method,
    url: route.path,
    ...(route.query === undefined ? {} : { schema: { querystring: route.query } }),
    handler: (request, reply) => handler(request, reply),
  });
}

/** Who submits: without tokens, everybody who reaches the node. */
export const submittedBy = "local";
