/**
 * Goal: a task can be submitted by every body carrier, and every wrong body is refused with one
 * sentence that says what to do. Method: real requests over real sockets against a server with a
 * fake product behind it; what reached the product is looked at there.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { limits } from "../../../src/core/limits.ts";
import { eventually } from "../../support/eventually.ts";
import { multipartBody, startRest, type Rest } from "../../support/rest.ts";

let rest: Rest;
beforeAll(async () => {
  rest = await startRest();
});
afterAll(() => rest.stop());

function submit(body: unknown, headers: Record<string, string> = {}, query = "") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return rest.ask("POST", `/task/${query}`, { body: text, headers });
}

const pandas = '{"type": "bash_task", "environment": {"PANDAS": "four", "Frogs": 5, "CATS": 2}}';

describe("a JSON body", () => {
  it.each([
    ["application/json"],
    ["application/x-www-form-urlencoded"],
    ["text/plain"],
    ["application/x-www-form-urlencoded; charset=utf-8"],
    ["no media type at all;;"],
    ["multipart/mixed"],
  ])("is taken with Content-Type %s", async (type) => {
    const answer = await submit(pandas, { "content-type": type });
    expect(answer.status).toBe(201);
    expect(rest.control.submissions.at(-1)).toEqual({
      type: "bash_task",
      environment: { PANDAS: "four", Frogs: "5", CATS: "2" },
      tags: [],
      files: [],
    });
  });

  it("is taken without a Content-Type and in chunks, with and without the trailing slash", async () => {
    const head = "Host: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked";
    const body = `${pandas.length.toString(16)}\r\n${pandas}\r\n0\r\n\r\n`;
    for (const path of ["/task", "/task/"]) {
      const got = await rest.raw(`POST ${path} HTTP/1.1\r\n${head}\r\n\r\n${body}`);
      expect(got).toContain("HTTP/1.1 201 Created");
    }
  });

  it("answers 201, the task, where it is and the warnings", async () => {
    rest.control.warnings = ["no live worker has the tag gpu."];
    const answer = await submit({ type: "bash_task" });
    rest.control.warnings = [];
    expect(answer.status).toBe(201);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    const task = answer.json() as { id: string };
    expect(task).toMatchObject({ type: "bash_task", state: "WAITING" });
    expect(task).toMatchObject({ warnings: ["no live worker has the tag gpu."] });
    expect(answer.headers.location).toBe(`/task/${task.id}`);
  });

  it("gives every field to the product as a value", async () => {
    await submit({
      type: "bash_task",
      environment: { A: true, B: null, C: 1.5, D: "", E: "x\ny" },
      tags: "bash, unix,,bash",
      key: "once",
      priority: -3,
      notBefore: "2026-11-24T12:00:00+02:00",
      expires: 1_795_600_000.5,
      timeout: "1h30m",
      onLost: "rerun",
    });
    expect(rest.control.submissions.at(-1)).toEqual({
      type: "bash_task",
      environment: { A: "true", B: "", C: "1.5", D: "", E: "x\ny" },
      tags: ["bash", "unix"],
      key: "once",
      priority: -3,
      notBefore: Date.UTC(2026, 10, 24, 10),
      expires: 1_795_600_000_500,
      timeoutMs: 5_400_000,
      onLost: "rerun",
      files: [],
    });
  });

  it("takes null for a field that is not set", async () => {
    const answer = await submit({ type: "bash_task", key: null, tags: null, environment: null });
    expect(answer.status).toBe(201);
  });
});

describe("a key", () => {
  it("comes in the header Idempotency-Key too, and finds its task again with 200", async () => {
    const first = await submit({ type: "bash_task" }, { "Idempotency-Key": "nightly 1" });
    const again = await submit({ type: "bash_task", key: "nightly 1" });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.headers.location).toBe(first.headers.location);
    expect(again.json()).toMatchObject({ key: "nightly 1" });
  });

  it("is refused where header and body differ", async () => {
    const answer = await submit({ type: "bash_task", key: "a" }, { "Idempotency-Key": "b" });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ code: "FIELD_INVALID", details: { field: "key" } });
  });
});

/** A good body of just so many bytes. */
const filled = (bytes: number) => `{"type": "bash_task"${" ".repeat(bytes - 21)}}`;

