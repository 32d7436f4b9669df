/**
 * Goal: who waits for a task waits through a restart of its node, and not for a node that nobody
 * has seen.
 * Method: a client that answers as it is told.
 */
import { describe, expect, it } from "vitest";

import { waitForTask } from "../../../src/cli/task-end.ts";
import type { Client } from "../../../src/client/client.ts";
import { BlanketError, type ErrorCode } from "../../../src/core/errors.ts";
import { shownTask } from "../../support/shown.ts";

const running = shownTask({ id: "aaaaaaaa-0000-8000-8000-000000000001", state: "RUNNING" });
const ended = { ...running, state: "SUCCESS" } as const;

/** Gives one answer after the other, and the last one for ever. */
function clientWith(...answers: readonly (typeof running | typeof ended | ErrorCode)[]): Client {
  const left = [...answers];
  const task = async () => {
    const answer = (left.length > 1 ? left.shift() : left[0]) ?? "INTERNAL";
    if (typeof answer === "string") throw new BlanketError(answer, "It is not there.");
    return answer;
  };
  return { task } as unknown as Client;
}

const never = () => false;

describe("waiting for a task", () => {
  it("goes on while its node restarts, or its store is away", async () => {
    const passing = ["NODE_STOPPING", "NODE_UNREACHABLE", "STORE_UNAVAILABLE"] as const;
    const client = clientWith(running, ...passing, ended);
    expect(await waitForTask(client, running.id, never)).toEqual(ended);
  });

  it("ends with what does not pass", async () => {
    const client = clientWith(running, "TASK_UNKNOWN");
    await expect(waitForTask(client, running.id, never)).rejects.toMatchObject({
      code: "TASK_UNKNOWN",
    });
  });

  it("begins with a node that is there", async () => {
    const client = clientWith("NODE_UNREACHABLE", ended);
    await expect(waitForTask(client, running.id, never)).rejects.toMatchObject({
      code: "NODE_UNREACHABLE",
    });
    const seen = clientWith("NODE_UNREACHABLE", ended);
    expect(await waitForTask(seen, running.id, never, { seenAt: Date.now() })).toEqual(ended);
  });
});
