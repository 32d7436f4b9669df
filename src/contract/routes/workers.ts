import { Type } from "typebox";

import { limits } from "../../core/limits.ts";
import type { Route } from "./route.ts";
import { IdAnswer, IdParams, Rfc3339, UnixSeconds } from "./shared.ts";

/** A worker as REST answers it: `ShownWorker` of core, which a test holds against it. */
export const Worker = Type.Object({
  id: Type.String(),
  node: Type.String({ description: "Name of its node." }),
  tags: Type.Array(Type.String()),
  state: Type.Enum(["idle", "running", "paused", "stopping"]),
  task: Type.Union([Type.String(), Type.Null()], { description: "The task that it runs." }),
  pid: Type.Integer({ description: "Of its node's daemon." }),
  startedTs: UnixSeconds,
  startedAt: Rfc3339,
  kind: Type.Enum(["node", "added", "attached"], {
    description: "Made by the node's slots, by a user, or for as long as a connection lives.",
  }),
});

/** The body of `POST /worker/`. */
export const AddWorkersBody = Type.Object(
  {
    tags: Type.Optional(
      Type.Union([Type.Array(Type.String()), Type.String()], {
        description: "Capabilities; a list, or one text with commas.",
      }),
    ),
    count: Type.Optional(
      Type.Integer({ minimum: 1, maximum: limits.slotsMax, description: "Default 1." }),
    ),
    node: Type.Optional(Type.String({ description: "Default: the node that is asked." })),
    attached: Type.Optional(
      Type.Boolean({
        description:
          "Answer with an event stream that opens with `workers`; they end when it closes.",
      }),
    ),
  },
  { additionalProperties: false },
);

export const listWorkers = {
  method: "GET",
  path: "/worker/",
  summary: "Lists workers.",
  answers: { 200: Type.Array(Worker) },
} as const satisfies Route;

export const addWorkers = {
  method: "POST",
  path: "/worker/",
  summary: "Adds workers (slots with tags).",
  body: AddWorkersBody,
  answers: { 201: Type.Array(Worker) },
} as const satisfies Route;

export const findWorker = {
  method: "GET",
  path: "/worker/:id",
  summary: "Shows a worker.",
  params: IdParams,
  answers: { 200: Worker },
} as const satisfies Route;

export const removeWorker = {
  method: "DELETE",
  path: "/worker/:id",
  summary: "Ends a worker after the task that it runs.",
  params: IdParams,
  answers: { 200: IdAnswer },
} as const satisfies Route;

const changesWorker = <Action extends string>(action: Action, summary: string) =>
  ({
    method: "PUT",
    path: `/worker/:id/${action}`,
    summary,
    params: IdParams,
    answers: { 200: Worker },
  }) as const satisfies Route;

export const stopWorker = changesWorker("stop", "Ends a worker after the task that it runs.");
export const pauseWorker = changesWorker("pause", "Lets a worker take no more tasks.");
export const resumeWorker = changesWorker("resume", "Lets a paused worker take tasks again.");
