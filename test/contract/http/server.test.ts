/**
 * Goal: the server binds, refuses, stops and answers what no route takes as its users expect.
 * Method: real servers on loopback; what is not HTTP is sent byte by byte.
 */
import { connect, createServer, type AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { BlanketError } from "../../../src/core/errors.ts";
import { eventually } from "../../support/eventually.ts";
import { startRest, type Rest } from "../../support/rest.ts";

let rest: Rest;
beforeAll(async () => {
  rest = await startRest();
});
afterAll(() => rest.stop());

async function refusal(starting: Promise<Rest>): Promise<BlanketError> {
  try {
    await (await starting).stop();
  } catch (error) {
    if (error instanceof BlanketError) return error;
    throw error;
  }
  throw new Error("it started");
}

describe("start", () => {
  it.each(["0.0.0.0", "::", "192.168.1.20", "example.com", "127.0.0.1.example.com"])(
    "refuses %s without insecure",
    async (host) => {
      const error = await refusal(startRest({ host, port: 8_773 }));
      expect(error.code).toBe("BIND_INSECURE");
      expect(error.message).toContain("--http 127.0.0.1:8773");
    },
  );

  it.each([
    [{ host: "127.0.0.1" }, /^http:\/\/127\.0\.0\.1:\d+$/],
    [{ host: "localhost" }, /^http:\/\/127\.0\.0\.1:\d+$/],
    [{ host: "127.0.0.2" }, /^http:\/\/127\.0\.0\.2:\d+$/],
    [{ host: "0.0.0.0", insecure: true }, /^http:\/\/127\.0\.0\.1:\d+$/],
  ])("takes %j and says where it is", async (options, url) => {
    const started = await startRest(options);
    expect(started.url).toMatch(url);
    await started.stop();
  });

  it("says of a taken port which one is free", async () => {
    const error = await refusal(startRest({ port: rest.port }));
    expect(error.code).toBe("PORT_TAKEN");
    expect(error.cause).toMatchObject({ code: "EADDRINUSE" });
    const port = Number(/--http 127\.0\.0\.1:(\d+) --data/.exec(error.message)?.[1]);
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(port, "127.0.0.1", resolve));
    expect((probe.address() as AddressInfo).port).toBeGreaterThan(0);
    probe.close();
  });

  it("says of an address of another machine that it is none of this one", async () => {
    const error = await refusal(startRest({ host: "192.0.2.1", insecure: true }));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain("192.0.2.1");
  });
});

describe("stop", () => {
  it("is idempotent, and lets go of the port", async () => {
    const first = await startRest();
    await Promise.all([first.stop(), first.stop()]);
    const second = await startRest({ port: first.port });
    expect((await second.ask("GET", "/health/live")).status).toBe(200);
    await second.stop();
  });

  it("lets an answer that is on its way finish", async () => {
    const stopping = await startRest();
    const finish: (() => void)[] = [];
    stopping.control.list = () =>
      new Promise((resolve) => {
        finish.push(() => {
          resolve([]);
        });
      });
    const asked = stopping.ask("GET", "/task/");
    await eventually("it is asked", () => finish.length === 1);
    const stopped = stopping.stop();
    finish[0]?.();
    expect((await asked).text).toBe("[]");
    await stopped;
  });

  it("cuts what has not ended by the deadline", async () => {
    const stopping = await startRest();
    let asked = false;
    stopping.control.list = () => {
      asked = true;
      return new Promise(() => undefined);
    };
    const cut = stopping.ask("GET", "/task/").catch((error: unknown) => error);
    await eventually("it is asked", () => asked);
    const stopped = stopping.stop(5_000);
    stopping.clock.advance(5_000);
    await stopped;
    expect(await cut).toMatchObject({ code: "ECONNRESET" });
  });

  it("answers 503 to what comes over an open connection meanwhile", async () => {
    const stopping = await startRest();
    const finish: (() => void)[] = [];
    stopping.control.count = () =>
      new Promise((resolve) => {
        finish.push(() => {
          resolve(1);
        });
      });
    const request = "GET /task/?count=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const socket = connect(stopping.port, "127.0.0.1", () => socket.write(request));
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk.toString();
    });
    await eventually("the first is asked", () => finish.length === 1);
    const stopped = stopping.stop();
    socket.write(request);
    await eventually(
      "the second has arrived",
      () => stopping.metrics.counted("requests_refused_total") === 1,
    );
    finish[0]?.();
    await stopped;
    expect(got).toMatch(/^HTTP\/1\.1 200 [^]*HTTP\/1\.1 503 [^]*"code":"NODE_STOPPING"/);
  });

  it("closes connections that only idle", async () => {
    const stopping = await startRest();
    const idle = stopping.raw("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await eventually("it idles", async () => (await stopping.ask("GET", "/task/")).status === 200);
    await stopping.stop();
    expect(await idle).toContain('{"live":true}');
  });
});

