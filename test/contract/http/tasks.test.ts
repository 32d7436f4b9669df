/**
 * Goal: tasks can be listed by every filter, shown, changed and removed, and a wrong question gets
 * a sentence. Method: real requests against a fake product, which keeps what it was asked.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { BlanketError } from "../../../src/core/errors.ts";
import { limits } from "../../../src/core/limits.ts";
import { startRest, type Rest } from "../../support/rest.ts";
import { shownTask } from "../../support/shown.ts";

const waiting = shownTask({ id: "aaaaaaaa-0000-8000-8000-000000000001" });
const running = shownTask({ id: "aaaaaaaa-0000-8000-8000-000000000002", state: "RUNNING" });
const ended = shownTask({ id: "bbbbbbbb-0000-8000-8000-000000000003", state: "ERROR" });

let rest: Rest;
beforeAll(async () => {
  rest = await startRest();
});
afterAll(() => rest.stop());

function reset(): void {
  rest.control.failure = undefined;
  for (const task of [waiting, running, ended]) rest.control.put(task);
}

describe("GET /task/", () => {
  it("answers a bare array, with and without the trailing slash", async () => {
    reset();
    for (const path of ["/task/", "/task"]) {
      const answer = await rest.ask("GET", path);
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual([waiting, running, ended]);
    }
    expect(rest.control.lists.at(-1)).toEqual({
      filter: {},
      page: { limit: limits.listDefault, offset: 0, newestFirst: false },
    });
  });

  it("gives every filter to the product as values", async () => {
    await rest.ask(
      "GET",
      "/task/?states=running,ERROR&types=a,b&requiredTags=gpu&maxTags=gpu,linux" +
        "&createdAfter=1764000000&createdBefore=2026-11-24T10:00:00Z" +
        "&finishedAfter=1764000000.5&finishedBefore=2026-11-24T12:00:00+02:00" +
        "&node=rabbit&search=x%20y&limit=7&offset=3&reverseSort=true",
    );
    expect(rest.control.lists.at(-1)).toEqual({
      filter: {
        states: ["RUNNING", "ERROR"],
        types: ["a", "b"],
        requiredTags: ["gpu"],
        maxTags: ["gpu", "linux"],
        createdAfter: 1_764_000_000_000,
        createdBefore: Date.UTC(2026, 10, 24, 10),
        finishedAfter: 1_764_000_000_500,
        finishedBefore: Date.UTC(2026, 10, 24, 10),
        node: "rabbit",
        search: "x y",
      },
      page: { limit: 7, offset: 3, newestFirst: true },
    });
  });

  it("takes an empty filter for none, but an empty maxTags for no tags", async () => {
    await rest.ask("GET", "/task/?states=&types=,&requiredTags=&node=&search=&maxTags=");
    expect(rest.control.lists.at(-1)?.filter).toEqual({ maxTags: [] });
  });

  it("answers a bare integer to count=true", async () => {
    reset();
    const answer = await rest.ask("GET", "/task/?count=true&limit=1&states=ERROR");
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.text).toBe("3");
    expect(rest.control.lists.at(-1)?.filter).toEqual({ states: ["ERROR"] });
  });

  it.each([0, limits.listMax])("takes a limit of %i", async (limit) => {
    expect((await rest.ask("GET", `/task/?limit=${limit}`)).status).toBe(200);
  });

  it.each([
    ["limt=1", 'there is no query parameter "limt"; did you mean limit?'],
    ["cursor=x", /^there is no query parameter "cursor"; it takes states, types/],
    [
      "limit=abc",
      'the query parameter limit must be a whole number from 0 to 10000, and is "abc".',
    ],
    ["limit=-1", /must be a whole number from 0 to 10000/],
    ["limit=10001", /must be a whole number from 0 to 10000/],
    ["limit=1.5", /must be a whole number/],
    ["limit=", /must be a whole number/],
    ["limit=1&limit=2", "the query parameter limit is given more than once; give it once."],
    ["offset=-1", /must be a whole number, at least 0/],
    ["count=perhaps", /must be true or false, and is "perhaps"/],
    ["states=RUNING", 'there is no state "RUNING"; did you mean RUNNING?'],
    ["states=zzzzzzzzz", /there is no state "zzzzzzzzz"; they are SCHEDULED, /],
    ["createdAfter=yesterday", /no time; write RFC 3339/],
    ["createdAfter=2026-11-24", /no time; write RFC 3339/],
    ["createdAfter=1764000000000", /no time/],
    ["__proto__=1", /no query parameter "__proto__"/],
    ["%00=1", /no query parameter/],
  ])("refuses ?%s", async (query, sentence) => {
    const answer = await rest.ask("GET", `/task/?${query}`);
    expect(answer.status).toBe(400);
    const error = answer.json() as { error: string; code: string };
    expect(error.code).toBe("QUERY_INVALID");
    if (typeof sentence === "string") expect(error.error).toBe(sentence);
    else expect(error.error).toMatch(sentence);
  });
});

const put = async (action: string) =>
  (await rest.ask("PUT", `/task/${waiting.id}/${action}`)).json();

describe("one task", () => {
  it("is shown by its id and by a unique prefix", async () => {
    reset();
    for (const path of [`/task/${ended.id}`, "/task/bbb", "/task/bbb/"]) {
      const answer = await rest.ask("GET", path);
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual(ended);
    }
  });

  it.each([
    ["GET", "/task/dead", 404, "TASK_UNKNOWN"],
    ["GET", "/task/aaaa", 400, "ID_AMBIGUOUS"],
    ["DELETE", "/task/dead", 404, "TASK_UNKNOWN"],
    ["PUT", "/task/dead/cancel", 404, "TASK_UNKNOWN"],
    ["PUT", "/task/bbb/cancel", 409, "TRANSITION_ILLEGAL"],
    ["PUT", "/task/bbb/pause", 409, "TRANSITION_ILLEGAL"],
    ["PUT", `/task/${waiting.id}/retry`, 409, "TRANSITION_ILLEGAL"],
    ["GET", "/task/bbb?verbose=1", 400, "QUERY_INVALID"],
    ["DELETE", "/task/bbb?forse=true", 400, "QUERY_INVALID"],
    ["GET", `/task/${"x".repeat(9_000)}`, 404, "ROUTE_UNKNOWN"],
    ["GET", `/task/${"x".repeat(1_000)}`, 404, "TASK_UNKNOWN"],
    ["GET", "/task/%00", 404, "TASK_UNKNOWN"],
    ["GET", "/task/..%2f..%2fetc%2fpasswd", 404, "TASK_UNKNOWN"],
    ["GET", "/task/%zz", 400, "QUERY_INVALID"],
    ["GET", "/task/%ff", 400, "QUERY_INVALID"],
  ])("%s %s is %i %s", async (method, path, status, code) => {
    reset();
    const answer = await rest.ask(method, path);
    expect([answer.status, (answer.json() as { code: string }).code]).toEqual([status, code]);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });

  it("is cancelled, paused, resumed", async () => {
    reset();
    expect(await put("pause")).toMatchObject({ state: "PAUSED" });
    expect(await put("resume")).toMatchObject({ state: "WAITING" });
    expect(await put("cancel/")).toMatchObject({ state: "STOPPED" });
  });

  it("is changed whatever body comes along", async () => {
    reset();
    const answer = await rest.ask("PUT", `/task/${waiting.id}/pause`, { body: "not JSON" });
    expect(answer.status).toBe(200);
  });

  it("is retried by a new one: 201 and where it is", async () => {
    reset();
    const answer = await rest.ask("PUT", "/task/bbb/retry");
    expect(answer.status).toBe(201);
    const task = answer.json() as { id: string };
    expect(task).toMatchObject({ retryOf: ended.id });
    expect(answer.headers.location).toBe(`/task/${task.id}`);
  });

  it("is removed: 200 and its id", async () => {
    reset();
    const answer = await rest.ask("DELETE", "/task/bbb");
    expect([answer.status, answer.json()]).toEqual([200, { id: ended.id }]);
    expect((await rest.ask("GET", "/task/bbb")).status).toBe(404);
  });

  it("is removed where it is held only with force", async () => {
    rest.control.put(shownTask({ id: "cccccccc-0000-8000-8000-000000000004", state: "HELD" }));
    const answers = [];
    for (const query of ["", "?force=false", "?force=perhaps", "?force=true"]) {
      answers.push((await rest.ask("DELETE", `/task/ccc${query}`)).status);
    }
    expect(answers).toEqual([409, 409, 400, 200]);
  });
});

describe("progress", () => {
  const path = `/task/${running.id}/progress`;

  it.each([
    ["in its body", path, '{"progress": 62, "note": "linking"}', { percent: 62, note: "linking" }],
    ["in its query", `${path}?progress=62&note=linking`, "", { percent: 62, note: "linking" }],
    ["without a note", path, '{"progress": 99.5}', { percent: 99.5, note: null }],
    ["at its start", path, '{"progress": 0}', { percent: 0, note: null }],
    ["at its end", `${path}?progress=100`, "", { percent: 100, note: null }],
  ])("is told %s", async (_name, url, body, told) => {
    reset();
    const answer = await rest.ask("PUT", url, { body });
    expect(answer.status).toBe(200);
    expect(rest.control.progressTold.at(-1)).toEqual(told);
  });

  it.each([
    ["", "", 400, "FIELD_INVALID"],
    ["", '{"progress": "62"}', 400, "FIELD_INVALID"],
    ["", '{"progress": 101}', 400, "FIELD_INVALID"],
    ["", '{"progress": -1}', 400, "FIELD_INVALID"],
    ["", '{"progress": 1, "nota": "x"}', 400, "FIELD_INVALID"],
    ["", `{"progress": 1, "note": "${"x".repeat(201)}"}`, 400, "FIELD_INVALID"],
    ["", "{", 400, "BODY_MALFORMED"],
    ["?progress=101", "", 400, "QUERY_INVALID"],
  ])("%s %s is refused", async (query, body, status, code) => {
    reset();
    const answer = await rest.ask("PUT", path + query, { body });
    expect([answer.status, (answer.json() as { code: string }).code]).toEqual([status, code]);
  });
});

describe("a product that fails", () => {
  it("answers 503 and 429 with Retry-After", async () => {
    for (const [code, status] of [
      ["STORE_UNAVAILABLE", 503],
      ["QUEUE_FULL", 429],
    ] as const) {
      rest.control.failure = new BlanketError(code, "not now.", { why: "disk" });
      const answer = await rest.ask("POST", "/task/", { body: '{"type": "a"}' });
      expect(answer.status).toBe(status);
      expect(answer.headers["retry-after"]).toBe("1");
      expect(answer.json()).toEqual({ error: "not now.", code, details: { why: "disk" } });
    }
  });

  it("is a 500 that tells nothing but the code, and a line in the log without the request", async () => {
    rest.control.failure = new Error("secret path /root/x");
    const answer = await rest.ask("POST", "/task/?wait=1s", {
      body: '{"type": "a", "environment": {"TOKEN": "hush"}}',
      headers: { authorization: "Bearer hush" },
    });
    expect(answer.status).toBe(500);
    expect(answer.json()).toMatchObject({ code: "INTERNAL", details: {} });
    expect(answer.text).not.toContain("secret");
    expect(rest.log.entries).toHaveLength(1);
    expect(JSON.stringify(rest.log.entries)).not.toContain("hush");
    expect(rest.log.entries[0]?.fields).toMatchObject({ method: "POST", route: "/task/" });
  });
});
