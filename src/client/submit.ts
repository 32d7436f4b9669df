import { setTimeout as sleep } from "node:timers/promises";

import type { ShownTask } from "../core/task/shown-task.ts";
import type { OnLost } from "../core/task/spec.ts";
import { mayPass, notBlanket } from "./failures.ts";
import type { Http, HttpRequest } from "./http.ts";
import { createMultipart, type UploadFile } from "./multipart.ts";

/** A task as it is submitted: `SubmitBody` of the contract. */
export interface NewTask {
  readonly type: string;
  /** Scalars; what else stands there is refused by the node with the variable's name. */
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly tags?: readonly string[];
  /** Makes a submission safe to repeat. */
  readonly key?: string;
  readonly priority?: number;
  /** RFC 3339, or unix seconds. */
  readonly notBefore?: string | number;
  readonly expires?: string | number;
  /** Seconds, or a text such as `1h30m`. */
  readonly timeout?: string | number;
  readonly onLost?: OnLost;
}

/** What became of a submission. */
export interface SubmittedTask {
  readonly task: ShownTask;
  /** False where the key had made this task before. */
  readonly created: boolean;
  readonly warnings: readonly string[];
}

/** Pauses between tries of a task with a key. */
const pausesMs = [200, 1_000, 3_000];

/**
 * @throws what the node answers as an error; NODE_UNREACHABLE; UPLOAD_INVALID for a file that can't
 * be read
 */
export async function submitTask(
  http: Http,
  task: NewTask,
  files: readonly UploadFile[],
): Promise<SubmittedTask> {
  const request = requestFor(task, files);
  const pauses = task.key === undefined ? [] : [...pausesMs];
  for (;;) {
    try {
      return readAnswer(http.url, await http.text(request));
    } catch (error) {
      const pause = pauses.shift();
      // The node may also have taken it without our hearing so: hence the key.
      if (pause === undefined || !mayPass(error)) throw error;
      await sleep(pause);
    }
  }
}

function requestFor(task: NewTask, files: readonly UploadFile[]): HttpRequest {
  const text = JSON.stringify(task);
  const post = { method: "POST", path: "/task/" } as const;
  if (files.length === 0) return { ...post, body: { kind: "text", text } };
  return { ...post, ...createMultipart(text, files) };
}

function readAnswer(
  url: string,
  { status, text }: { readonly status: number; readonly text: string },
): SubmittedTask {
  try {
    const { warnings = [], ...task } = JSON.parse(text) as ShownTask & {
      readonly warnings?: readonly string[];
    };
    return { task, created: status !== 200, warnings };
  } catch (error) {
    throw notBlanket(url, error);
  }
}