describe("a wrong body", () => {
  const nested = { type: "bash_task", environment: { A: { b: 1 } } };
  it.each<[string, unknown, number, string, RegExp]>([
    ["not JSON", '{"type": ', 400, "BODY_MALFORMED", /^the body is not JSON \(.+\); send JSON/],
    ["single quotes", "{'type': 'a'}", 400, "BODY_MALFORMED", /is not JSON/],
    ["empty", "", 400, "BODY_MALFORMED", /^the body is empty; send JSON/],
    ["a list", [], 400, "BODY_MALFORMED", /must be a JSON object, and is a list/],
    ["null", "null", 400, "BODY_MALFORMED", /must be a JSON object, and is null/],
    ["a text", '"bash_task"', 400, "BODY_MALFORMED", /must be a JSON object, and is "bash_task"/],
    ["no type", {}, 400, "FIELD_INVALID", /^the field type is missing; name a task type/],
    ["a number as type", { type: 5 }, 400, "FIELD_INVALID", /type must be a text, and is 5\.$/],
    ["an empty type", { type: " " }, 400, "FIELD_INVALID", /type is empty/],
    ["a path as type", { type: "../x" }, 400, "FIELD_INVALID", /name a type, not a file/],
    ["an unknown type", { type: "no_such_type" }, 422, "TYPE_UNKNOWN", /no_such_type/],
    ["a misspelt field", { type: "a", enviroment: {} }, 400, "FIELD_INVALID", /did you mean env/],
    ["an unknown field", { type: "a", zzzzzz: 1 }, 400, "FIELD_INVALID", /it takes type, env/],
    ["a proto", '{"type":"a","__proto__":{}}', 400, "FIELD_INVALID", /no field "__proto__"/],
    ["a nested value", nested, 400, "ENVIRONMENT_INVALID", /^environment\.A is an object/],
    ["a list value", { type: "a", environment: { A: [] } }, 400, "ENVIRONMENT_INVALID", /\.A is a/],
    ["a NUL", '{"type":"a","environment":{"A":"\\u0000"}}', 400, "ENVIRONMENT_INVALID", /NUL/],
    ["a bad name", { type: "a", environment: { "A-B": 1 } }, 400, "ENVIRONMENT_INVALID", /A-B/],
    ["a list of env", { type: "a", environment: [] }, 400, "ENVIRONMENT_INVALID", /an object of/],
    [
      "a lost digit",
      '{"type":"a","environment":{"A":12345678901234567890}}',
      400,
      "ENVIRONMENT_INVALID",
      /quotes/,
    ],
    ["a NUL in a key", { type: "a", key: "\0" }, 400, "FIELD_INVALID", /control/],
    ["a long key", { type: "a", key: "ü".repeat(257) }, 400, "FIELD_INVALID", /1 to 512 bytes/],
    ["tags of numbers", { type: "a", tags: [1] }, 400, "FIELD_INVALID", /tags must be a list of/],
    ["a tag with a space", { type: "a", tags: ["a b"] }, 400, "FIELD_INVALID", /"a b"/],
    ["an empty tag", { type: "a", tags: [""] }, 400, "FIELD_INVALID", /without spaces/],
    ["a half priority", { type: "a", priority: 1.5 }, 400, "FIELD_INVALID", /a whole number from/],
    ["a text priority", { type: "a", priority: "1" }, 400, "FIELD_INVALID", /and is "1"/],
    ["a timeout of words", { type: "a", timeout: "soon" }, 400, "FIELD_INVALID", /no duration; wr/],
    ["a negative timeout", { type: "a", timeout: -1 }, 400, "FIELD_INVALID", /timeout is -1/],
    [
      "30 February",
      { type: "a", notBefore: "2026-02-30T00:00:00Z" },
      400,
      "FIELD_INVALID",
      /no time/,
    ],
    ["milliseconds", { type: "a", expires: 1_795_600_000_000 }, 400, "FIELD_INVALID", /no time; w/],
    ["ends first", { type: "a", notBefore: 20, expires: 10 }, 400, "FIELD_INVALID", /never start/],
    ["an odd onLost", { type: "a", onLost: "x" }, 400, "FIELD_INVALID", /one of hold, rerun, skip/],
  ])("%s is refused", async (_name, body, status, code, sentence) => {
    const answer = await submit(body);
    expect(answer.status).toBe(status);
    const error = answer.json() as { error: string };
    expect(error).toMatchObject({ code, details: expect.any(Object) as object });
    expect(error.error).toMatch(sentence);
    expect(error.error).toMatch(/[.?]$/);
  });

  it("that is not UTF-8 is refused, not mended", async () => {
    const body = Buffer.from('{"type": "b\xffsh"}', "latin1");
    const answer = await rest.ask("POST", "/task/", { body });
    expect(answer.json()).toMatchObject({ code: "BODY_MALFORMED" });
  });

  it("over the limit is 413, at the limit it is read, and the answer arrives either way", async () => {
    expect((await submit(filled(limits.bodyBytesMax))).status).toBe(201);
    const answer = await submit(filled(limits.bodyBytesMax + 1));
    expect(answer.status).toBe(413);
    expect(answer.json()).toMatchObject({ code: "BODY_TOO_LARGE" });
    expect((await submit("x".repeat(10_000_000))).status).toBe(413);
  });

  it("of another length than announced is 400", async () => {
    const got = await rest.raw(
      "POST /task/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n{}",
    );
    expect(got).toContain("HTTP/1.1 400");
    expect(got).toContain('"code":"BODY_MALFORMED"');
  });
});

