import type { ShownNode } from "../core/membership/shown-node.ts";
import type { ShownTaskType } from "../core/task-type/shown-type.ts";
import type { ShownTask } from "../core/task/shown-task.ts";
import type { ShownWorker } from "../core/worker.ts";
import { parseBaseUrl } from "./base-url.ts";
import { createHttp, type Http } from "./http.ts";
import { followLog, type LogItem, type LogWish } from "./log.ts";
import type { UploadFile } from "./multipart.ts";
import { submitTask, type NewTask, type SubmittedTask } from "./submit.ts";
import { taskListPath, type TaskQuery } from "./task-query.ts";
import { attachWorkers, type AttachedWorkers, type NewWorkers } from "./workers.ts";

export interface ClientOptions {
  /** Of any node: `http://HOST:PORT`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Silence after which a question is given up; default 30 s. What waits for a task waits on. */
  readonly timeoutMs?: number;
}

/**
 * Asks one node over REST. Ids may be any unique prefix. All throw what the node answers as an
 * error, with its code, and NODE_UNREACHABLE where none answers.
 */
export interface Client {
  readonly url: string;
  /** A task with a key is sent again by itself where its fate is unknown. */
  submit(task: NewTask, files?: readonly UploadFile[]): Promise<SubmittedTask>;
  tasks(query: TaskQuery): Promise<readonly ShownTask[]>;
  task(id: string): Promise<ShownTask>;
  /** Answers once the task is gone, for a running one after its processes are. */
  removeTask(id: string, isForced?: boolean): Promise<{ readonly id: string }>;
  /** Answers once it is decided, for a running task after its processes are gone. */
  cancelTask(id: string): Promise<ShownTask>;
  pauseTask(id: string): Promise<ShownTask>;
  resumeTask(id: string): Promise<ShownTask>;
  /** The new task. */
  retryTask(id: string): Promise<ShownTask>;
  followLog(id: string, wish: LogWish): AsyncGenerator<LogItem>;
  /** The bytes of one log file as they are now. */
  readLog(
    id: string,
    stream: "stdout" | "stderr",
    attempt?: number,
  ): Promise<AsyncIterable<Uint8Array>>;
  taskTypes(): Promise<readonly ShownTaskType[]>;
  taskType(name: string): Promise<ShownTaskType>;
  workers(): Promise<readonly ShownWorker[]>;
  addWorkers(workers: NewWorkers): Promise<readonly ShownWorker[]>;
  /** Workers that live as long as the connection does. */
  attachWorkers(workers: NewWorkers, signal: AbortSignal): Promise<AttachedWorkers>;
  removeWorker(id: string): Promise<{ readonly id: string }>;
  nodes(): Promise<readonly ShownNode[]>;
  /** Closes idle connections. */
  close(): void;
}

/** @throws COMMAND_INVALID where `url` is none */
export function createClient(options: ClientOptions): Client {
  const http = createHttp({
    url: parseBaseUrl(options.url),
    token: options.token,
    timeoutMs: options.timeoutMs ?? 30_000,
  });
  return {
    url: http.url,
    submit: (task, files = []) => submitTask(http, task, files),
    ...taskRequests(http),
    ...logRequests(http),
    taskTypes: () => get(http, "/task_type/"),
    taskType: (name) => get(http, `/task_type/${encodeURIComponent(name)}`),
    ...workerRequests(http),
    nodes: () => get(http, "/node/"),
    close: http.close,
  };
}

function get<T>(http: Http, path: string): Promise<T> {
  return http.json<T>({ method: "GET", path });
}

function taskPath(id: string): string {
  return `/task/${encodeURIComponent(id)}`;
}

function taskRequests(http: Http) {
  /** The end of a process takes as long as its type allows. */
  const change = <T>(method: "PUT" | "DELETE", path: string) =>
    http.json<T>({ method, path, timeoutMs: 0 });
  return {
    tasks: (query: TaskQuery) => get<readonly ShownTask[]>(http, taskListPath(query)),
    task: (id: string) => get<ShownTask>(http, taskPath(id)),
    removeTask: (id: string, isForced = false) =>
      change<{ readonly id: string }>("DELETE", `${taskPath(id)}${isForced ? "?force=true" : ""}`),
    cancelTask: (id: string) => change<ShownTask>("PUT", `${taskPath(id)}/cancel`),
    pauseTask: (id: string) => change<ShownTask>("PUT", `${taskPath(id)}/pause`),
    resumeTask: (id: string) => change<ShownTask>("PUT", `${taskPath(id)}/resume`),
    retryTask: (id: string) => change<ShownTask>("PUT", `${taskPath(id)}/retry`),
  };
}

function logRequests(http: Http) {
  return {
    followLog: (id: string, wish: LogWish) => followLog(http, id, wish),
    readLog(id: string, stream: "stdout" | "stderr", attempt?: number) {
      const query = attempt === undefined ? "" : `&attempt=${attempt}`;
      const path = `${taskPath(id)}/log/raw?stream=${stream}${query}`;
      return http.open({ method: "GET", path });
    },
  };
}

function workerRequests(http: Http) {
  return {
    workers: () => get<readonly ShownWorker[]>(http, "/worker/"),
    addWorkers: (workers: NewWorkers) =>
      http.json<readonly ShownWorker[]>({
        method: "POST",
        path: "/worker/",
        body: { kind: "text", text: JSON.stringify(workers) },
      }),
    attachWorkers: (workers: NewWorkers, signal: AbortSignal) =>
      attachWorkers(http, workers, signal),
    removeWorker: (id: string) =>
      http.json<{ readonly id: string }>({
        method: "DELETE",
        path: `/worker/${encodeURIComponent(id)}`,
      }),
  };
}
