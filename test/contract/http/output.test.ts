/**
 * Goal: logs and results reach a reader byte for byte, resume where they broke off, end with their
 * task, and can never act in a browser. Method: real requests against a fake product whose log and
 * files a test writes.
 */
import type { IncomingMessage } from "node:http";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { LogEvent } from "../../../src/ports/control.ts";
import type { ResultNode } from "../../../src/ports/files.ts";
import { eventually } from "../../support/eventually.ts";
import { readAll, startRest, type Rest } from "../../support/rest.ts";
import { shownTask } from "../../support/shown.ts";

const id = "cccccccc-0000-8000-8000-000000000001";

let rest: Rest;
beforeAll(async () => {
  rest = await startRest();
  rest.control.put(shownTask({ id, state: "RUNNING" }));
});
afterAll(() => rest.stop());

function line(stream: "stdout" | "stderr", text: string, stdout: number, stderr: number): LogEvent {
  return { kind: "line", stream, text, position: { stdout, stderr } };
}

async function readUntil(message: IncomingMessage, wanted: string): Promise<string> {
  let got = "";
  message.on("data", (chunk: Buffer) => {
    got += chunk.toString("utf8");
  });
  await eventually(`the stream says ${wanted}`, () => got.includes(wanted));
  return got;
}

describe("GET /task/:id/log", () => {
  it("sends both files as named events with both offsets, and the state at the end", async () => {
    rest.control.tell(id, line("stdout", "out", 4, 0), line("stderr", "err", 4, 4));
    const answer = await rest.ask("GET", `/task/${id}/log`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(answer.text).toBe(
      ":\n\nevent: stdout\nid: 4-0\ndata: out\n\n" +
        "event: stderr\nid: 4-4\ndata: err\n\n" +
        'event: end\ndata: {"state":"RUNNING"}\n\n',
    );
    expect(rest.control.logs.at(-1)?.request).toEqual({
      streams: ["stdout", "stderr"],
      from: { stdout: 0, stderr: 0 },
      follow: false,
    });
  });

  it("sends one file as plain events with its offset", async () => {
    const answer = await rest.ask("GET", `/task/${id}/log?stream=stdout&attempt=2`);
    expect(answer.text).toContain("id: 4\ndata: out\n\n");
    expect(answer.text).not.toContain("event: stdout");
    expect(rest.control.logs.at(-1)?.request).toMatchObject({ streams: ["stdout"], attempt: 2 });
  });

  it("follows until the task has ended, with comments while it is silent", async () => {
    const message = await rest.open("GET", `/task/${id}/log?follow=true`);
    expect(rest.metrics.gaugeValue("streams_open")).toBe(1);
    rest.control.tell(id, { kind: "idle" }, line("stdout", "10%\r20%", 12, 4));
    const got = await readUntil(message, "20%");
    expect(got).toContain(":\n\nevent: stdout\nid: 12-4\ndata: 10%\ndata: 20%\n\n");
    rest.control.tell(id, { kind: "end", state: "SUCCESS" });
    await eventually("the answer has ended", () => message.complete);
    await eventually("the product's stream is closed", () => rest.control.open === 0);
  });

  it("lets go of the log when the reader goes", async () => {
    const other = "cccccccc-0000-8000-8000-000000000002";
    rest.control.put(shownTask({ id: other, state: "RUNNING" }));
    rest.control.tell(other, line("stdout", "x", 2, 0));
    const message = await rest.open("GET", `/task/${other}/log?follow=true`);
    await readUntil(message, "data: x");
    message.destroy();
    await eventually("the product's stream is closed", () => rest.control.open === 0);
    expect(rest.log.entries).toEqual([]);
  });

  it("answers HEAD without following", async () => {
    const answer = await rest.ask("HEAD", `/task/${id}/log?follow=true`);
    expect(answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    await eventually("nothing is held", () => rest.metrics.gaugeValue("streams_open") === 0);
    expect(rest.control.open).toBe(0);
  });

  it("asks for no more than a slow reader takes", async () => {
    const other = "cccccccc-0000-8000-8000-000000000003";
    rest.control.put(shownTask({ id: other, state: "RUNNING" }));
    let asked = 0;
    const text = "x".repeat(10_000);
    rest.control.log = async () =>
      (async function* () {
        for (; asked < 100_000; asked += 1) yield line("stdout", text, asked, 0);
      })();
    const message = await rest.open("GET", `/task/${other}/log?follow=true`);
    message.pause();
    let before = -1;
    await eventually("no more is asked for", () => {
      const isStill = asked === before && asked > 0;
      before = asked;
      return isStill;
    });
    expect(asked).toBeLessThan(10_000);
    message.destroy();
  });

  it.each([
    ["stream=both", "120-7", { stdout: 120, stderr: 7, attempt: 1 }],
    ["stream=both", "120-7@3", { stdout: 120, stderr: 7, attempt: 3 }],
    ["stream=stdout", "120", { stdout: 120, stderr: 0, attempt: 1 }],
    ["stream=stderr", "7@2", { stdout: 0, stderr: 7, attempt: 2 }],
  ])("resumes ?%s at Last-Event-ID %s", async (query, last, from) => {
    const fresh = await startRest();
    fresh.control.put(shownTask({ id, state: "SUCCESS" }));
    await fresh.ask("GET", `/task/${id}/log?${query}`, { headers: { "last-event-id": last } });
    expect(fresh.control.logs.at(-1)?.request.from).toEqual(from);
    await fresh.stop();
  });

  it.each([
    ["", { "last-event-id": "120" }, 400, "QUERY_INVALID"],
    ["?stream=stdout", { "last-event-id": "1-2" }, 400, "QUERY_INVALID"],
    ["?stream=stdout", { "last-event-id": "-1" }, 400, "QUERY_INVALID"],
    ["?stream=stdin", {}, 400, "QUERY_INVALID"],
    ["?attempt=0", {}, 400, "QUERY_INVALID"],
    ["?folow=true", {}, 400, "QUERY_INVALID"],
  ])("refuses %s with %j", async (query, headers, status, code) => {
    const answer = await rest.ask("GET", `/task/${id}/log${query}`, { headers });
    expect([answer.status, (answer.json() as { code: string }).code]).toEqual([status, code]);
  });
});

describe("GET /task/:id/log/tail", () => {
  const tailed = "cccccccc-0000-8000-8000-000000000004";

  it("answers the last lines as text, sandboxed", async () => {
    rest.control.put(shownTask({ id: tailed }));
    for (let n = 1; n <= 3; n += 1) rest.control.tell(tailed, line("stdout", `<b>${n}</b>`, n, 0));
    const answer = await rest.ask("GET", `/task/${tailed}/log/tail?n=2&stream=stdout`);
    expect(answer.text).toBe("<b>2</b>\n<b>3</b>\n");
    expect(answer.headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
    });
  });

  it.each([
    ["n=0", 200],
    ["n=10000", 200],
    ["n=10001", 400],
    ["n=-1", 400],
    ["n=x", 400],
  ])("answers ?%s with %i", async (query, status) => {
    expect((await rest.ask("GET", `/task/${tailed}/log/tail?${query}`)).status).toBe(status);
  });

  it("is 404 for a task that is not there", async () => {
    expect((await rest.ask("GET", "/task/dead/log/tail")).status).toBe(404);
  });
});

function fileOf(content: string | Uint8Array): ResultNode {
  const bytes = Buffer.from(content as string);
  return {
    kind: "file",
    sizeBytes: bytes.length,
    modifiedAt: 0,
    async *read(start = 0) {
      for (let at = start; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    },
  };
}

describe("GET /task/:id/log/raw", () => {
  it("answers the bytes from an offset on, and nothing where there is nothing yet", async () => {
    rest.control.putResult(id, "blanket.stderr.log", fileOf("0123456789abcdef"));
    const raw = (query: string) => rest.ask("GET", `/task/${id}/log/raw?${query}`);
    expect((await raw("stream=stderr")).text).toBe("0123456789abcdef");
    expect((await raw("stream=stderr&offset=10")).text).toBe("abcdef");
    expect((await raw("stream=stderr&offset=16")).text).toBe("");
    expect((await raw("stream=stderr&offset=99")).text).toBe("");
    expect((await raw("stream=stdout")).text).toBe("");
    const answer = await raw("stream=stderr&offset=10");
    expect(answer.headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-length": "6",
      "content-security-policy": "sandbox; default-src 'none'",
    });
  });

  it.each(["stream=both", "offset=-1", "offset=x", "offset=1.5"])("refuses ?%s", async (query) => {
    expect((await rest.ask("GET", `/task/${id}/log/raw?${query}`)).status).toBe(400);
  });

  it("is 404 for a task that is not there", async () => {
    expect((await rest.ask("GET", "/task/dead/log/raw")).status).toBe(404);
  });
});

describe("GET /results/:id/…", () => {
  beforeAll(() => {
    rest.control.putResult(id, "", {
      kind: "directory",
      entries: [{ name: 'a"b<c>.txt', kind: "file", sizeBytes: 3, modifiedAt: 1_764_000_000_000 }],
    });
    rest.control.putResult(id, "sub/page.html", fileOf("<script>alert(1)</script>"));
    rest.control.putResult(id, "sub/a b.txt", fileOf("0123456789"));
    rest.control.putResult(id, "é\r\n\"'.svg", fileOf("<svg/>"));
    rest.control.putResult(id, "a\\b", fileOf("backslash"));
    rest.control.putResult(id, "empty", fileOf(""));
  });

  it.each(["", "/"])("lists a directory at the root%s", async (slash) => {
    const answer = await rest.ask("GET", `/results/${id}${slash}`);
    expect(answer.json()).toEqual([
      { name: 'a"b<c>.txt', kind: "file", sizeBytes: 3, modifiedAt: "2025-11-24T16:00:00.000Z" },
    ]);
  });

  it("offers what a browser might run as a download under a sandbox", async () => {
    const answer = await rest.ask("GET", `/results/${id}/sub/page.html`);
    expect(answer.text).toBe("<script>alert(1)</script>");
    expect(answer.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": "attachment; filename*=UTF-8''page.html",
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "content-length": "25",
    });
  });

  it("shows text, with names that can't break out of a header", async () => {
    const text = await rest.ask("GET", `/results/${id}/sub/a%20b.txt`);
    expect(text.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(text.headers["content-disposition"]).toBe("inline; filename*=UTF-8''a%20b.txt");
    const odd = await rest.ask("GET", `/results/${id}/${encodeURIComponent("é\r\n\"'.svg")}`);
    expect(odd.status).toBe(200);
    expect(odd.headers["content-disposition"]).toBe(
      "attachment; filename*=UTF-8''%C3%A9%0D%0A%22%27.svg",
    );
  });

  it.each([
    ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=8-", 206, "89", "bytes 8-9/10"],
    ["bytes=-3", 206, "789", "bytes 7-9/10"],
    ["bytes=-30", 206, "0123456789", "bytes 0-9/10"],
    ["bytes=5-99", 206, "56789", "bytes 5-9/10"],
    ["bytes=10-", 416, "", "bytes */10"],
    ["bytes=5-2", 416, "", "bytes */10"],
    ["bytes=0-1,3-4", 200, "0123456789", undefined],
    ["bytes=-", 200, "0123456789", undefined],
    ["lines=1-2", 200, "0123456789", undefined],
  ])("answers Range: %s with %i", async (range, status, text, contentRange) => {
    const answer = await rest.ask("GET", `/results/${id}/sub/a%20b.txt`, { headers: { range } });
    expect([answer.status, answer.text]).toEqual([status, text]);
    expect(answer.headers["content-range"]).toBe(contentRange);
  });

  it("answers HEAD with the size and no body, and takes a backslash for a character", async () => {
    const head = await rest.ask("HEAD", `/results/${id}/sub/a%20b.txt`);
    expect([head.status, head.headers["content-length"], head.text]).toEqual([200, "10", ""]);
    expect((await rest.ask("GET", `/results/${id}/a%5Cb`)).text).toBe("backslash");
    expect((await rest.ask("GET", `/results/${id}/empty`)).headers["content-length"]).toBe("0");
  });

  it.each([
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
    "/sub/..%2f..%2f..%2fetc",
    "/%2fetc%2fpasswd",
    "/sub//page.html",
    "/sub/./page.html",
    "/sub%00/page.html",
    "/%2e",
    "/missing",
  ])("finds nothing at %s", async (path) => {
    const answer = await rest.ask("GET", `/results/${id}${path}`);
    expect(answer.status).toBe(404);
  });

  it("says beside a list that it does not hold everything", async () => {
    const entry = { name: "a", kind: "file", sizeBytes: 3, modifiedAt: 1_764_000_000_000 } as const;
    rest.control.putResult(id, "many", { kind: "directory", entries: [entry], isCut: true });
    rest.control.putResult(id, "few", { kind: "directory", entries: [entry] });
    const [many, few] = [
      await rest.ask("GET", `/results/${id}/many`),
      await rest.ask("GET", `/results/${id}/few`),
    ];
    expect(many.headers["x-blanket-cut"]).toBe("1");
    expect(few.headers["x-blanket-cut"]).toBeUndefined();
  });

  it("cuts the connection when a file has become shorter than its length said", async () => {
    const short: ResultNode = {
      kind: "file",
      sizeBytes: 10,
      modifiedAt: 0,
      async *read() {
        yield Buffer.from("12345");
      },
    };
    rest.control.putResult(id, "short", short);
    const message = await rest.open("GET", `/results/${id}/short`);
    await expect(readAll(message)).rejects.toThrow("aborted");
  });
});
