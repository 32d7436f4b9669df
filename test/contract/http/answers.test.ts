/**
 * Goal: every answer is what the contract's table says, for the reference, the client and the
 * OpenAPI document are made from it. Method: each route is asked once, successfully, and its JSON
 * held against the schema that the table has for that status; and the types of core against them.
 */
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";

import * as operations from "../../../src/contract/routes/operations.ts";
import * as output from "../../../src/contract/routes/output.ts";
import type { Route } from "../../../src/contract/routes/route.ts";
import { ErrorAnswer } from "../../../src/contract/routes/shared.ts";
import * as submit from "../../../src/contract/routes/submit.ts";
import * as taskTypes from "../../../src/contract/routes/task-types.ts";
import type { Task } from "../../../src/contract/routes/task.ts";
import * as tasks from "../../../src/contract/routes/tasks.ts";
import type { Worker } from "../../../src/contract/routes/workers.ts";
import * as workers from "../../../src/contract/routes/workers.ts";
import type { ShownNode } from "../../../src/core/membership/shown-node.ts";
import type { ShownTask } from "../../../src/core/task/shown-task.ts";
import type { ShownWorker } from "../../../src/core/worker.ts";
import { startRest, type Asked, type Rest } from "../../support/rest.ts";
import { shownTask } from "../../support/shown.ts";

const id = "aaaaaaaa-0000-8000-8000-000000000001";
const endedId = "bbbbbbbb-0000-8000-8000-000000000002";

let rest: Rest;
beforeAll(async () => {
  rest = await startRest();
  rest.control.put(shownTask({ id, state: "RUNNING" }));
  rest.control.put(shownTask({ id: endedId, state: "SUCCESS", attempts: [attempt], attempt: 1 }));
  rest.control.putResult(id, "sub", { kind: "directory", entries: [entry] });
  await rest.control.addWorkers(["bash"], 3, "added");
});
afterAll(() => rest.stop());

const entry = { name: "x", kind: "file", sizeBytes: 1, modifiedAt: 0 } as const;
const attempt = {
  attempt: 1,
  node: "rabbit",
  workerId: "rabbit-1",
  pid: 7,
  startedAt: "2026-11-24T10:00:00.000Z",
  finishedAt: "2026-11-24T10:00:01.000Z",
  exitCode: 0,
  signal: null,
  reason: null,
};

const asked: readonly [Route, string, number, Asked?][] = [
  [submit.submitTask, "/task/", 201, { body: '{"type": "bash_task", "key": "k"}' }],
  [submit.submitTask, "/task/", 200, { body: '{"type": "bash_task", "key": "k"}' }],
  [tasks.listTasks, "/task/", 200],
  [tasks.listTasks, "/task/?count=1", 200],
  [tasks.findTask, `/task/${endedId}`, 200],
  [tasks.tellProgress, `/task/${id}/progress?progress=5`, 200],
  [tasks.pauseTask, `/task/${id}/pause`, 200],
  [tasks.resumeTask, `/task/${id}/resume`, 200],
  [tasks.cancelTask, `/task/${id}/cancel`, 200],
  [tasks.retryTask, `/task/${id}/retry`, 201],
  [tasks.removeTask, `/task/${endedId}`, 200],
  [output.showResult, `/results/${id}/sub`, 200],
  [taskTypes.listTaskTypes, "/task_type/", 200],
  [taskTypes.findTaskType, "/task_type/bash_task", 200],
  [workers.listWorkers, "/worker/", 200],
  [workers.addWorkers, "/worker/", 201],
  [workers.findWorker, "/worker/rabbit-1", 200],
  [workers.pauseWorker, "/worker/rabbit-1/pause", 200],
  [workers.resumeWorker, "/worker/rabbit-1/resume", 200],
  [workers.stopWorker, "/worker/rabbit-1/stop", 200],
  [workers.removeWorker, "/worker/rabbit-2", 200],
  [operations.listNodes, "/node/", 200],
  [operations.findNode, "/node/rabbit", 200],
  [operations.showVersion, "/version", 200],
  [operations.showConfig, "/config/", 200],
  [operations.showStatus, "/ops/status/", 200],
  [operations.showLiveness, "/health/live", 200],
  [operations.showReadiness, "/health/ready", 200],
];

