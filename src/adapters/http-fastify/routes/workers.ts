import type { FastifyInstance, FastifyReply } from "fastify";

import {
  addWorkers,
  AddWorkersBody,
  findWorker,
  listWorkers,
  pauseWorker,
  removeWorker,
  resumeWorker,
  stopWorker,
} from "../../../contract/routes/workers.ts";
import { parseTags } from "../../../contract/text-checks.ts";
import { BlanketError } from "../../../core/errors.ts";
import type { ShownWorker } from "../../../core/worker.ts";
import { readJsonBody } from "../body.ts";
import { formatEvent, heartbeat, sendEvents } from "../event-stream.ts";
import { serve, type RouteDeps } from "../serve.ts";
import { createBodyCheck } from "../validation.ts";

/** How often a connection that holds workers is tried. */
const heartbeatMs = 5_000;

/** Workers: the slots of this node. */
export function serveWorkers(app: FastifyInstance, deps: RouteDeps): void {
  const { control } = deps;
  serve(app, listWorkers, () => control.workers());
  serve(app, findWorker, ({ params }) => control.worker(params.id));
  serve(app, removeWorker, async ({ params }) => ({
    id: (await control.stopWorker(params.id)).id,
  }));
  serve(app, stopWorker, ({ params }) => control.stopWorker(params.id));
  serve(app, pauseWorker, ({ params }) => control.pauseWorker(params.id));
  serve(app, resumeWorker, ({ params }) => control.resumeWorker(params.id));

  const checkBody = createBodyCheck(AddWorkersBody);
  serve(app, addWorkers, async (request, reply) => {
    const given = checkBody(readJsonBody(request, '{"tags": ["bash"], "count": 2}') ?? {});
    const tags = parseTags(given.tags);
    const count = given.count ?? 1;
    if (given.node !== undefined) await refuseOtherNode(deps, given.node);
    if (given.attached !== true) {
      return reply.code(201).send(await control.addWorkers(tags, count, "added"));
    }
    const workers = await control.addWorkers(tags, count, "attached");
    return holdWorkers(deps, workers, reply.code(201));
  });
}

/** @throws NODE_UNKNOWN, FIELD_INVALID */
async function refuseOtherNode({ control }: RouteDeps, name: string): Promise<void> {
  const node = await control.node(name);
  if (node.name === control.status().node) return;
  throw new BlanketError(
    "FIELD_INVALID",
    `workers are added on the node that is asked; ask ${node.name} itself.`,
    { field: "node", addresses: node.addresses },
  );
}

/** Keeps workers for as long as the answer's connection lives. */
function holdWorkers(
  deps: RouteDeps,
  workers: readonly ShownWorker[],
  reply: FastifyReply,
): FastifyReply {
  const hold = deps.holds.hold(reply);
  hold.signal.addEventListener("abort", () => void stopAll(deps, workers), { once: true });
  if (hold.signal.aborted) void stopAll(deps, workers);
  return sendEvents(reply, hold, workerEvents(deps, workers, hold.signal));
}

async function* workerEvents(
  { clock }: RouteDeps,
  workers: readonly ShownWorker[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield formatEvent({ name: "workers", data: JSON.stringify(workers) });
  let wake: (() => void) | undefined;
  // Once for all heartbeats: such a connection may live for months.
  signal.addEventListener("abort", () => wake?.(), { once: true });
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(heartbeatMs, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
    yield heartbeat;
  }
}

async function stopAll({ control, log }: RouteDeps, workers: readonly ShownWorker[]) {
  for (const { id } of workers) {
    try {
      await control.stopWorker(id);
    } catch (error) {
      if (error instanceof BlanketError && error.code === "WORKER_UNKNOWN") continue;
      log.warn("a worker whose connection has closed does not stop", { worker: id, error });
    }
  }
}
