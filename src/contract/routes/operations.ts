import { Type } from "typebox";

import { taskStates, type TaskState } from "../../core/task/shown-state.ts";
import type { Route } from "./route.ts";
import { IdParams, Rfc3339, textAnswer } from "./shared.ts";

const Disk = Type.Object({ freeBytes: Type.Number(), totalBytes: Type.Number() });

/** A member of the cluster as the node that is asked sees it. */
export const Node = Type.Object({
  id: Type.String({ description: "Peer id." }),
  name: Type.String(),
  state: Type.Enum(["alive", "suspect", "dead", "left"]),
  syncing: Type.Boolean(),
  cordoned: Type.Boolean(),
  lag: Type.Number(),
  rttMs: Type.Union([Type.Number(), Type.Null()]),
  tags: Type.Array(Type.String()),
  slots: Type.Object({ total: Type.Integer(), free: Type.Integer() }),
  addresses: Type.Array(Type.String()),
  version: Type.String(),
  boot: Type.Integer({ description: "Starts of this node so far." }),
  lastSeenAt: Rfc3339,
  load: Type.Array(Type.Number()),
  disk: Disk,
});

export const listNodes = {
  method: "GET",
  path: "/node/",
  summary: "Lists the members of the cluster.",
  answers: { 200: Type.Array(Node) },
} as const satisfies Route;

export const findNode = {
  method: "GET",
  path: "/node/:id",
  summary: "Shows a member, by name, id or unique prefix of an id.",
  params: IdParams,
  answers: { 200: Node },
} as const satisfies Route;

export const showVersion = {
  method: "GET",
  path: "/version",
  summary: "What runs here.",
  answers: {
    200: Type.Object({
      version: Type.String(),
      commit: Type.Union([Type.String(), Type.Null()]),
      node: Type.String({ description: "Version of Node.js." }),
      platform: Type.String(),
    }),
  },
} as const satisfies Route;

export const showConfig = {
  method: "GET",
  path: "/config/",
  summary: "The effective configuration, secrets masked.",
  answers: { 200: Type.Record(Type.String(), Type.Unknown()) },
} as const satisfies Route;

const taskCounts = Object.fromEntries(
  taskStates.map((state) => [state, Type.Optional(Type.Integer())]),
) as Record<TaskState, ReturnType<typeof Type.Optional<ReturnType<typeof Type.Integer>>>>;

const Status = Type.Object(
  {
    pid: Type.Integer(),
    uptimeSeconds: Type.Number(),
    memory: Type.Object({ rssBytes: Type.Number(), heapUsedBytes: Type.Number() }),
    loopDelayMs: Type.Object({ mean: Type.Number(), p99: Type.Number(), max: Type.Number() }),
    load: Type.Array(Type.Number()),
    disk: Disk,
    node: Type.String(),
    ready: Type.Boolean(),
    problems: Type.Array(Type.String()),
    store: Type.Unknown(),
    runner: Type.Unknown(),
    queues: Type.Object({
      open: Type.Integer(),
      waiting: Type.Integer(),
      running: Type.Integer(),
    }),
    tasks: Type.Object(taskCounts),
    peers: Type.Array(Type.String()),
  },
  { additionalProperties: true },
);

export const showStatus = {
  method: "GET",
  path: "/ops/status/",
  summary: "How this node is doing.",
  answers: { 200: Status },
} as const satisfies Route;

export const showLiveness = {
  method: "GET",
  path: "/health/live",
  summary: "Whether the process answers.",
  answers: { 200: Type.Object({ live: Type.Boolean() }) },
} as const satisfies Route;

export const showReadiness = {
  method: "GET",
  path: "/health/ready",
  summary: "Whether it can take and run tasks; 503 with what is missing where it cannot.",
  answers: { 200: Type.Object({ ready: Type.Boolean() }) },
} as const satisfies Route;

export const showMetrics = {
  method: "GET",
  path: "/metrics",
  summary: "Counters, gauges and histograms for Prometheus.",
  answers: { 200: textAnswer("text/plain", "Prometheus text format 0.0.4.") },
} as const satisfies Route;
