import type { AddressInfo } from "node:net";

import fastify, { type FastifyInstance } from "fastify";

import { limits } from "../../core/limits.ts";
import { bindError, listenedHost, refuseOpenBind, type BindOptions } from "./bind.ts";
import { acceptAnyBody } from "./body.ts";
import { answerClientError } from "./client-error.ts";
import { createErrorHandler } from "./errors.ts";
import { createGuard } from "./guard.ts";
import { createHolds } from "./hold.ts";
import { closeAnswered, guardRequests, timeAnswers } from "./hooks.ts";
import { serveOperations } from "./routes/operations.ts";
import { serveOutput } from "./routes/output.ts";
import { serveSubmit } from "./routes/submit.ts";
import { serveTaskTypes } from "./routes/task-types.ts";
import { serveTasks } from "./routes/tasks.ts";
import { serveWorkers } from "./routes/workers.ts";
import type { HttpDeps, RouteDeps } from "./serve.ts";
import { answerUnknownRoutes, collectPaths } from "./unknown-route.ts";
import { acceptUploads } from "./upload.ts";
import { validateQueries } from "./validation.ts";

export interface HttpOptions extends BindOptions {
  /** Names, beside localhost and the machine's own, under which REST may be asked. */
  readonly hostNames: readonly string[];
  /** One uploaded file. */
  readonly uploadBytesMax: number;
}

/** REST of a node. */
export interface HttpServer {
  /** @throws BIND_INSECURE, PORT_TAKEN, CONFIG_INVALID */
  start(): Promise<{ readonly url: string; readonly port: number }>;
  /** Ends streams and waits, lets answers finish, and cuts what is left after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

/** A whole request must have come within this; the largest upload then needs 1.2 MB/s. */
const requestTimeoutMs = 15 * 60_000;
const headersTimeoutMs = 15_000;
const timeoutsCheckedEveryMs = 5_000;
/** Longer than a proxy or client keeps an idle connection, so that it is they who close it. */
const keepAliveTimeoutMs = 72_000;
/** A path parameter: a whole result path is one. */
const paramLengthMax = 8_192;

/** Puts the product behind HTTP. */
export function createHttpServer(deps: HttpDeps, options: HttpOptions): HttpServer {
  const stopping = new AbortController();
  let app: FastifyInstance | undefined;
  let started: Promise<{ url: string; port: number }> | undefined;
  let stopped: Promise<void> | undefined;

  async function listen(): Promise<{ url: string; port: number }> {
    refuseOpenBind(options);
    app = await build(deps, options, stopping.signal);
    const host = listenedHost(options.host);
    try {
      await app.listen({ host, port: options.port });
    } catch (cause) {
      await app.close();
      throw await bindError(cause, { ...options, host });
    }
    const { port } = app.server.address() as AddressInfo;
    return { url: urlOf(host, port), port };
  }

  async function close(deadlineMs: number): Promise<void> {
    const cancel = deps.clock.after(deadlineMs, () => app?.server.closeAllConnections());
    stopping.abort();
    await started?.catch(() => undefined);
    await app?.close();
    cancel();
  }

  return {
    start: () => (started ??= listen()),
    stop: (deadlineMs) => (stopped ??= close(deadlineMs)),
  };
}

async function build(
  deps: HttpDeps,
  { hostNames, uploadBytesMax }: HttpOptions,
  stopping: AbortSignal,
): Promise<FastifyInstance> {
  const handleError = createErrorHandler(deps);
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    exposeHeadRoutes: true,
    forceCloseConnections: "idle",
    // Answered by the hook below, in the form that all errors have.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: paramLengthMax },
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: timeoutsCheckedEveryMs,
      // Answered by the guard, in the form that all errors have.
      requireHostHeader: false,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: handleError,
  });
  app.server.maxConnections = limits.connectionsMax;
  app.setErrorHandler(handleError);
  acceptAnyBody(app);
  validateQueries(app);
  guardRequests(app, createGuard(hostNames), stopping);
  timeAnswers(app, deps.metrics);
  closeAnswered(app, stopping);
  const paths = collectPaths(app);
  answerUnknownRoutes(app, paths);
  await acceptUploads(app);
  const holds = createHolds(stopping);
  deps.metrics.gauge("streams_open", holds.open);
  const routeDeps: RouteDeps = { ...deps, holds, stopping, uploadBytesMax };
  serveSubmit(app, routeDeps);
  serveTasks(app, routeDeps);
  serveOutput(app, routeDeps);
  serveTaskTypes(app, routeDeps);
  serveWorkers(app, routeDeps);
  serveOperations(app, routeDeps);
  return app;
}

function urlOf(host: string, port: number): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
