import Type, { type Static } from "typebox";

import { limits } from "../core/limits.ts";
import { noRetry } from "../core/task/spec.ts";

/** What a type that says nothing gets. */
export const typeDefaults = {
  executor: "bash",
  timeoutMs: 3_600_000,
  killGraceMs: 10_000,
  priority: 0,
  onLost: "hold",
  retry: noRetry,
} as const;

const closed = { additionalProperties: false } as const;

const duration = (description: string) =>
  Type.Unsafe<number | string>({ type: ["number", "string"], minimum: 0, description });

const name = Type.String({
  minLength: 1,
  description: "Name of the variable: letters, digits and _, not beginning with a digit.",
});
const description = Type.Optional(
  Type.String({ description: "What the variable is for; shown where a value is asked for." }),
);
const kind = Type.Optional(
  Type.Enum(["string", "integer", "number", "boolean"], {
    description: "What a value is checked against at submit. Default string: anything.",
  }),
);
const scalar = Type.Unsafe<string | number | boolean>({
  type: ["string", "number", "boolean"],
  description: "The value where the task gives none. Kept as a text: 5 is 5, true is true.",
});

const environment = Type.Object(
  {
    default: Type.Optional(
      Type.Array(Type.Object({ name, value: scalar, description, type: kind }, closed), {
        description: "Variables that are there with a value unless the task gives another.",
      }),
    ),
    required: Type.Optional(
      Type.Array(Type.Object({ name, description, type: kind }, closed), {
        description: "Variables without which a task is refused at submit.",
      }),
    ),
    optional: Type.Optional(
      Type.Array(Type.Object({ name, description, type: kind }, closed), {
        description: "Variables that a task may give; unset where it does not.",
      }),
    ),
  },
  { ...closed, description: "The variables that the type knows; a task may add any others." },
);

const retry = Type.Object(
  {
    attempts: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.attemptsMax,
        description: "Attempts in all. Default 1, no retry: most commands are not safe to repeat.",
      }),
    ),
    backoff: Type.Optional(
      Type.Enum(["constant", "linear", "exponential"], {
        description:
          "How the delay grows: not, by itself each time, or twofold. Default exponential.",
      }),
    ),
    delay: Type.Optional(duration("Delay before the second attempt. Default 1s.")),
    max_delay: Type.Optional(duration("The delay never grows past this. Default 5m.")),
    jitter: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description:
          "Per cent of the delay by which it is varied at random, so that tasks which failed together do not return together. Default 10.",
      }),
    ),
    on_exit: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 255 }), {
        minItems: 1,
        description: "Exit codes worth another attempt. Default: any failure but a cancel.",
      }),
    ),
  },
  { ...closed, description: "When a failed attempt is followed by another." },
);

/** A task type file (CONTRACT section 4): each key with its meaning, unit, default and why. */
export const taskTypeSchema = Type.Object(
  {
    command: Type.String({
      minLength: 1,
      description:
        "What runs. $NAME is a variable; {{.NAME}} is its value as one shell word. Required.",
    }),
    executor: Type.Optional(
      Type.String({
        minLength: 1,
        description: "The program that runs the command as `executor -c command`. Default bash.",
      }),
    ),
    timeout: Type.Optional(
      duration(
        "Seconds, or a text such as 1h, from the start to TERM. 0 is none. Default 1h, so that a stuck task gives its slot back.",
      ),
    ),
    kill_grace: Type.Optional(
      duration("Time between TERM and KILL, to clean up. Seconds or a text. Default 10s."),
    ),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, pattern: "^[^\\s,\\x00-\\x1f\\x7f-\\x9f]+$" }), {
        maxItems: limits.tagsMax,
        description: "Capabilities that a worker must have. Default none: it runs anywhere.",
      }),
    ),
    priority: Type.Optional(
      Type.Integer({
        minimum: -1_000_000,
        maximum: 1_000_000,
        description: "Higher runs first. Default 0.",
      }),
    ),
    description: Type.Optional(Type.String({ description: "One line: what the type does." })),
    documentation: Type.Optional(
      Type.String({ description: "Anything longer: what it needs, what to watch for." }),
    ),
    environment: Type.Optional(environment),
    files_to_include: Type.Optional(
      Type.Array(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 2 }), {
        description:
          "Pairs of a glob relative to the file and a directory in the task's own. Copied at execution, keeping directories. Default none.",
      }),
    ),
    on_lost: Type.Optional(
      Type.Enum(["hold", "rerun", "skip"], {
        description:
          "What happens when its node vanishes while it runs. Default hold: never run twice by itself.",
      }),
    ),
    retry: Type.Optional(retry),
  },
  closed,
);

/** A task type file that has the right shape. */
export type TaskTypeDocument = Static<typeof taskTypeSchema>;
