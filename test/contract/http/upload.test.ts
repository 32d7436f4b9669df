/**
 * Goal: uploads land where their field names say and nowhere else, in any order of parts, and what
 * is too large, too many or broken is refused without leaving a task. Method: multipart bodies over
 * real sockets, byte by byte as curl writes them, against a fake product that keeps the blobs.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { limits } from "../../../src/core/limits.ts";
import { eventually } from "../../support/eventually.ts";
import { multipartBody, startRest, type Rest } from "../../support/rest.ts";

let rest: Rest;
beforeAll(async () => {
  rest = await startRest({ uploadBytesMax: 1_000_000 });
});
afterAll(() => rest.stop());

type Parts = Parameters<typeof multipartBody>[0];
const data = { name: "data", content: '{"type": "bash_task"}' };
const file = (name: string, content: string | Uint8Array = "content") => ({
  name,
  content,
  filename: "local.bin",
  type: "application/octet-stream",
});

async function upload(parts: Parts) {
  const before = rest.control.submissions.length;
  const answer = await rest.ask("POST", "/task/", multipartBody(parts));
  return { answer, submitted: rest.control.submissions.slice(before) };
}

describe("an upload", () => {
  it.each<[string, Parts]>([
    ["as a form field, first", [data, file("blanket.json", "{}")]],
    ["as a form field, last", [file("blanket.json", "{}"), data]],
    ["as a file part", [{ ...data, filename: "data.json" }, file("blanket.json", "{}")]],
    ["as a file part, last", [file("blanket.json", "{}"), { ...data, filename: "data.json" }]],
    [
      "as a field of type JSON",
      [{ ...data, type: "application/json" }, file("blanket.json", "{}")],
    ],
  ])("takes the task's fields %s", async (_name, parts) => {
    const { answer, submitted } = await upload(parts);
    expect(answer.status).toBe(201);
    expect(submitted).toMatchObject([{ type: "bash_task", files: [{ path: "blanket.json" }] }]);
  });

  it("stores bytes as they are, in relative sub-directories, beside empty files", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
    const { answer, submitted } = await upload([file("a/b/c.bin", bytes), data, file("empty", "")]);
    expect(answer.status).toBe(201);
    const [stored, empty] = submitted[0]?.files ?? [];
    expect(stored).toMatchObject({ path: "a/b/c.bin", sizeBytes: 300_000 });
    expect(
      Buffer.compare(rest.control.blobs.get(stored?.sha256 ?? "") ?? new Uint8Array(), bytes),
    ).toBe(0);
    expect(empty).toMatchObject({ path: "empty", sizeBytes: 0 });
  });

  it("takes names beyond ASCII, and names that objects have", async () => {
    const { answer, submitted } = await upload([data, file("größe/ü.txt"), file("...")]);
    expect(answer.status).toBe(201);
    expect(submitted[0]?.files.map(({ path }) => path)).toEqual(["größe/ü.txt", "..."]);
  });

  it.each<[string, RegExp]>([
    ["/etc/passwd", /is absolute/],
    ["../up", /has a part "\.\.", which names no file/],
    ["a/../../up", /has a part "\.\.", which names no file/],
    ["a/./b", /has a part "\.", which names/],
    ["a//b", /empty part/],
    ["a/", /empty part/],
    ["", /is empty/],
    ["..", /has a part/],
    ["a\\..\\b", /backslash/],
    ["C:/x", /is absolute/],
    ["a\tb", /control character/],
    ["blanket.stdout.log", /written by Blanket itself/],
    ["blanket.stderr.log", /written by Blanket itself/],
    ["Blanket.STDOUT.log", /written by Blanket itself/],
    ["blanket.progress", /written by Blanket itself/],
    ["blanket.stdout.log/x", /written by Blanket itself/],
    ["x".repeat(300), /part longer than 255 bytes/],
    [`${"x/".repeat(600)}y`, /longer than 1024 bytes/],
  ])("named %j is refused", async (name, sentence) => {
    const { answer, submitted } = await upload([data, file(name)]);
    expect(answer.status).toBe(400);
    const error = answer.json() as { error: string; code: string };
    expect(error.code).toBe("UPLOAD_INVALID");
    expect(error.error).toMatch(sentence);
    expect(submitted).toEqual([]);
  });

  it.each<[string, Parts, string, RegExp]>([
    ["two files of one name", [data, file("a"), file("a")], "UPLOAD_INVALID", /is there twice/],
    ["a file as directory", [data, file("a"), file("a/b")], "UPLOAD_INVALID", /a directory there/],
    ["a directory as file", [data, file("a/b"), file("a")], "UPLOAD_INVALID", /a directory there/],
    ["no data", [file("a")], "UPLOAD_INVALID", /the part data .* is missing/],
    ["data twice", [data, data], "UPLOAD_INVALID", /two parts named data/],
    ["a field beside data", [data, { name: "a", content: "b" }], "UPLOAD_INVALID", /-F a=@FILE/],
    ["data that is not JSON", [{ ...data, content: "{" }], "BODY_MALFORMED", /not JSON/],
    ["empty data", [{ ...data, content: "" }], "BODY_MALFORMED", /is empty/],
    [
      "JSON data that is none",
      [{ ...data, content: "{", type: "application/json" }],
      "BODY_MALFORMED",
      /not JSON/,
    ],
    ["wrong fields", [{ ...data, content: '{"tpye": "a"}' }], "FIELD_INVALID", /did you mean type/],
    ["no part at all", [], "UPLOAD_INVALID", /is missing/],
  ])("with %s is refused", async (_name, parts, code, sentence) => {
    const { answer, submitted } = await upload(parts);
    expect(answer.status).toBe(400);
    const error = answer.json() as { error: string; code: string };
    expect(error.code).toBe(code);
    expect(error.error).toMatch(sentence);
    expect(submitted).toEqual([]);
  });

  it("without a boundary is refused", async () => {
    const headers = { "content-type": "multipart/form-data" };
    const answer = await rest.ask("POST", "/task/", { headers, body: "x" });
    expect(answer.status).toBe(400);
  });
});

describe("limits", () => {
  it("take a file of just the size and refuse one byte more", async () => {
    const taken = await upload([data, file("big", "x".repeat(1_000_000))]);
    expect(taken.answer.status).toBe(201);
    const refused = await upload([data, file("big", "x".repeat(1_000_001)), file("rest", "y")]);
    expect(refused.answer.status).toBe(413);
    expect(refused.answer.json()).toMatchObject({ code: "UPLOAD_TOO_LARGE" });
    expect(refused.submitted).toEqual([]);
  });

  it("take the most files and refuse one more", async () => {
    const files = Array.from({ length: limits.uploadFilesMax }, (_, index) => file(`f${index}`));
    expect((await upload([...files, data])).answer.status).toBe(201);
    const { answer, submitted } = await upload([data, ...files, file("one-more")]);
    expect(answer.status).toBe(413);
    expect(answer.json()).toMatchObject({ code: "UPLOAD_TOO_LARGE" });
    expect(submitted).toEqual([]);
  });

  it("refuse data that no body may be as long as, as a field and as a file", async () => {
    const content = `{"type": "${"x".repeat(limits.bodyBytesMax)}"}`;
    for (const part of [
      { name: "data", content },
      { name: "data", content, filename: "d" },
    ]) {
      const { answer } = await upload([part]);
      expect(answer.status).toBe(413);
      expect(answer.json()).toMatchObject({ code: "BODY_TOO_LARGE" });
    }
  });

  it("let a refused client read its answer though it goes on sending", async () => {
    const { answer } = await upload([file("/etc/passwd", "x".repeat(900_000)), data]);
    expect(answer.status).toBe(400);
    const large = await upload([file("big", "x".repeat(20_000_000)), data]);
    expect(large.answer.status).toBe(413);
  });
});

describe("an upload that breaks off", () => {
  it.each([
    ["in a file", `\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nhalf of`],
    [
      "before its data",
      `\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nx\r\n--b`,
    ],
    ["in its headers", `\r\nContent-Disposition: form-`],
  ])("%s leaves no task and no half blob", async (_name, body) => {
    const before = rest.control.submissions.length;
    const head = `POST /task/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n`;
    const blobs = rest.control.blobs.size;
    const sent = rest.raw(`${head}Content-Length: 100000\r\n\r\n--b${body}`);
    await eventually("it has been begun", () =>
      body.includes("half") ? rest.control.brokenUploads > 0 : true,
    );
    await rest.stop(0);
    await sent;
    expect(rest.control.submissions.length).toBe(before);
    if (body.includes("half")) expect(rest.control.blobs.size).toBe(blobs);
    rest = await startRest({ uploadBytesMax: 1_000_000 });
  });

  it("at a wrong end is refused", async () => {
    const body = `--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nhalf`;
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const answer = await rest.ask("POST", "/task/", { headers, body });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ code: "UPLOAD_INVALID" });
    expect(rest.control.blobs.size).toBe(0);
    expect(rest.log.entries).toEqual([]);
  });
});
