/**
 * Goal: no page of another site reaches a node, by whatever trick of Host and Origin, while
 * programs do. Method: requests with the headers that browsers and attackers send, over real
 * sockets; nothing may reach the product.
 */
import { hostname } from "node:os";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startRest, type Rest } from "../../support/rest.ts";

let rest: Rest;
beforeAll(async () => {
  rest = await startRest({ hostNames: ["rabbit", "Blanket.Example."] });
});
afterAll(() => rest.stop());

const post = (headers: Record<string, string>) =>
  rest.ask("POST", "/task/", { body: '{"type": "bash_task"}', headers });

describe("Host", () => {
  it.each([
    "localhost",
    "localhost:8773",
    "LOCALHOST",
    "localhost.",
    "127.0.0.1",
    "127.0.0.1:1",
    "192.168.1.20:8773",
    "[::1]",
    "[::1]:8773",
    "[fe80::1]:8773",
    "rabbit",
    "Rabbit:8773",
    "blanket.example",
    hostname(),
    `${hostname()}:8773`,
  ])("%s passes", async (host) => {
    expect((await post({ host })).status).toBe(201);
  });

  it.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "rabbit.evil.example",
    "evil.example:8773",
    "127.1",
    "2130706433",
    "0x7f.1",
    "::1",
    "[::1].evil.example",
    "localhost@evil.example",
    "evil.example#localhost",
    "localhost:port",
    "localhost:123456",
    "[localhost]",
    "a".repeat(300),
  ])("%j is 421", async (host) => {
    const before = rest.control.submissions.length;
    const answer = await post({ host });
    expect([answer.status, (answer.json() as { code: string }).code]).toEqual([
      421,
      "HOST_FOREIGN",
    ]);
    expect(rest.control.submissions.length).toBe(before);
  });

  it("is asked for on every route, known or not, and where there is none", async () => {
    for (const path of ["/task/", "/health/live", "/metrics", "/nothing/here"]) {
      expect((await rest.ask("GET", path, { headers: { host: "evil.example" } })).status).toBe(421);
    }
    const got = await rest.raw("GET /task/ HTTP/1.1\r\nConnection: close\r\n\r\n");
    expect(got).toContain("HTTP/1.1 421 Misdirected Request");
  });

  it("counts, not the address in the request line", async () => {
    const got = await rest.raw(
      "GET http://localhost/task/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    );
    expect(got).toContain("HTTP/1.1 421");
  });
});

describe("Origin", () => {
  it.each([
    [{ host: "localhost:8773", origin: "http://localhost:8773" }],
    [{ host: "rabbit:8773", origin: "http://RABBIT:8773" }],
    [{ host: "[::1]:8773", origin: "http://[::1]:8773" }],
    [{ host: "blanket.example", origin: "https://blanket.example" }],
    [{ host: "localhost", "sec-fetch-site": "same-origin" }],
    [{ host: "localhost", "sec-fetch-site": "none" }],
  ])("%j passes", async (headers) => {
    expect((await post(headers)).status).toBe(201);
  });

  it.each([
    [{ host: "localhost:8773", origin: "http://evil.example" }],
    [{ host: "localhost:8773", origin: "http://localhost" }],
    [{ host: "localhost:8773", origin: "http://localhost:3000" }],
    [{ host: "localhost:8773", origin: "http://127.0.0.1:8773" }],
    [{ host: "localhost:8773", origin: "http://localhost:8773.evil.example" }],
    [{ host: "localhost:8773", origin: "http://evil.example/http://localhost:8773" }],
    [{ host: "localhost:8773", origin: "null" }],
    [{ host: "localhost:8773", origin: "file://" }],
    [{ host: "localhost:8773", origin: "chrome-extension://localhost:8773" }],
    [{ host: "localhost:8773", origin: "" }],
    [{ host: "localhost:8773", origin: "localhost:8773" }],
    [{ host: "localhost:8773", "sec-fetch-site": "cross-site" }],
    [{ host: "localhost:8773", "sec-fetch-site": "cross-site", origin: "http://localhost:8773" }],
  ])("%j is 403", async (headers) => {
    const before = rest.control.submissions.length;
    const answer = await post(headers);
    expect([answer.status, (answer.json() as { code: string }).code]).toEqual([
      403,
      "ORIGIN_FOREIGN",
    ]);
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(rest.control.submissions.length).toBe(before);
  });

  it("gets no leave from a preflight", async () => {
    const answer = await rest.ask("OPTIONS", "/task/", {
      headers: { origin: "http://evil.example", "access-control-request-method": "DELETE" },
    });
    expect(answer.status).toBe(403);
    for (const name of Object.keys(answer.headers)) expect(name).not.toMatch(/^access-control/);
  });

  it("refuses before an upload is read", async () => {
    const answer = await rest.ask("POST", "/task/", {
      headers: { origin: "null", "content-type": "multipart/form-data; boundary=b" },
      body: "x".repeat(5_000_000),
    });
    expect(answer.status).toBe(403);
  });
});
