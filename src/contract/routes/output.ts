import { Type } from "typebox";

import type { Route } from "./route.ts";
import { IdParams, Rfc3339, textAnswer } from "./shared.ts";

const attempt = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1_000_000, description: "Default: the newest." }),
);
const StreamChoice = Type.Enum(["stdout", "stderr", "both"], { description: "Default both." });

export const followLog = {
  method: "GET",
  path: "/task/:id/log",
  summary: "The log as server-sent events, one per line.",
  params: IdParams,
  query: Type.Object(
    {
      stream: Type.Optional(StreamChoice),
      follow: Type.Optional(Type.Boolean({ description: "Go on until the task has ended." })),
      attempt,
    },
    { additionalProperties: false },
  ),
  answers: { 200: textAnswer("text/event-stream", "Events; the last one is `end`.") },
} as const satisfies Route;

export const tailLog = {
  method: "GET",
  path: "/task/:id/log/tail",
  summary: "The last lines of the log as text.",
  params: IdParams,
  query: Type.Object(
    {
      n: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 10_000, description: "Lines; default 100." }),
      ),
      stream: Type.Optional(StreamChoice),
    },
    { additionalProperties: false },
  ),
  answers: { 200: textAnswer("text/plain", "The lines.") },
} as const satisfies Route;

export const rawLog = {
  method: "GET",
  path: "/task/:id/log/raw",
  summary: "The bytes of one log file from an offset on.",
  params: IdParams,
  query: Type.Object(
    {
      stream: Type.Optional(Type.Enum(["stdout", "stderr"], { description: "Default stdout." })),
      offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
      attempt,
    },
    { additionalProperties: false },
  ),
  answers: { 200: textAnswer("text/plain", "The bytes.") },
} as const satisfies Route;

const DirectoryListing = Type.Array(
  Type.Object({
    name: Type.String(),
    kind: Type.Enum(["file", "directory"]),
    sizeBytes: Type.Integer(),
    modifiedAt: Rfc3339,
  }),
);

/** `/results/:id` itself is the same route with an empty rest. */
export const showResult = {
  method: "GET",
  path: "/results/:id/*",
  summary: "A file of a task's directory, or the list of what a directory there holds.",
  params: Type.Object({
    ...IdParams.properties,
    "*": Type.String({ description: "Path in the task's directory." }),
  }),
  query: Type.Object({ attempt }, { additionalProperties: false }),
  answers: { 200: DirectoryListing },
} as const satisfies Route;
