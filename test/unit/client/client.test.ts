/**
 * Goal: the client asks REST what its methods say, streams uploads, goes on behind a break, and
 * names every failure.
 * Method: the real REST adapter over a fake node; small servers of our own where a node would not
 * misbehave by itself.
 */
import { truncateSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type AddressInfo } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { parseBaseUrl } from "../../../src/client/base-url.ts";
import { createClient, type Client } from "../../../src/client/client.ts";
import type { LogItem } from "../../../src/client/log.ts";
import { BlanketError } from "../../../src/core/errors.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/node.ts";
import { startRest, type Rest } from "../../support/rest.ts";
import { shownTask } from "../../support/shown.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

let rest: Rest;
let client: Client;

beforeAll(async () => {
  rest = await startRest();
  client = createClient({ url: `http://127.0.0.1:${rest.port}` });
});

afterAll(async () => {
  client.close();
  await rest.stop();
});

async function failureOf(act: Promise<unknown>): Promise<BlanketError> {
  try {
    await act;
  } catch (error) {
    if (error instanceof BlanketError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** A server of our own for what a node does not do by itself. */
async function serveWith(
  answer: (request: IncomingMessage, reply: ServerResponse, count: number) => void,
  timeoutMs = 2_000,
): Promise<Client> {
  let count = 0;
  const server = createServer((request, reply) => answer(request, reply, (count += 1)));
  const url = `http://127.0.0.1:${await listen(server)}`;
  const asking = createClient({ url, timeoutMs });
  onTestFinished(() => {
    asking.close();
    server.closeAllConnections();
    server.close();
  });
  return asking;
}

async function listen(server: Server | ReturnType<typeof createSocketServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function collected(items: AsyncIterable<LogItem>): Promise<readonly LogItem[]> {
  const all: LogItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("tasks", () => {
  test("are submitted, found, changed and removed", async () => {
    const { task, created, warnings } = await client.submit({
      type: "bash_task",
      environment: { A: 1 },
      key: "k1",
    });
    expect({ created, warnings }).toEqual({ created: true, warnings: [] });
    expect((await client.submit({ type: "bash_task", key: "k1" })).created).toBe(false);
    expect(await client.task(task.id)).toEqual(task);
    expect((await client.pauseTask(task.id)).state).toBe("PAUSED");
    expect((await client.resumeTask(task.id)).state).toBe("WAITING");
    expect((await client.cancelTask(task.id)).state).toBe("STOPPED");
    expect((await client.retryTask(task.id)).retryOf).toBe(task.id);
    expect(await client.removeTask(task.id)).toEqual({ id: task.id });
  });

  test("are listed by what a query says", async () => {
    await client.tasks({
      states: ["ERROR", "LOST"],
      maxTags: [],
      types: ["a b"],
      limit: 3,
      reverseSort: true,
      finishedAfter: "1764000000",
    });
    expect(rest.control.lists.at(-1)).toEqual({
      filter: {
        states: ["ERROR", "LOST"],
        maxTags: [],
        types: ["a b"],
        finishedAfter: 1_764_000_000_000,
      },
      page: { limit: 3, offset: 0, newestFirst: true },
    });
  });

  test("take files along, which are streamed", async () => {
    const directory = await tempDirectory();
    const big = join(directory, "big");
    writeFileSync(big, Buffer.alloc(3_000_000, "x"));
    writeFileSync(join(directory, "empty"), "");
    const from = rest.control.submissions.length;
    await client.submit({ type: "bash_task", environment: { A: "ö" } }, [
      { path: big, destination: 'in/bi"g' },
      { path: join(directory, "empty"), destination: "empty" },
    ]);
    const [submission] = rest.control.submissions.slice(from);
    expect(submission?.files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      ['in/bi"g', 3_000_000],
      ["empty", 0],
    ]);
    expect(submission?.environment).toEqual({ A: "ö" });
  });

  test("an answer that comes before a file is sent ends the sending", async () => {
    const path = join(await tempDirectory(), "large");
    writeFileSync(path, "");
    truncateSync(path, 64 * 1_024 * 1_024);
    const closed = Promise.withResolvers<number>();
    const asking = await serveWith((request, reply) => {
      const refusal = { error: "no.", code: "UPLOAD_TOO_LARGE", details: {} };
      reply.writeHead(413).end(JSON.stringify(refusal));
      let bytes = 0;
      request.on("data", (chunk: Uint8Array) => (bytes += chunk.length));
      request.socket.once("close", () => closed.resolve(bytes));
      // Silence would end it otherwise.
    }, 600_000);
    const error = await failureOf(
      asking.submit({ type: "bash_task" }, [{ path, destination: "large" }]),
    );
    expect(error).toMatchObject({ code: "UPLOAD_TOO_LARGE", message: "no." });
    expect(await closed.promise).toBeLessThan(64 * 1_024 * 1_024);
  });

  test("a file that can't be read is named before anything is sent", async () => {
    const from = rest.control.submissions.length;
    const directory = await tempDirectory();
    const missing = { path: join(directory, "none"), destination: "none" };
    const error = await failureOf(client.submit({ type: "bash_task" }, [missing]));
    expect(error).toMatchObject({ code: "UPLOAD_INVALID" });
    expect(error.message).toContain("(it is not there)");
    const itself = { path: directory, destination: "d" };
    expect((await failureOf(client.submit({ type: "bash_task" }, [itself]))).message).toContain(
      "(it is not a regular file)",
    );
    expect(rest.control.submissions.length).toBe(from);
  });
});

describe("workers, types and nodes", () => {
  test("are listed and changed", async () => {
    const [worker] = await client.addWorkers({ tags: ["gpu"], count: 1 });
    expect(worker?.tags).toEqual(["gpu"]);
    expect((await client.workers()).map(({ id }) => id)).toContain(worker?.id);
    expect(await client.removeWorker(worker?.id ?? "")).toEqual({ id: worker?.id });
    expect((await client.taskTypes()).map(({ name }) => name)).toEqual(["bash_task"]);
    expect((await client.taskType("bash_task")).problems).toHaveLength(1);
    expect((await client.nodes()).map(({ name }) => name)).toEqual(["rabbit"]);
  });

  test("attached workers live until they are let go", async () => {
    const controller = new AbortController();
    const { workers, lost } = await client.attachWorkers(
      { tags: ["gpu"], count: 2 },
      controller.signal,
    );
    expect(workers.map(({ kind }) => kind)).toEqual(["attached", "attached"]);
    controller.abort();
    await expect(lost).rejects.toThrow();
    await eventually("the workers are gone", async () => {
      const left = await client.workers();
      return left.every(({ kind }) => kind !== "attached");
    });
  });

  test("a connection that ends tells that the workers are lost", async () => {
    const asking = await serveWith((_request, reply) => {
      reply.writeHead(201, { "content-type": "text/event-stream" });
      reply.end("event: workers\ndata: []\n\n:\n\n");
    });
    const { lost } = await asking.attachWorkers(
      { tags: [], count: 1 },
      new AbortController().signal,
    );
    await expect(lost).rejects.toMatchObject({ code: "NODE_UNREACHABLE" });
  });
});

describe("logs", () => {
  test("are followed until the task has ended", async () => {
    const task = shownTask({ id: "aaaaaaaa-0000-8000-8000-000000000000", state: "RUNNING" });
    rest.control.put(task);
    const position = { stdout: 4, stderr: 0 };
    rest.control.tell(task.id, { kind: "line", stream: "stdout", text: "one", position });
    const items = client.followLog(task.id, { stream: "both" });
    expect((await items.next()).value).toEqual({ kind: "line", stream: "stdout", text: "one" });
    rest.control.tell(
      task.id,
      { kind: "line", stream: "stderr", text: "two", position: { stdout: 4, stderr: 4 } },
      { kind: "end", state: "SUCCESS" },
    );
    expect(await collected(items)).toEqual([
      { kind: "line", stream: "stderr", text: "two" },
      { kind: "end", state: "SUCCESS" },
    ]);
  });

  test("go on behind the last line after a break", async () => {
    const asked: (string | undefined)[] = [];
    const asking = await serveWith((request, reply, count) => {
      asked.push(request.headers["last-event-id"] as string | undefined);
      reply.writeHead(count === 2 ? 503 : 200, { "content-type": "text/event-stream" });
      if (count === 1) reply.write("id: 4\ndata: one\n\nid: 8\ndata: tw", () => reply.destroy());
      else if (count === 2) reply.end('{"error":"it stops.","code":"NODE_STOPPING"}');
      else reply.end('id: 8\ndata: two\n\nevent: end\ndata: {"state":"ERROR"}\n\n');
    });
    expect(await collected(asking.followLog("0e", { stream: "stderr" }))).toEqual([
      { kind: "line", stream: "stderr", text: "one" },
      { kind: "line", stream: "stderr", text: "two" },
      { kind: "end", state: "ERROR" },
    ]);
    expect(asked).toEqual([undefined, "4", "4"]);
  });

  test("a task that is unknown is told at once, and so is a node that is not there", async () => {
    const unknown = client.followLog("77", { stream: "both" });
    expect(await failureOf(unknown.next())).toMatchObject({ code: "TASK_UNKNOWN" });
    const nobody = createClient({ url: `http://127.0.0.1:${await freePort()}` });
    const absent = nobody.followLog("77", { stream: "both" });
    expect(await failureOf(absent.next())).toMatchObject({ code: "NODE_UNREACHABLE" });
  });
});

describe("failures", () => {
  test("an error of the node keeps its code, sentence and details", async () => {
    const asking = await serveWith((_request, reply) => {
      reply.writeHead(409).end('{"error":"no.","code":"KEY_REUSED","details":{"key":"k"}}');
    });
    expect(await failureOf(asking.task("1"))).toMatchObject({
      code: "KEY_REUSED",
      message: "no.",
      details: { key: "k" },
    });
  });

  test.each([
    [404, "ROUTE_UNKNOWN"],
    [409, "TRANSITION_ILLEGAL"],
    [418, "FIELD_INVALID"],
    [503, "STORE_UNAVAILABLE"],
    [500, "INTERNAL"],
  ])("a code of a newer node with status %d is one of its kind", async (status, code) => {
    const asking = await serveWith((_request, reply) => {
      reply.writeHead(status).end('{"error":"new.","code":"FROM_THE_FUTURE"}');
    });
    expect(await failureOf(asking.task("1"))).toMatchObject({ code, message: "new." });
  });

  test("nobody there: the sentence of the contract", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await failureOf(createClient({ url }).nodes())).toMatchObject({
      code: "NODE_UNREACHABLE",
      message: `nothing answers at ${url}. Start a node with \`blanket node\`, or name another with -u or BLANKET_URL.`,
    });
  });

  test("something else there: it is said", async () => {
    const asking = await serveWith((_request, reply) => reply.end("<html>"));
    expect((await failureOf(asking.nodes())).message).toContain("is no Blanket node");
    const other = await serveWith((_request, reply) => reply.writeHead(404).end("not found"));
    expect((await failureOf(other.nodes())).message).toContain("is no Blanket node");
    const server = createSocketServer((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
    onTestFinished(() => void server.close());
    const ssh = createClient({ url: `http://127.0.0.1:${await listen(server)}` });
    expect((await failureOf(ssh.nodes())).message).toContain("is no Blanket node");
  });

  test("silence is given up", async () => {
    const server = createSocketServer(() => undefined);
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${await listen(server)}`;
    const asking = createClient({ url, timeoutMs: 50 });
    expect((await failureOf(asking.nodes())).message).toContain("does not answer in time");
  });

  test("an answer that breaks off is said", async () => {
    const asking = await serveWith((_request, reply) => {
      reply.writeHead(200, { "content-length": 100 });
      reply.write("[", () => reply.destroy());
    });
    expect((await failureOf(asking.nodes())).message).toContain("broke off");
  });

  test("only a task with a key is sent again by itself", async () => {
    const answers: number[] = [];
    const asking = await serveWith((_request, reply, count) => {
      answers.push(count);
      if (count % 2 === 1) reply.destroy();
      else reply.writeHead(201).end(JSON.stringify({ ...shownTask(), warnings: ["w"] }));
    });
    expect(await asking.submit({ type: "t", key: "k" })).toMatchObject({ warnings: ["w"] });
    expect(answers).toEqual([1, 2]);
    expect(await failureOf(asking.submit({ type: "t" }))).toMatchObject({
      code: "NODE_UNREACHABLE",
    });
    expect(answers).toEqual([1, 2, 3]);
  });

  test("the token goes along", async () => {
    const server = createServer((request, reply) => {
      reply.end(JSON.stringify([request.headers.authorization]));
    });
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${await listen(server)}`;
    const asking = createClient({ url, token: "secret" });
    expect(await asking.nodes()).toEqual(["Bearer secret"]);
    asking.close();
  });
});

describe("addresses", () => {
  test.each([
    ["rabbit:8773", "http://rabbit:8773"],
    ["http://rabbit:8773/", "http://rabbit:8773"],
    ["https://example.org/blanket/", "https://example.org/blanket"],
    ["[::1]:1", "http://[::1]:1"],
  ])("%s is %s", (text, url) => {
    expect(parseBaseUrl(text)).toBe(url);
  });

  test.each(["", "ftp://rabbit", "http://", "http://rabbit/?a=1", "http://a b"])(
    "%j is refused",
    (text) => {
      expect(() => parseBaseUrl(text)).toThrow("is no address of a node; write http://HOST:PORT");
    },
  );
});
