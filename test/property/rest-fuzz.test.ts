/**
 * Goal: whatever a client sends, the answer is one of ours: never 500, never a hang, always an
 * error in the usual form where it is one. Method: random bodies, queries, paths and headers over
 * real sockets against a fake product; a failure prints the seed and the smallest request.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { errorKinds } from "../../src/core/errors.ts";
import { multipartBody, startRest, type Answer, type Rest } from "../support/rest.ts";

let rest: Rest;
beforeAll(async () => {
  rest = await startRest();
  await rest.ask("POST", "/task/", { body: '{"type": "bash_task"}' });
});
afterAll(() => rest.stop());

function isOurs(answer: Answer): boolean {
  if (answer.status < 400) return true;
  const error = answer.json() as { error: string; code: string; details: object };
  return (
    answer.status !== 500 &&
    Object.hasOwn(errorKinds, error.code) &&
    error.error.length > 10 &&
    typeof error.details === "object"
  );
}

const fieldNames = fc.oneof(
  fc.constantFrom("type", "environment", "tags", "key", "priority", "timeout", "notBefore"),
  fc.constantFrom("expires", "onLost", "__proto__", "constructor", "toString", ""),
  fc.string(),
);
const jsonBodies = fc.oneof(
  fc.dictionary(fieldNames, fc.oneof(fc.jsonValue(), fc.string(), fc.double(), fc.integer())),
  fc.jsonValue(),
);

function holds<T>(property: fc.IAsyncProperty<T>): Promise<void> {
  return fc.assert(property, { numRuns: 150 });
}

describe("any request", () => {
  it("with any JSON body is answered", async () => {
    const runs = fc.asyncProperty(jsonBodies, async (body) =>
      isOurs(await rest.ask("POST", "/task/", { body: JSON.stringify(body) })),
    );
    await expect(holds(runs)).resolves.toBeUndefined();
  });

  it("with any bytes as a body is answered", async () => {
    const types = fc.constantFrom("application/json", "text/plain", "multipart/form-data");
    const runs = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), types, async (body, type) => {
      const headers = { "content-type": type };
      return isOurs(await rest.ask("POST", "/task/", { body, headers }));
    });
    await expect(holds(runs)).resolves.toBeUndefined();
  });

  it("with any form is answered", async () => {
    const part = fc.record({
      name: fc.oneof(fc.constantFrom("data", "a/b", "../x", "constructor"), fc.string()),
      content: fc.oneof(fc.json(), fc.string(), fc.uint8Array()),
      filename: fc.option(fc.string(), { nil: undefined }),
      type: fc.option(fc.constantFrom("application/json", "text/plain", ";"), { nil: undefined }),
    });
    const cut = fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined });
    const runs = fc.asyncProperty(fc.array(part, { maxLength: 4 }), cut, async (parts, length) => {
      const { headers, body } = multipartBody(parts as Parameters<typeof multipartBody>[0]);
      return isOurs(await rest.ask("POST", "/task/", { headers, body: body.subarray(0, length) }));
    });
    await expect(holds(runs)).resolves.toBeUndefined();
  });

  it("with any path and query is answered", async () => {
    const methods = fc.constantFrom("GET", "PUT", "DELETE", "POST", "HEAD", "OPTIONS", "PATCH");
    const parts = fc.oneof(
      fc.constantFrom(
        "task",
        "worker",
        "results",
        "log",
        "raw",
        "tail",
        "cancel",
        "node",
        "..",
        "",
      ),
      fc.string().map(encoded),
      fc.string({ unit: fc.constantFrom("%", "2", "e", "f", "0", "/", ".") }),
    );
    const query = fc.dictionary(
      fc.oneof(fc.constantFrom("limit", "states", "n", "wait", "createdAfter"), fc.string()),
      fc.oneof(fc.string(), fc.integer().map(String)),
    );
    const runs = fc.asyncProperty(methods, fc.array(parts), query, async (method, path, given) => {
      const url = `/${path.join("/")}?${new URLSearchParams(given).toString()}`;
      const answer = await rest.ask(method, url);
      return method === "HEAD" ? answer.status !== 500 : isOurs(answer);
    });
    await expect(holds(runs)).resolves.toBeUndefined();
  });
});

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