const texts: readonly [Route, string, string][] = [
  [output.followLog, `/task/${id}/log`, "text/event-stream; charset=utf-8"],
  [output.tailLog, `/task/${id}/log/tail`, "text/plain; charset=utf-8"],
  [output.rawLog, `/task/${id}/log/raw`, "text/plain; charset=utf-8"],
  [operations.showMetrics, "/metrics", "text/plain; version=0.0.4; charset=utf-8"],
];

const modules: readonly object[] = [submit, tasks, output, taskTypes, workers, operations];

function fits(schema: TSchema | undefined, value: unknown): unknown {
  const shape = Compile(schema ?? { not: {} });
  return shape.Check(value) ? [] : shape.Errors(value);
}

describe("every route", () => {
  it.each(asked)("$method $path", async (route, path, status, with_) => {
    const answer = await rest.ask(route.method, path, with_);
    expect(answer.status).toBe(status);
    expect(fits(route.answers[status], answer.json())).toEqual([]);
  });

  it.each(texts)("$method $path as text", async (route, path, type) => {
    const answer = await rest.ask(route.method, path);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, type]);
  });

  it("is asked above", () => {
    const all = modules.flatMap((module) =>
      Object.values(module).filter((value: object): value is Route => "answers" in value),
    );
    const tested = new Set([...asked, ...texts].map(([route]) => route));
    expect(all.filter((route) => !tested.has(route))).toEqual([]);
  });

  it("answers an error as the table says", async () => {
    const answer = await rest.ask("GET", "/task/dead");
    expect(fits(ErrorAnswer, answer.json())).toEqual([]);
  });
});

describe("what is asked for by programs", () => {
  it("GET /task_type/ says what the file says beside what is known of it", async () => {
    const answer = await rest.ask("GET", "/task_type/bash_task");
    expect(answer.json()).toEqual({
      command: "true",
      name: "bash_task",
      configFile: "/types/bash_task.toml",
      versionHash: "d".repeat(64),
      loadedTs: 1_764_000_000,
      valid: false,
      problems: [{ message: "no such executor", key: "executor", line: 1, column: 2 }],
      nodes: { rabbit: "d".repeat(64) },
    });
    const unknown = await rest.ask("GET", "/task_type/nope");
    expect([unknown.status, (unknown.json() as { code: string }).code]).toEqual([
      404,
      "TYPE_NOT_FOUND",
    ]);
  });

  it("GET /node/:id takes a name or an id, else 404", async () => {
    expect((await rest.ask("GET", "/node/12D3Koo")).json()).toMatchObject({ name: "rabbit" });
    expect((await rest.ask("GET", "/node/otter")).status).toBe(404);
  });

  it("GET /health/ready says 503 and what is missing", async () => {
    rest.control.ready = false;
    const answer = await rest.ask("GET", "/health/ready");
    rest.control.ready = true;
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "1"]);
    expect(answer.json()).toMatchObject({ details: { problems: ["it starts."] } });
    expect((await rest.ask("GET", "/health/live")).status).toBe(200);
  });

  it("GET /metrics counts what was refused, by code, and times what was answered", async () => {
    await rest.ask("GET", "/task/", { headers: { host: "evil.example" } });
    const { text } = await rest.ask("GET", "/metrics");
    expect(text).toContain("requests_refused_total{HOST_FOREIGN} 1");
    expect(rest.metrics.observed("http_request_seconds").length).toBeGreaterThan(0);
  });
});

/** As TypeBox writes types: without `readonly`. */
type Plain<T> = T extends readonly (infer E)[]
  ? Plain<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Plain<T[K]> }
    : T;

it("the types of core are those of the schemas", () => {
  expectTypeOf<Static<typeof Task>>().toEqualTypeOf<Plain<ShownTask>>();
  expectTypeOf<Static<typeof Worker>>().toEqualTypeOf<Plain<ShownWorker>>();
  expectTypeOf<Static<typeof operations.Node>>().toEqualTypeOf<Plain<ShownNode>>();
  expect(true).toBe(true);
});
