import { Type } from "typebox";

import { limits } from "../../core/limits.ts";
import type { Route } from "./route.ts";
import { CommaList, IdAnswer, IdParams, TimeText } from "./shared.ts";
import { Task } from "./task.ts";

const TaskQuery = Type.Object(
  {
    states: Type.Optional({ ...CommaList, description: "In any of these states." }),
    types: Type.Optional({ ...CommaList, description: "Of any of these types." }),
    requiredTags: Type.Optional({ ...CommaList, description: "Naming all of these tags." }),
    maxTags: Type.Optional({ ...CommaList, description: "Naming no tags but these." }),
    createdAfter: Type.Optional(TimeText),
    createdBefore: Type.Optional(TimeText),
    finishedAfter: Type.Optional(TimeText),
    finishedBefore: Type.Optional(TimeText),
    node: Type.Optional(Type.String({ description: "Claimed by the node of this name." })),
    search: Type.Optional(
      Type.String({ description: "Occurs in id, type, key, tags or environment values." }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: limits.listMax, description: "Default 500." }),
    ),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    reverseSort: Type.Optional(Type.Boolean({ description: "Newest first." })),
    count: Type.Optional(
      Type.Boolean({ description: "Answer how many there are, whatever limit and offset say." }),
    ),
  },
  { additionalProperties: false },
);

export const listTasks = {
  method: "GET",
  path: "/task/",
  summary: "Lists tasks, oldest first.",
  query: TaskQuery,
  answers: { 200: Type.Union([Type.Array(Task), Type.Integer()]) },
} as const satisfies Route;

const NoQuery = Type.Object({}, { additionalProperties: false });

export const findTask = {
  method: "GET",
  path: "/task/:id",
  summary: "Shows a task.",
  params: IdParams,
  query: NoQuery,
  answers: { 200: Task },
} as const satisfies Route;

export const removeTask = {
  method: "DELETE",
  path: "/task/:id",
  summary: "Cancels a task if it has not ended, and removes it with its results.",
  params: IdParams,
  query: Type.Object(
    {
      force: Type.Optional(
        Type.Boolean({ description: "Also where it is held and can't be cancelled." }),
      ),
    },
    { additionalProperties: false },
  ),
  answers: { 200: IdAnswer },
} as const satisfies Route;

const changesTask = <Action extends string>(action: Action, summary: string) =>
  ({
    method: "PUT",
    path: `/task/:id/${action}`,
    summary,
    params: IdParams,
    query: NoQuery,
    answers: { 200: Task },
  }) as const satisfies Route;

export const cancelTask = changesTask(
  "cancel",
  "Ends a task; answers when its processes are gone.",
);
export const pauseTask = changesTask("pause", "Keeps a waiting task from starting.");
export const resumeTask = changesTask("resume", "Lets a paused task start again.");

export const retryTask = {
  method: "PUT",
  path: "/task/:id/retry",
  summary: "Makes a new task like an ended one.",
  params: IdParams,
  query: NoQuery,
  answers: { 201: Task },
} as const satisfies Route;

const percent = Type.Number({ minimum: 0, maximum: 100 });
const note = Type.Optional(Type.String({ description: "What the task is doing." }));

/** The body of `PUT /task/:id/progress`; the query says the same for shells. */
export const ProgressBody = Type.Object(
  { progress: percent, note },
  { additionalProperties: false },
);

export const tellProgress = {
  method: "PUT",
  path: "/task/:id/progress",
  summary: "Tells how far a running task is, in its body or query.",
  params: IdParams,
  query: Type.Object({ progress: Type.Optional(percent), note }, { additionalProperties: false }),
  body: ProgressBody,
  answers: { 200: Task },
} as const satisfies Route;
