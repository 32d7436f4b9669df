/**
 * Goal: a task that can't be taken is refused with its status, code and one sentence that says what
 * to do, by REST and by the command line, and nothing of it is left behind.
 * Method: one node; raw bodies as JSON, as a form field and as a file of a form, and the same
 * mistakes typed as commands. After each the node holds no task and is ready.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { createCli } from "../support/cli.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { expectFailed, expectRefused, type Refusal } from "../support/refusal.ts";

const types = {
  needs: `command = 'echo "$WORD"'
[[environment.required]]
name = "WORD"
description = "What to say"`,
  undefined: "command = 'echo {{.COLOUR}} {{.SHAPE}}'",
};

let node: TestNode;
let typesDirectory: string;

beforeAll(async () => {
  typesDirectory = mkdtempSync(join(tmpdir(), "blanket-types-"));
  for (const [name, text] of Object.entries(types)) {
    writeFileSync(join(typesDirectory, `${name}.toml`), text);
  }
  node = await startTestNode({ args: ["--types", typesDirectory] });
});

afterAll(async () => {
  await node.dispose();
  rmSync(typesDirectory, { recursive: true, force: true });
});

afterEach(async () => {
  expect(await (await node.request("GET", "/task/?count=true")).text()).toBe("0");
  expect((await node.request("GET", "/health/ready")).status).toBe(200);
  for (const left of ["results", "blobs"]) expect(filesBelow(left)).toEqual([]);
});

function filesBelow(name: string): readonly string[] {
  try {
    return readdirSync(join(node.dataDirectory, name), { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}

const tooLong = "x".repeat(48 * 1_024);

const submissions: readonly (Refusal & {
  readonly name: string;
  readonly body: string | Uint8Array;
})[] = [
  {
    name: "JSON that breaks off",
    body: '{"type": "bash_task"',
    status: 400,
    code: "BODY_MALFORMED",
    says: /is not JSON \(.+\); send JSON, such as /,
  },
  {
    name: "no JSON at all",
    body: "type=bash_task",
    status: 400,
    code: "BODY_MALFORMED",
    says: /is not JSON \(.+\); send JSON, such as /,
  },
  {
    name: "bytes that are no text",
    body: Buffer.from('{"type": "bash_task", "key": "\xff"}', "latin1"),
    status: 400,
    code: "BODY_MALFORMED",
    says: "send JSON in UTF-8",
  },
  {
    name: "a list",
    body: '[{"type": "bash_task"}]',
    status: 400,
    code: "BODY_MALFORMED",
    says: "must be a JSON object, and is a list; write the fields between { and }",
  },
  {
    name: "no type",
    body: '{"environment": {"WORD": "hello"}}',
    status: 400,
    code: "FIELD_INVALID",
    says: 'the field type is missing; name a task type, such as {"type": "bash_task"}',
  },
  {
    name: "a type that is not there",
    body: '{"type": "bash_taks"}',
    status: 422,
    code: "TYPE_UNKNOWN",
    says: "there is no task type bash_taks; did you mean bash_task?",
  },
  {
    name: "a type named like a path",
    body: '{"type": "../bash_task"}',
    status: 400,
    code: "FIELD_INVALID",
    says: "name a type, not a file",
  },
  {
    name: "a nested value",
    body: '{"type": "bash_task", "environment": {"DEEP": {"a": 1}}}',
    status: 400,
    code: "ENVIRONMENT_INVALID",
    says: "environment.DEEP is an object, and a variable holds one text",
  },
  {
    name: "a list as a value",
    body: '{"type": "bash_task", "environment": {"MANY": [1, 2]}}',
    status: 400,
    code: "ENVIRONMENT_INVALID",
    says: "environment.MANY is a list, and a variable holds one text",
  },
  {
    name: "a NUL in a value",
    body: String.raw`{"type": "bash_task", "environment": {"BYTES": "a\u0000b"}}`,
    status: 400,
    code: "ENVIRONMENT_INVALID",
    says: "environment.BYTES holds a NUL byte, which no environment can: upload it as a file",
  },
  {
    name: "a NUL in the body",
    body: '{"type": "bash_task", "environment": {"BYTES": "a\0b"}}',
    status: 400,
    code: "BODY_MALFORMED",
    says: "is not JSON",
  },
  {
    name: "a NUL in the key",
    body: String.raw`{"type": "bash_task", "key": "a\u0000b"}`,
    status: 400,
    code: "FIELD_INVALID",
    says: "no control characters",
  },
  {
    name: "a name that is none",
    body: '{"type": "bash_task", "environment": {"NOT-A-NAME": 1}}',
    status: 400,
    code: "ENVIRONMENT_INVALID",
    says: 'environment."NOT-A-NAME" is no name for a variable',
  },
  {
    name: "more than 48 KiB",
    body: JSON.stringify({ type: "bash_task", environment: { LONG: tooLong } }),
    status: 413,
    code: "SPEC_TOO_LARGE",
    says: "a task may have 48; upload large content as a file",
  },
  {
    name: "a required variable that is missing",
    body: '{"type": "needs"}',
    status: 400,
    code: "VARIABLE_MISSING",
    says: /\bWORD\b.*\bneeds\b|\bneeds\b.*\bWORD\b/,
  },
  {
    name: "a template without its values",
    body: '{"type": "undefined", "environment": {"SHAPE": "round"}}',
    status: 400,
    code: "VARIABLE_MISSING",
    says: "{{.COLOUR}}",
  },
];

describe("a submission with", () => {
  it.each(submissions)("$name is refused", async ({ body, ...refusal }) => {
    await expectRefused(await post({ body }), refusal);
    await expectRefused(await post({ body: form(body) }), refusal);
    await expectRefused(await post({ body: form(new Blob([Buffer.from(body)])) }), refusal);
  });

  it("an empty body is refused", async () => {
    const refusal = {
      status: 400,
      code: "BODY_MALFORMED",
      says: "the body is empty; send",
    } as const;
    await expectRefused(await post({ body: "" }), refusal);
    await expectRefused(await post({}), refusal);
  });

  it("a body larger than any is refused", async () => {
    const body = JSON.stringify({ type: "bash_task", key: "x".repeat(600 * 1_024) });
    const refusal = { status: 413, code: "BODY_TOO_LARGE", says: "has at most 512 KiB" } as const;
    await expectRefused(await post({ body }), refusal);
    await expectRefused(await post({ body: form(body) }), refusal);
    await expectRefused(await post({ body: form(new Blob([body])) }), refusal);
  });
});

describe("blanket submit", () => {
  it.each([
    { args: [], says: "name a task type, such as `blanket submit bash_task`" },
    { args: ["bash_taks"], says: "there is no task type bash_taks; did you mean bash_task?" },
    { args: ["bash_task", "-e", '{"A": '], says: "-e begins like JSON and is none" },
    { args: ["bash_task", "-e", '{"DEEP": {"a": 1}}'], says: "environment.DEEP is an object" },
    { args: ["bash_task", "-e", "NOT-A-NAME=1"], says: "is no name for a variable" },
    { args: ["bash_task", "-e", String.raw`{"A": "a\u0000b"}`], says: "holds a NUL byte" },
    { args: ["bash_task", "-e", `LONG=${tooLong}`], says: "a task may have 48" },
    { args: ["needs"], says: "WORD" },
    { args: ["undefined", "-e", "SHAPE=round"], says: "{{.COLOUR}}" },
  ])("with $args.0 $says exits with 2", async ({ args, says }) => {
    expectFailed(await createCli(node.url).blanket("submit", ...args), 2, says);
  });
});

function post(init: RequestInit): Promise<Response> {
  return fetch(`${node.url}/task/`, { method: "POST", ...init });
}

/** A form whose part `data` is a field or a file. */
function form(data: string | Uint8Array | Blob): FormData {
  const parts = new FormData();
  if (data instanceof Uint8Array) parts.set("data", new Blob([Buffer.from(data)]));
  else parts.set("data", data);
  return parts;
}
