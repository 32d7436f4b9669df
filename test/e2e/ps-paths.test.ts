/**
 * Goal: the fast path of `blanket ps` and the one through oclif print the same bytes.
 * Method: a server with made-up tasks; both paths are given the same command lines, one process for
 * each path, and their outputs are compared. What the fast path leaves to the other is checked to
 * be left.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { taskStates } from "../../src/core/task/shown-state.ts";
import { startRest, type Rest } from "../support/rest.ts";
import { shownTask } from "../support/shown.ts";

let rest: Rest;

beforeAll(async () => {
  rest = await startRest();
  for (const [index, state] of taskStates.entries()) {
    const isStarted = index > 5;
    rest.control.put(
      shownTask({
        id: `${(index * 0x11_11_11_11 + 0xa_bc_de).toString(16).padStart(8, "0").slice(-8)}-0000-8000-8000-000000000000`,
        type: index % 2 === 0 ? "bash_task" : "größe",
        state,
        reason: index % 3 === 0 ? `reason ${index} mit Umlauten: ä, 日本` : null,
        node: isStarted ? "rabbit" : null,
        startedAt: isStarted ? "2025-11-24T16:00:00.000Z" : null,
        finishedAt: index > 6 ? "2025-11-24T16:00:01.250Z" : null,
        exitCode: state === "ERROR" ? 3 : null,
      }),
    );
  }
});

afterAll(() => rest.stop());

const run = promisify(execFile);
const program = new URL("../support/print-ps.ts", import.meta.url).pathname;

async function outputs(
  path: "fast" | "oclif",
  lines: readonly (readonly string[])[],
): Promise<readonly (string | null)[]> {
  const { stdout } = await run(process.execPath, [program, path, JSON.stringify(lines)], {
    env: { ...process.env, BLANKET_URL: `http://127.0.0.1:${rest.port}` },
  });
  return JSON.parse(stdout) as readonly (string | null)[];
}

describe("both paths of blanket ps", () => {
  test("print the same bytes", async () => {
    const port = String(rest.port);
    const lines = [
      [],
      ["-a"],
      ["--all", "--states", "running,error"],
      ["-s", "ERROR", "-q"],
      ["-sERROR", "-qa"],
      ["-q"],
      ["--quiet"],
      ["--json"],
      ["--json", "--json", "-a"],
      ["-l", "3"],
      ["-l3", "-a"],
      ["--limit=2", "--json"],
      ["-t", "bash_task,größe"],
      ["--types=bash_task", "--requiredTags", "unix", "--maxTags", "unix,bash"],
      ["--template", "{{.id}} {{.state}}"],
      ["--template={{.ID}}\\t{{ .tags }}\\n{{.node}}", "-a"],
      ["-p", port],
      ["--port", port, "--token", "secret"],
      ["-u", `http://127.0.0.1:${port}`],
      [`--url=127.0.0.1:${port}/`, "-aq"],
      ["-u", `localhost:${port}`, "-l", "100"],
    ];
    const [fast, slow] = await Promise.all([outputs("fast", lines), outputs("oclif", lines)]);
    for (const [index, line] of lines.entries()) {
      expect([line, fast[index]]).toEqual([line, slow[index]]);
      expect(fast[index]).not.toBe("");
    }
  });

  test("ask a node for the same", async () => {
    const lines = [[], ["-a", "-l", "9"], ["-s", "WAITING", "--maxTags", "a,b"]];
    const asked = async (path: "fast" | "oclif") => {
      const from = rest.control.lists.length;
      await outputs(path, lines);
      return rest.control.lists
        .slice(from)
        .map(({ filter: { finishedAfter, ...filter }, page }) => ({
          filter,
          page,
          isRecent: finishedAfter !== undefined,
        }));
    };
    expect(await asked("fast")).toEqual(await asked("oclif"));
  });

  test("leave mistakes and everything unusual to oclif", async () => {
    const lines = [
      ["--help"],
      ["extra"],
      ["--colour"],
      ["-l", "many"],
      ["-s", "RUNNIN"],
      ["--json", "-q"],
      ["--template", "{{.nothing}}"],
      ["--template", "{{if}}"],
      ["-p", "1"],
      ["-u", "https://127.0.0.1:1"],
      ["-u", "ftp://127.0.0.1"],
      ["-u", `http://127.0.0.1:${rest.port}/elsewhere`],
      ["-u", "a", "-p", "1"],
      ["--token", "a b"],
    ];
    expect(await outputs("fast", lines)).toEqual(lines.map(() => null));
  });
});