describe("what no route takes", () => {
  it.each([
    ["GET", "/", 404, ""],
    ["GET", "/nothing", 404, ""],
    ["GET", "/TASK/", 404, ""],
    ["GET", "//task/", 404, ""],
    ["GET", "/task/a/b/c", 404, ""],
    ["PATCH", "/task/", 404, "GET, HEAD, POST"],
    ["POST", "/task/abc", 404, "DELETE, GET, HEAD"],
    ["GET", "/task/abc/cancel", 404, "PUT"],
    ["POST", "/results/abc/x/y", 404, "GET, HEAD"],
  ])("%s %s is %i with Allow: %s", async (method, path, status, allow) => {
    const answer = await rest.ask(method, path);
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ code: "ROUTE_UNKNOWN" });
    expect(answer.headers.allow ?? "").toBe(allow);
  });

  it("is said without what the query holds", async () => {
    const answer = await rest.ask("GET", "/nothing?token=hush");
    expect(answer.text).not.toContain("hush");
  });

  it("OPTIONS tells the methods of a path", async () => {
    const answer = await rest.ask("OPTIONS", "/task/abc/");
    expect([answer.status, answer.headers.allow]).toEqual([204, "DELETE, GET, HEAD"]);
  });

  it("HEAD is GET without its body", async () => {
    const get = await rest.ask("GET", "/version");
    const head = await rest.ask("HEAD", "/version");
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
  });
});

describe("what is not HTTP", () => {
  it.each([
    ["garbage", "GARBAGE\r\n\r\n", "400 Bad Request"],
    ["a TLS hello", "\x16\x03\x01\x02\x00\x01", "400 Bad Request"],
    ["too many headers", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, "431 "],
    ["a header with a NUL", "GET / HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n", "400 "],
    [
      "two lengths",
      "POST /task/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
      "400 ",
    ],
    [
      "length and chunks",
      "POST /task/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
      "400 ",
    ],
    [
      "a bad chunk",
      "POST /task/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "400 ",
    ],
  ])("%s gets an error in the usual form", async (_name, text, status) => {
    const got = await rest.raw(text);
    expect(got).toContain(`HTTP/1.1 ${status}`);
    expect(got).toMatch(/\{"error":"[^"]+\.","code":"[A-Z_]+","details":\{\}\}$/);
  });

  it("can't split an answer by a line end in a path, a key or a type", async () => {
    const paths = ["/task/%0d%0aX-Evil:1", "/nothing%0d%0aX-Evil:1"];
    for (const path of paths) {
      expect((await rest.ask("GET", path)).headers).not.toHaveProperty("x-evil");
    }
    const body = JSON.stringify({ type: "a\r\nX-Evil: 1", key: "b\r\nX-Evil: 1" });
    const answer = await rest.ask("POST", "/task/", { body });
    expect(answer.status).toBe(400);
    expect(answer.headers).not.toHaveProperty("x-evil");
  });
});
