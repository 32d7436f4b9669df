import type { FastifyInstance, FastifyReply } from "fastify";

import { submitTask } from "../../../contract/routes/submit.ts";
import { parseSubmission } from "../../../contract/submission.ts";
import { durationAdvice, parseDuration } from "../../../core/duration.ts";
import { BlanketError } from "../../../core/errors.ts";
import type { TaskId } from "../../../core/ids.ts";
import { limits } from "../../../core/limits.ts";
import { isFinal } from "../../../core/task/shown-state.ts";
import type { ShownTask } from "../../../core/task/shown-task.ts";
import type { Submission } from "../../../core/task/submission.ts";
import { readJsonBody } from "../body.ts";
import { serve, submittedBy, type RequestOf, type RouteDeps } from "../serve.ts";
import { readUpload } from "../upload.ts";

const example = '{"type": "bash_task"}';

/** The longest hold of an answer; whoever wants more asks again. */
const waitMsMax = 24 * 3_600_000;

/** `POST /task/`. */
export function serveSubmit(app: FastifyInstance, deps: RouteDeps): void {
  const { control } = deps;
  const wait = createWait(deps);

  serve(app, submitTask, async (request, reply) => {
    const waitMs = parseWait(request.query.wait);
    const submission = await readSubmission(request, deps);
    const { task, created, warnings } = await control.submit(submission, submittedBy);
    reply.code(created ? 201 : 200).header("location", `/task/${task.id}`);
    const answered = waitMs === 0 ? task : await wait(task, waitMs, reply);
    return { ...answered, warnings };
  });
}

async function readSubmission(
  request: RequestOf<typeof submitTask>,
  deps: RouteDeps,
): Promise<Submission> {
  const header = request.headers["idempotency-key"];
  const key = Array.isArray(header) ? header.join(", ") : header;
  if (!request.isMultipart()) {
    const body = readJsonBody(request, example);
    if (body === undefined) throw emptyBody();
    return { ...parseSubmission(body, key), files: [] };
  }
  const { data, files } = await readUpload(request, deps);
  return { ...parseSubmission(data, key), files };
}

function emptyBody(): BlanketError {
  return new BlanketError("BODY_MALFORMED", `the body is empty; send JSON, such as ${example}.`);
}

/** Milliseconds to hold the answer; 0 is not at all. */
function parseWait(given: string | undefined): number {
  if (given === undefined) return 0;
  const ms = parseDuration(given);
  if (ms !== undefined && ms <= waitMsMax) return ms;
  const shown = JSON.stringify(given.slice(0, 80));
  throw new BlanketError(
    "QUERY_INVALID",
    `wait is ${shown}, which is no duration up to a day; ${durationAdvice}.`,
    { field: "wait" },
  );
}

/** Holds an answer until its task has ended, the time has passed, or nobody waits any more. */
function createWait({ control, clock, holds, stopping }: RouteDeps) {
  let waits = 0;

  return async (task: ShownTask, waitMs: number, reply: FastifyReply): Promise<ShownTask> => {
    if (isFinal(task.state)) return task;
    if (waits >= limits.waitsMax) throw tooManyWaits(task);
    const hold = holds.hold(reply);
    const cancelTimer = clock.after(waitMs, hold.abort);
    waits += 1;
    try {
      const ended = await control.wait(task.id as TaskId, hold.signal);
      if (isFinal(ended.state)) return ended;
    } finally {
      waits -= 1;
      cancelTimer();
      hold.release();
    }
    throw stopping.aborted ? nodeStops(task) : timeIsUp(task, waitMs);
  };
}

function tooManyWaits({ id }: ShownTask): BlanketError {
  return new BlanketError(
    "STREAMS_TOO_MANY",
    `the task ${id} is submitted, but ${limits.waitsMax} requests wait here already; ask GET /task/${id} for its end.`,
    { id },
  );
}

function nodeStops({ id }: ShownTask): BlanketError {
  return new BlanketError(
    "NODE_STOPPING",
    `the node stops; the task ${id} is submitted and stays so: ask GET /task/${id} later.`,
    { id },
  );
}

function timeIsUp({ id }: ShownTask, waitMs: number): BlanketError {
  return new BlanketError(
    "WAIT_TIMEOUT",
    `the task ${id} is submitted and has not ended within ${waitMs / 1_000} s; ask GET /task/${id} later.`,
    { id },
  );
}
