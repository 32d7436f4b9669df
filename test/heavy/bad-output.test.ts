/**
 * Goal: a task that prints 100 MB costs the daemon no memory, and all of its output can be read.
 * Method: one node runs a task that prints lines and one that prints a single line without an end;
 * they are followed while they run, read whole, from the middle and at the end, by REST and by the
 * command line. The most memory that the daemon ever had is what the kernel says of it.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { shell } from "../support/shell.ts";
import { bashTask } from "../support/tasks.ts";

const bytes = 100_000_000;
const line = `${"x".repeat(99)}\n`;

const outputs = {
  lines: {
    command: `yes ${line.trim()} | head -c ${bytes}`,
    unit: Buffer.from(line.repeat(10_000)),
  },
  "no line end": {
    command: `head -c ${bytes} /dev/zero | tr '\\0' x`,
    unit: Buffer.alloc(1_000_000, "x"),
  },
} as const;

/**
 * What the daemon may take beyond what it had before, while some 800 MB go through it: what V8 does
 * not give back. It is the same for a task of 1 GB.
 */
const growthBytesMax = 256 * 1_024 * 1_024;

let node: TestNode;

beforeEach(async () => {
  node = await startTestNode();
});

afterEach(() => node.dispose());

/** Resident now, and the most that ever was. */
function memory(): { readonly now: number; readonly most: number } {
  const text = readFileSync(`/proc/${node.process.pid}/status`, "utf8");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]);
  return { now: kib("VmRSS") * 1_024, most: kib("VmHWM") * 1_024 };
}

function digestOf(unit: Buffer, size: number): string {
  const hash = createHash("sha256");
  for (let left = size; left > 0; left -= unit.length) hash.update(unit.subarray(0, left));
  return hash.digest("hex");
}

/** Size and digest of a body, read as it comes. */
async function received(answer: Response): Promise<{ size: number; digest: string }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    hash.update(chunk);
  }
  return { size, digest: hash.digest("hex") };
}

describe.each(Object.entries(outputs))("a task that prints 100 MB of %s", (_name, output) => {
  it("leaves the daemon small and the log readable", async () => {
    await node.submit(bashTask("echo warm")).then(({ id }) => node.reaches(id, "SUCCESS"));
    const before = memory().now;
    const { id } = await node.submit(bashTask(output.command));
    const followed = shell(`blanket logs -f ${id} | sha256sum`, { BLANKET_URL: node.url });
    // A reader that takes nothing: what it was sent stays in the socket.
    const stalled = await fetch(`${node.url}/task/${id}/log?stream=stdout&follow=true`);
    const ended = await eventually("it has ended", () => node.reaches(id, "SUCCESS"), 120_000);
    expect(ended.exitCode).toBe(0);
    expect((await node.request("GET", "/health/ready")).status).toBe(200);

    const whole = { size: bytes, digest: digestOf(output.unit, bytes) };
    const raw = `/task/${id}/log/raw?stream=stdout`;
    const file = `/results/${id}/blanket.stdout.log`;
    const all = await Promise.all([raw, raw, raw, file].map((path) => node.request("GET", path)));
    expect(await Promise.all(all.map(received))).toEqual([whole, whole, whole, whole]);
    const rest = await node.request("GET", `${raw}&offset=${bytes - 1_000}`);
    expect(await rest.text()).toBe(output.unit.subarray(0, 1_000).toString());
    const tail = await (await node.request("GET", `/task/${id}/log/tail?n=5`)).text();
    expect(tail.length).toBeGreaterThan(0);
    expect(tail.length).toBeLessThanOrEqual(1_024 * 1_024 + 100);

    // The command line ends the last line, and cuts one that is too long into several.
    const { out, err, code } = await followed;
    expect({ err, code }).toEqual({ err: "", code: 0 });
    const pieces = await shell(`blanket logs ${id} | tr -d '\\n' | wc -c`, {
      BLANKET_URL: node.url,
    });
    const lineEnds = output.unit.includes(10) ? bytes / line.length : 0;
    expect(Number(pieces.out)).toBe(bytes - lineEnds);
    if (lineEnds > 0) expect(out.split(" ")[0]).toBe(whole.digest);

    await stalled.body?.cancel();
    expect(memory().most - before).toBeLessThan(growthBytesMax);
  });
});
