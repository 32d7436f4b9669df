import type { FastifyInstance } from "fastify";

import {
  findNode,
  listNodes,
  showConfig,
  showLiveness,
  showMetrics,
  showReadiness,
  showStatus,
  showVersion,
} from "../../../contract/routes/operations.ts";
import { BlanketError } from "../../../core/errors.ts";
import type { NodeStatus } from "../../../ports/control.ts";
import { serve, type RouteDeps } from "../serve.ts";

/** Nodes, and what those who run one ask. */
export function serveOperations(app: FastifyInstance, { control, metrics }: RouteDeps): void {
  serve(app, listNodes, () => control.nodes());
  serve(app, findNode, ({ params }) => control.node(params.id));
  serve(app, showVersion, (_request, reply) => reply.send(control.version()));
  serve(app, showConfig, (_request, reply) => reply.send(control.config()));
  serve(app, showStatus, (_request, reply) => reply.send(control.status()));
  serve(app, showLiveness, (_request, reply) => reply.send({ live: true }));
  serve(app, showReadiness, (_request, reply) => {
    const status = control.status();
    if (!status.ready) throw notReady(status);
    return reply.send({ ready: true });
  });
  serve(app, showMetrics, async (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics.text()),
  );
}

function notReady({ problems, store }: NodeStatus): BlanketError {
  const why = problems[0] ?? "it is starting or stopping; ask again.";
  const code = store.open ? "NODE_STOPPING" : "STORE_UNAVAILABLE";
  return new BlanketError(code, `the node is not ready: ${why}`, { problems });
}
