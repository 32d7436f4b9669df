import { Type } from "typebox";

import type { Route } from "./route.ts";
import { UnixSeconds } from "./shared.ts";

const TypeProblem = Type.Object({
  message: Type.String(),
  key: Type.Optional(Type.String({ description: "Key path in the file." })),
  line: Type.Optional(Type.Integer({ description: "Counted from 1." })),
  column: Type.Optional(Type.Integer({ description: "Counted from 1." })),
});

/** A task type: what its TOML file says, and beside it what is known of the file. */
export const TaskTypeAnswer = Type.Object(
  {
    name: Type.String(),
    configFile: Type.String({ description: "Absolute path on the node that answers." }),
    versionHash: Type.String({ description: "SHA-256 of the file." }),
    loadedTs: UnixSeconds,
    valid: Type.Boolean({ description: "Tasks of it can run." }),
    problems: Type.Array(TypeProblem),
    nodes: Type.Record(Type.String(), Type.String(), {
      description: "Node name to the version hash that it has.",
    }),
  },
  { additionalProperties: true },
);

export const listTaskTypes = {
  method: "GET",
  path: "/task_type/",
  summary: "Lists task types by name.",
  answers: { 200: Type.Array(TaskTypeAnswer) },
} as const satisfies Route;

export const findTaskType = {
  method: "GET",
  path: "/task_type/:name",
  summary: "Shows a task type.",
  params: Type.Object({ name: Type.String() }),
  answers: { 200: TaskTypeAnswer },
} as const satisfies Route;
