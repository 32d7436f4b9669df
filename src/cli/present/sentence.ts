import type { TaskState } from "../../core/task/shown-state.ts";
import type { ShownTask } from "../../core/task/shown-task.ts";
import { shortId } from "./short-id.ts";
import { taskDetail } from "./task-detail.ts";
import { ranFor, shortDuration } from "./times.ts";

/** What became of a task that was just handed in. */
export function submittedSentence(task: ShownTask, created: boolean, now: number): string {
  const id = shortId(task.id);
  if (!created) return `${id} was there already under this key: ${stateSentence(task, now)}`;
  return `${id} ${stateSentence(task, now)}`;
}

/** A task and how it stands. */
export function taskSentence(task: ShownTask, now: number): string {
  return `${shortId(task.id)} ${stateSentence(task, now)}`;
}

function stateSentence(task: ShownTask, now: number): string {
  return sentences[task.state](task, now);
}

type Sentence = (task: ShownTask, now: number) => string;

const sentences: Readonly<Record<TaskState, Sentence>> = {
  SCHEDULED: (task, now) => taskDetail(task, now) || "waits for its time",
  BLOCKED: (task, now) => `waits for other tasks${because(task, now)}`,
  WAITING(task, now) {
    const why = because(task, now);
    return why === "" ? "waits" : `waits${why} (blanket show ${shortId(task.id)})`;
  },
  PAUSED: () => "is paused",
  HELD: (task, now) => `is held${because(task, now)}`,
  CLAIMED: (task) => `starts${place(task)}`,
  RUNNING: (task, now) => `runs${place(task)}${because(task, now)}`,
  SUCCESS: ended("succeeded"),
  ERROR: ended("failed"),
  TIMEDOUT: ended("timed out"),
  STOPPED: ended("stopped"),
  EXPIRED: ended("expired"),
  SKIPPED: ended("was skipped"),
  LOST: ended("is lost"),
};

function ended(verb: string): Sentence {
  return (task, now) => {
    const why = because(task, now);
    // A reason says it better why nothing started.
    const when = task.startedAt === null && why !== "" ? "" : after(task, now);
    return `${verb}${place(task)}${when}${why}`;
  };
}

function place({ node }: ShownTask): string {
  return node === null ? "" : ` on ${node}`;
}

function because(task: ShownTask, now: number): string {
  const detail = taskDetail(task, now);
  return detail === "" ? "" : `: ${detail}`;
}

function after(task: ShownTask, now: number): string {
  return task.startedAt === null ? " before it started" : ` after ${ranFor(task, now)}`;
}

/** What a removal did; `before` is the task as it was. */
export function removedSentence(before: ShownTask, now: number): string {
  const id = shortId(before.id);
  if (before.state !== "RUNNING" || before.startedAt === null) return `${id} removed`;
  const ran = shortDuration(now - Date.parse(before.startedAt));
  return `${id} stopped on ${before.node ?? "its node"} after ${ran} and removed`;
}
