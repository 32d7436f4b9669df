/**
 * Goal: workers are added, changed and ended over REST, and those held by a connection end with it.
 * Method: real requests and real broken connections against a fake product.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../../support/eventually.ts";
import { multipartBody, startRest, type Rest } from "../../support/rest.ts";

let rest: Rest;
beforeAll(async () => {
  rest = await startRest();
});
afterAll(() => rest.stop());

const add = (body: unknown) => rest.ask("POST", "/worker/", { body: JSON.stringify(body) });

describe("POST /worker/", () => {
  it("adds one with no tags where nothing is said", async () => {
    const answer = await rest.ask("POST", "/worker");
    expect(answer.status).toBe(201);
    expect(answer.json()).toMatchObject([{ tags: [], kind: "added" }]);
  });

  it("adds as many as asked with the tags asked", async () => {
    for (const tags of [["unix", "bash"], "unix,bash"]) {
      const answer = await add({ tags, count: 2, node: "rabbit" });
      expect(answer.status).toBe(201);
      expect(answer.json()).toMatchObject([{ tags: ["unix", "bash"] }, { tags: ["unix", "bash"] }]);
    }
  });

  it.each([
    [{ count: 0 }, 400, "FIELD_INVALID", /count must be a whole number from 1 to 1024, and is 0/],
    [{ count: 1_025 }, 400, "FIELD_INVALID", /from 1 to 1024/],
    [{ count: "2" }, 400, "FIELD_INVALID", /and is "2"/],
    [{ tags: [1] }, 400, "FIELD_INVALID", /tags must be/],
    [{ tags: ["a,b"] }, 400, "FIELD_INVALID", /without spaces and commas/],
    [{ tag: "a" }, 400, "FIELD_INVALID", /did you mean tags\?/],
    [{ attached: "yes" }, 400, "FIELD_INVALID", /true or false/],
    [{ node: "otter" }, 404, "NODE_UNKNOWN", /otter/],
    [[], 400, "BODY_MALFORMED", /must be a JSON object/],
  ])("refuses %j", async (body, status, code, sentence) => {
    const answer = await add(body);
    expect([answer.status, (answer.json() as { code: string }).code]).toEqual([status, code]);
    expect((answer.json() as { error: string }).error).toMatch(sentence);
  });
});

async function addOne(): Promise<string> {
  const [worker] = (await add({})).json() as { id: string }[];
  return worker?.id ?? "";
}

it("POST /worker/ takes no form, rather than adding a worker that nobody described", async () => {
  const form = multipartBody([{ name: "tags", content: "gpu" }]);
  const answer = await rest.ask("POST", "/worker/", form);
  expect([answer.status, await rest.control.workers()]).toEqual([
    400,
    expect.not.arrayContaining([expect.objectContaining({ tags: ["gpu"] })]),
  ]);
});

describe("one worker", () => {
  it("is shown, paused, resumed, stopped", async () => {
    const id = await addOne();
    expect((await rest.ask("GET", `/worker/${id}`)).json()).toMatchObject({ id });
    expect((await rest.ask("GET", "/worker/")).text).toContain(id);
    const change = async (action: string) =>
      (await rest.ask("PUT", `/worker/${id}/${action}`)).json();
    expect(await change("pause")).toMatchObject({ state: "paused" });
    expect(await change("resume")).toMatchObject({ state: "idle" });
    expect(await change("stop")).toMatchObject({ state: "stopping" });
    expect((await rest.ask("GET", `/worker/${id}`)).status).toBe(404);
  });

  it("is removed: 200 and its id; 404 the next time", async () => {
    const id = await addOne();
    expect((await rest.ask("DELETE", `/worker/${id}`)).json()).toEqual({ id });
    const again = await rest.ask("DELETE", `/worker/${id}`);
    expect([again.status, (again.json() as { code: string }).code]).toEqual([
      404,
      "WORKER_UNKNOWN",
    ]);
  });
});

const attached = async () =>
  (await rest.control.workers()).filter(({ kind }) => kind === "attached").length;

const attach = async (count: number) => {
  const body = JSON.stringify({ tags: ["gpu"], count, attached: true });
  const message = await rest.open("POST", "/worker/", { body });
  let got = "";
  message.on("data", (chunk: Buffer) => {
    got += chunk.toString("utf8");
  });
  message.on("error", () => undefined);
  await eventually("the workers are told", () => got.includes("\n\n"));
  return { message, got: () => got };
};

describe("attached workers", () => {
  it("are told at once, kept alive by comments, and end with their connection", async () => {
    const { message, got } = await attach(2);
    expect(message.statusCode).toBe(201);
    expect(message.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    const told = /^event: workers\ndata: (.+)\n\n$/.exec(got())?.[1] ?? "";
    expect(JSON.parse(told)).toMatchObject([{ tags: ["gpu"] }, { tags: ["gpu"] }]);
    rest.clock.advance(5_000);
    await eventually("a heartbeat comes", () => got().endsWith("\n\n:\n\n"));
    await eventually("the next one is set", () => rest.clock.pending() === 1);
    expect(await attached()).toBe(2);
    message.destroy();
    await eventually("the workers are gone", async () => (await attached()) === 0);
    expect(rest.clock.pending()).toBe(0);
  });

  it("that were stopped meanwhile are no trouble", async () => {
    const { message } = await attach(1);
    const held = (await rest.control.workers()).find(({ kind }) => kind === "attached");
    await rest.control.stopWorker(held?.id ?? "");
    message.destroy();
    await eventually("the heartbeat is off", () => rest.clock.pending() === 0);
    expect(rest.log.entries).toEqual([]);
  });

  it("end when the node stops", async () => {
    const { message } = await attach(1);
    await rest.stop();
    await eventually("the stream has ended", () => message.complete);
    expect(await attached()).toBe(0);
    rest = await startRest();
  });
});
