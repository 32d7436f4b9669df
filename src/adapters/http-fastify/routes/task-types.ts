import type { FastifyInstance } from "fastify";

import { findTaskType, listTaskTypes } from "../../../contract/routes/task-types.ts";
import type { TypeView } from "../../../ports/control.ts";
import { serve, type RouteDeps } from "../serve.ts";

/** Task types. */
export function serveTaskTypes(app: FastifyInstance, { control }: RouteDeps): void {
  serve(app, listTaskTypes, async () => (await control.types()).map(answerOf));
  serve(app, findTaskType, async ({ params }) => answerOf(await control.type(params.name)));
}

/** What the file says comes first, so that no key of it can pass for what is known of the file. */
function answerOf({ document, name, configFile, digest, loadedAt, ...view }: TypeView) {
  return {
    ...document,
    name,
    configFile,
    versionHash: digest,
    loadedTs: Math.floor(loadedAt / 1_000),
    valid: view.type !== undefined,
    problems: view.problems,
    nodes: view.nodes,
  };
}
