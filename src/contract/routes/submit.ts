import { Type } from "typebox";

import type { Route } from "./route.ts";
import { OnLostChoice, Task } from "./task.ts";

const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const time = (which: string) =>
  Type.Optional(
    Type.Union([Type.String(), Type.Number()], {
      description: `${which} RFC 3339 (2026-11-24T10:00:00Z), or unix seconds.`,
    }),
  );

/**
 * The body of `POST /task/`, and the part `data` of a multipart one. null is the same as absent.
 */
export const SubmitBody = Type.Object(
  {
    type: Type.String({ description: "Name of a task type." }),
    environment: Type.Optional(
      Type.Record(Type.String(), Scalar, {
        description: "Variables of the task; kept as texts (5 is 5, true is true, null is empty).",
      }),
    ),
    tags: Type.Optional(
      Type.Union([Type.Array(Type.String()), Type.String()], {
        description: "Added to the type's; a list, or one text with commas.",
      }),
    ),
    key: Type.Optional(
      Type.String({ description: "Idempotency key: repeated, it finds the task it made before." }),
    ),
    priority: Type.Optional(
      Type.Integer({
        minimum: -1_000_000_000,
        maximum: 1_000_000_000,
        description: "Higher runs first; the type's own, else 0, where absent.",
      }),
    ),
    notBefore: time("Not started before."),
    expires: time("Not started after."),
    timeout: Type.Optional(
      Type.Union([Type.Number(), Type.String()], {
        description: 'Seconds, or a text such as "1h30m"; 0 is none. Overrides the type\'s.',
      }),
    ),
    onLost: Type.Optional(OnLostChoice),
  },
  { additionalProperties: false },
);

const SubmitQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.String({
        description:
          "Answer when the task has ended, or with 504 after this time: seconds, or 30s, 5m.",
      }),
    ),
  },
  { additionalProperties: false },
);

/** A task as its submission answers it. */
const SubmittedTask = Type.Interface([Task], {
  warnings: Type.Array(Type.String(), { description: "Why it may wait longer than expected." }),
});

export const submitTask = {
  method: "POST",
  path: "/task/",
  summary: "Submits a task.",
  query: SubmitQuery,
  body: SubmitBody,
  answers: { 201: SubmittedTask, 200: SubmittedTask },
} as const satisfies Route;
