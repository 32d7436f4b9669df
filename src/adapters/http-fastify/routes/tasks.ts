import type { FastifyInstance } from "fastify";

import {
  cancelTask,
  findTask,
  listTasks,
  pauseTask,
  ProgressBody,
  removeTask,
  resumeTask,
  retryTask,
  tellProgress,
} from "../../../contract/routes/tasks.ts";
import { parseTaskQuery } from "../../../contract/task-query.ts";
import { exceedsBytes } from "../../../contract/text-checks.ts";
import { BlanketError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import { readJsonBody } from "../body.ts";
import { serve, submittedBy, type RouteDeps } from "../serve.ts";
import { createBodyCheck } from "../validation.ts";

/** Tasks but their submission and output. */
export function serveTasks(app: FastifyInstance, { control }: RouteDeps): void {
  serve(app, listTasks, async ({ query }, reply) => {
    const { filter, page, count } = parseTaskQuery(query);
    if (!count) return control.list(filter, page);
    return reply.type("application/json; charset=utf-8").send(String(await control.count(filter)));
  });
  serve(app, findTask, ({ params }) => control.find(params.id));
  serve(app, removeTask, async ({ params, query }) => {
    const { id } = await control.remove(params.id, query.force ?? false);
    return { id };
  });
  serve(app, cancelTask, ({ params }) => control.cancel(params.id));
  serve(app, pauseTask, ({ params }) => control.pause(params.id));
  serve(app, resumeTask, ({ params }) => control.resume(params.id));
  serve(app, retryTask, async ({ params }, reply) => {
    const task = await control.retry(params.id, submittedBy);
    return reply.code(201).header("location", `/task/${task.id}`).send(task);
  });
  const checkProgress = createBodyCheck(ProgressBody);
  serve(app, tellProgress, (request) => {
    const { params, query } = request;
    const given = readJsonBody(request, '{"progress": 50, "note": "linking"}') ?? query;
    const { progress, note } = checkProgress(given);
    if (note !== undefined && exceedsBytes(note, limits.progressNoteBytesMax)) {
      throw new BlanketError(
        "FIELD_INVALID",
        `note is longer than ${limits.progressNoteBytesMax} bytes; shorten it.`,
        { field: "note" },
      );
    }
    return control.progress(params.id, progress, note ?? null);
  });
}