describe("wait", () => {
  it("holds the answer until the task has ended", async () => {
    const held = submit({ type: "bash_task", key: "held" }, {}, "?wait=30s");
    await eventually("the wait is open", () => rest.control.open === 1);
    const [task] = (
      await rest.control.list({}, { limit: 500, offset: 0, newestFirst: false })
    ).filter(({ key }) => key === "held");
    rest.control.end(task?.id ?? "", "ERROR");
    const answer = await held;
    expect(answer.status).toBe(201);
    expect(answer.json()).toMatchObject({ state: "ERROR", warnings: [] });
    expect(rest.clock.pending()).toBe(0);
  });

  it("answers 504 with the id when its time is over", async () => {
    const held = submit({ type: "bash_task" }, {}, "?wait=30s");
    await eventually("the wait is open", () => rest.control.open === 1);
    rest.clock.advance(30_000);
    const answer = await held;
    expect(answer.status).toBe(504);
    const error = answer.json() as { details: { id: string } };
    expect(error).toMatchObject({ code: "WAIT_TIMEOUT" });
    expect(answer.headers.location).toBe(`/task/${error.details.id}`);
  });

  it("ends when the client goes", async () => {
    const body = '{"type": "bash_task"}';
    void rest.raw(
      `POST /task/?wait=1h HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      () => true,
    );
    const message = rest.open("POST", "/task/?wait=1h", { body });
    await eventually("the waits are open", () => rest.control.open === 2);
    await rest.stop(0);
    expect((await message).statusCode).toBe(503);
    await eventually("no wait is open", () => rest.control.open === 0);
    rest = await startRest();
  });

  it.each(["soon", "-1", "25h", ""])("refuses %j", async (wait) => {
    const answer = await submit({ type: "bash_task" }, {}, `?wait=${wait}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ code: "QUERY_INVALID", details: { field: "wait" } });
  });

  it("refuses other query parameters", async () => {
    const answer = await submit({ type: "bash_task" }, {}, "?wiat=1s");
    expect(answer.json()).toMatchObject({
      error: 'there is no query parameter "wiat"; did you mean wait?',
    });
  });
});

it("takes the quick start's form with the fields as a form field", async () => {
  const answer = await rest.ask(
    "POST",
    "/task/",
    multipartBody([
      { name: "data", content: '{"type": "python_hello", "environment": {"frogs": 5}}' },
      { name: "blanket.json", content: "{}", filename: "blanket.json" },
    ]),
  );
  expect(answer.status).toBe(201);
  expect(rest.control.submissions.at(-1)).toMatchObject({ environment: { frogs: "5" } });
});
