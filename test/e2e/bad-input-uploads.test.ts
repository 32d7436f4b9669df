/**
 * Goal: a file goes into its task's directory or nowhere.
 * Method: one node that takes files of at most 1 MiB; forms whose field names lead elsewhere, name
 * what Blanket writes itself, or whose files are too long, as bytes on a socket and through the
 * command line. After each there is no task, no file beside and none half stored, and the node is
 * ready.
 */
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { createCli } from "../support/cli.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { expectFailed, expectRefused } from "../support/refusal.ts";
import { multipartBody } from "../support/rest.ts";

const bytesMax = 1_024 * 1_024;
const task = { name: "data", content: '{"type": "bash_task"}' };

let node: TestNode;
let place: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "blanket-uploads-"));
  const config = join(place, "node.toml");
  writeFileSync(config, `upload_bytes_max = ${bytesMax}\n`);
  writeFileSync(join(place, "small"), "hello\n");
  node = await startTestNode({ args: ["--config", config] });
});

afterAll(async () => {
  await node.dispose();
  rmSync(place, { recursive: true, force: true });
});

afterEach(async () => {
  expect(await (await node.request("GET", "/task/?count=true")).text()).toBe("0");
  expect((await node.request("GET", "/health/ready")).status).toBe(200);
  expect(filesBelow("results")).toEqual([]);
  expect(filesBelow("blobs/incoming")).toEqual([]);
});

function filesBelow(name: string): readonly string[] {
  try {
    return readdirSync(join(node.dataDirectory, name), { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}

const names: readonly (readonly [name: string, says: string])[] = [
  ["../escaped", 'has a part "..", which names no file'],
  ["a/../../escaped", 'has a part "..", which names no file'],
  ["..", 'has a part "..", which names no file'],
  [".", 'has a part ".", which names no file'],
  ["/tmp/escaped", "is absolute; name a place in the task's directory"],
  ["C:/escaped", "is absolute; name a place in the task's directory"],
  ["a//b", "has an empty part; write one / between parts"],
  ["blanket.stdout.log", "is written by Blanket itself; choose another name"],
  ["blanket.stderr.log", "is written by Blanket itself; choose another name"],
  ["Blanket.Stdout.LOG", "is written by Blanket itself; choose another name"],
  ["blanket.stdout.log/inside", "is written by Blanket itself; choose another name"],
];

describe("a file part named", () => {
  it.each(names)("%s is refused, wherever in the form it stands", async (name, says) => {
    const file = { name, content: "hello\n", filename: "hello.txt" };
    const refusal = { status: 400, code: "UPLOAD_INVALID", says } as const;
    await expectRefused(await post(multipartBody([task, file])), refusal);
    await expectRefused(await post(multipartBody([file, task])), refusal);
  });

  it.each([
    ["with a backslash", String.raw`..\escaped`, "holds a backslash; write / between parts"],
    ["longer than any path", "x".repeat(1_025), "is longer than 1024 bytes"],
    ["with a part longer than any name", "x".repeat(256), "has a part longer than 255 bytes"],
    ["with a control character", "a\u0001b", "holds a control character"],
  ])("%s is refused", async (_what, name, says) => {
    const file = { name: name.replaceAll("\\", "\\\\"), content: "hello\n", filename: "x" };
    const refusal = { status: 400, code: "UPLOAD_INVALID", says } as const;
    await expectRefused(await post(multipartBody([task, file])), refusal);
  });

  it.each([
    ["the same", "a", "a", "is there twice; give each file its own name"],
    ["the directory of another", "a/b", "a", "is a file here and a directory there"],
    ["a file below another", "a", "a/b", "is a file here and a directory there"],
  ])("%s as before is refused", async (_what, first, second, says) => {
    const files = [first, second].map((name) => ({ name, content: "", filename: "x" }));
    const refusal = { status: 400, code: "UPLOAD_INVALID", says } as const;
    await expectRefused(await post(multipartBody([task, ...files])), refusal);
  });
});

describe("a form", () => {
  it("without the task is refused", async () => {
    const form = multipartBody([{ name: "a.txt", content: "hello\n", filename: "a.txt" }]);
    await expectRefused(await post(form), {
      status: 400,
      code: "UPLOAD_INVALID",
      says: "the part data with the task's fields is missing; send -F data=",
    });
  });

  it("that breaks off is refused", async () => {
    const { headers, body } = multipartBody([task, { name: "a", content: "", filename: "a" }]);
    await expectRefused(await post({ headers, body: body.slice(0, -20) }), {
      status: 400,
      code: "UPLOAD_INVALID",
      says: "broke off; send it again",
    });
  });

  it("with a file over the limit is refused, and nothing of the file stays", async () => {
    const before = filesBelow("blobs");
    const content = new Uint8Array(bytesMax + 1);
    const file = { name: "big.bin", content, filename: "big.bin" };
    const refusal = {
      status: 413,
      code: "UPLOAD_TOO_LARGE",
      says: "the file big.bin is larger than 1 MiB, the most that is taken; let the command fetch",
    } as const;
    await expectRefused(await post(multipartBody([task, file])), refusal);
    await expectRefused(await post(multipartBody([file, task])), refusal);
    expect(filesBelow("blobs")).toEqual(before);
  });
});

describe("blanket submit -f", () => {
  it.each([
    ["small:../escaped", 'has a part "..", which names no file'],
    ["small:/tmp/escaped", "is absolute; name a place in the task's directory"],
    ["small:blanket.stderr.log", "is written by Blanket itself; choose another name"],
    ["nowhere.txt", "nowhere.txt can't be uploaded (it is not there); name a file that can"],
    ["", "can't be uploaded (it is not a regular file); name a file that can be read"],
  ])("%s exits with 2", async (file, says) => {
    const cli = createCli(node.url);
    const ended = await cli.blanket("submit", "bash_task", "-f", join(place, file));
    expectFailed(ended, 2, says);
  });

  it("with a file far over the limit exits with 2 and the node's own words", async () => {
    const big = join(place, "big.bin");
    writeFileSync(big, "");
    truncateSync(big, 40 * bytesMax);
    const ended = await createCli(node.url).blanket("submit", "bash_task", "-f", big);
    expectFailed(ended, 2, "the file big.bin is larger than 1 MiB, the most that is taken");
  });
});

function post(form: ReturnType<typeof multipartBody>): Promise<Response> {
  const { headers, body } = form;
  return fetch(`${node.url}/task/`, { method: "POST", headers, body: Buffer.from(body) });
}
