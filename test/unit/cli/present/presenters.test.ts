/**
 * Goal: what commands say of tasks, types, workers, nodes and themselves, word for word.
 * Method: made-up values at a fixed time; whole outputs are compared.
 */
import { describe, expect, test } from "vitest";

import { renderFarewell, renderGreeting } from "../../../../src/cli/present/greeting.ts";
import {
  renderNodes,
  renderTasks,
  renderTypes,
  renderWorkers,
} from "../../../../src/cli/present/lists.ts";
import {
  removedSentence,
  submittedSentence,
  taskSentence,
} from "../../../../src/cli/present/sentence.ts";
import { shortIds } from "../../../../src/cli/present/short-id.ts";
import { renderTask } from "../../../../src/cli/present/show-task.ts";
import { renderTemplate } from "../../../../src/cli/present/template.ts";
import { age, shortDuration } from "../../../../src/cli/present/times.ts";
import { displayWidth, fit, harmless } from "../../../../src/cli/present/width.ts";
import type { NodeId } from "../../../../src/core/ids.ts";
import { shownTask, shownWorker } from "../../../support/shown.ts";

const now = Date.parse("2026-11-24T10:10:00.000Z");
const started = { node: "rabbit", startedAt: "2026-11-24T10:09:46.000Z" } as const;
const ended = { ...started, finishedAt: "2026-11-24T10:10:00.000Z" } as const;
const pipe = { columns: undefined, colour: false, now } as const;

describe("sentences", () => {
  test.each([
    [
      { reason: "both slots of rabbit are busy" },
      "waits: both slots of rabbit are busy (blanket show 0e4f61d2)",
    ],
    [{}, "waits"],
    [{ state: "SCHEDULED", notBefore: "2026-11-24T10:20:00.000Z" }, "starts in 10m"],
    [{ state: "CLAIMED", node: "rabbit" }, "starts on rabbit"],
    [{ ...started, state: "RUNNING" }, "runs on rabbit"],
    [{ ...ended, state: "SUCCESS" }, "succeeded on rabbit after 14s"],
    [{ ...ended, state: "ERROR", exitCode: 3 }, "failed on rabbit after 14s: exit 3"],
    [{ ...ended, state: "ERROR", signal: "SIGSEGV" }, "failed on rabbit after 14s: signal SIGSEGV"],
    [{ ...ended, state: "TIMEDOUT", timeout: 14 }, "timed out on rabbit after 14s"],
    [
      { state: "STOPPED", reason: "cancelled before it started" },
      "stopped: cancelled before it started",
    ],
    [{ state: "EXPIRED" }, "expired before it started"],
    [{ state: "PAUSED" }, "is paused"],
    [
      { ...started, state: "LOST", reason: "rabbit vanished" },
      "is lost on rabbit after 14s: rabbit vanished",
    ],
  ] as const)("%j", (fields, sentence) => {
    expect(taskSentence(shownTask(fields), now)).toBe(`0e4f61d2 ${sentence}`);
  });

  test("a key that made the task before is said", () => {
    expect(submittedSentence(shownTask(), false, now)).toBe(
      "0e4f61d2 was there already under this key: waits",
    );
  });

  test("a removal says what it ended", () => {
    expect(removedSentence(shownTask({ ...started, state: "RUNNING" }), now)).toBe(
      "0e4f61d2 stopped on rabbit after 14s and removed",
    );
    expect(removedSentence(shownTask(), now)).toBe("0e4f61d2 removed");
  });
});

describe("blanket show", () => {
  test("has a line for each fact that there is", () => {
    const task = shownTask({
      ...ended,
      state: "ERROR",
      exitCode: 3,
      createdAt: "2026-11-24T10:00:00.000Z",
      workerId: "rabbit-1",
      pid: 42,
      priority: 5,
      key: "nightly",
      attempt: 2,
      attempts: [1, 2].map((attempt) => ({
        attempt,
        node: "rabbit",
        workerId: "rabbit-1",
        pid: 40 + attempt,
        startedAt: started.startedAt,
        finishedAt: ended.finishedAt,
        exitCode: 3,
        signal: null,
        reason: null,
      })),
      files: [{ path: "in/data.csv", sha256: "a", sizeBytes: 7 }],
      defaultEnv: { A: "1", B: "two\nlines" },
    });
    expect(renderTask(task, { now, colour: false })).toBe(
      `id        0e4f61d2-0000-8000-8000-000000000000
type      bash_task
state     ERROR: exit 3, attempt 2
node      rabbit, worker rabbit-1, process 42
created   10m ago by local (2026-11-24T10:00:00.000Z)
started   14s ago (2026-11-24T10:09:46.000Z)
ended     0s ago, ran 14s (2026-11-24T10:10:00.000Z)
needs     bash, unix
priority  5
key       nightly
timeout   1h
if lost   hold
attempts  1 on rabbit, 2026-11-24T10:09:46.000Z: exit 3
          2 on rabbit, 2026-11-24T10:09:46.000Z: exit 3
file      in/data.csv (7 bytes)
variable  A=1
          B=two lines
results   /data/results/0e4f61d2-0000-8000-8000-000000000000
log       blanket logs 0e4f61d2
`,
    );
  });
});

describe("blanket ls", () => {
  test("tasks stand by state and tags, and one that nobody can run stands out", () => {
    const tasks = [
      shownTask({ ...ended, state: "SUCCESS", createdAt: started.startedAt }),
      shownTask({
        id: "9ab03c11-0000-8000-8000-000000000000",
        tags: ["gpu"],
        reason: "no live node has tag gpu",
        createdAt: started.startedAt,
      }),
      shownTask({
        id: "1ab03c11-0000-8000-8000-000000000000",
        tags: [],
        createdAt: started.startedAt,
      }),
    ];
    expect(renderTasks(tasks, [shownWorker()], pipe)).toBe(
      [
        "ID        STATE    TAGS       TYPE       AGE",
        "1ab03c11  WAITING  -          bash_task  14s",
        "9ab03c11  WAITING  gpu        bash_task  14s  no live node has tag gpu",
        "0e4f61d2  SUCCESS  bash,unix  bash_task  14s",
        "",
      ].join("\n"),
    );
    const coloured = renderTasks(tasks, [shownWorker()], { ...pipe, colour: true }).split("\n");
    expect(coloured[1]).not.toContain("\u001B");
    expect(coloured[2]).toContain("\u001B[31mWAITING\u001B[39m");
  });

  test("types show what is wrong with them", () => {
    const type = { configFile: "/t/a.toml", versionHash: "", loadedTs: 0, nodes: {} };
    const good = { ...type, name: "render", valid: true, problems: [], tags: ["gpu"], timeout: 90 };
    const bad = {
      ...type,
      name: "bad",
      valid: false,
      problems: [{ message: "command is missing." }],
    };
    expect(renderTypes([{ ...good, description: "Draws\n  pictures" }, bad], pipe)).toBe(
      [
        "NAME    VALID  TAGS  TIMEOUT  DESCRIPTION",
        "render  yes    gpu   1m 30s   Draws pictures",
        "bad     no     -     -        command is missing.",
        "",
      ].join("\n"),
    );
  });

  test("workers and nodes show what they can and do", () => {
    const busy = shownWorker({ state: "running", task: "0e4f61d2-0000-8000-8000-000000000000" });
    expect(renderWorkers([busy], pipe)).toBe(
      [
        "ID        NODE    STATE    TASK      KIND   TAGS",
        "rabbit-1  rabbit  running  0e4f61d2  added  linux",
        "",
      ].join("\n"),
    );
    expect(renderNodes([], pipe)).toBe("NAME  STATE  FREE SLOTS  VERSION  TAGS\n");
  });
});

describe("blanket node", () => {
  const greeting = {
    nodeId: "12D3" as NodeId,
    name: "rabbit",
    version: "0.1.0",
    url: "http://127.0.0.1:8773",
    slots: 2,
    tags: ["linux", "bash"],
    taskTypes: 5,
    brokenTaskTypes: [],
    resumed: { running: 0, waiting: 0 },
  };

  test("greets with what is so", () => {
    expect(renderGreeting(greeting, pipe)).toBe(
      `blanket 0.1.0 · node rabbit
REST   http://127.0.0.1:8773
runs   2 slots · 5 task types · tags linux bash
Try it in another terminal: blanket run --follow -- echo hello
`,
    );
    expect(
      renderGreeting(
        {
          ...greeting,
          url: "http://127.0.0.1:9000",
          slots: 0,
          taskTypes: 1,
          brokenTaskTypes: ["one", "two"],
          resumed: { running: 3, waiting: 1_200 },
        },
        pipe,
      ),
    ).toBe(
      `blanket 0.1.0 · node rabbit
REST   http://127.0.0.1:9000
runs   nothing (0 slots) · 1 task type
broken one, two do not load (blanket validate -u http://127.0.0.1:9000)
found  3 running and 1,200 waiting from before
Try it in another terminal: blanket run -u http://127.0.0.1:9000 --follow -- echo hello
`,
    );
  });

  test("keeps to the terminal's width", () => {
    const lines = renderGreeting(greeting, { columns: 40, colour: false }).split("\n");
    expect(lines[2]).toBe("runs   2 slots · 5 task types · tags li…");
  });

  test("says on leaving what goes on and how to end it", () => {
    expect(renderFarewell(0, false)).toBe("The node stops. No task is running.");
    expect(renderFarewell(1, false)).toContain("1 task goes on running");
    expect(renderFarewell(2, false)).toContain(
      "To end them: start it again and `blanket cancel all`",
    );
    expect(renderFarewell(2, true)).toContain("ends 2 tasks");
  });
});

describe("--template", () => {
  const rows = [{ id: "a", state: "RUNNING", exitCode: null, tags: ["x"] }];

  test("fills in fields by the names of --json, in any case", () => {
    expect(renderTemplate("{{.id}}\\t{{ .State }} [{{.exitCode}}] {{.tags}}", rows)).toBe(
      'a\tRUNNING [] ["x"]\n',
    );
    expect(renderTemplate("{{.id}}", [])).toBe("");
  });

  test.each([
    ["{{.sate}}", "--template: there is no field sate; did you mean state?"],
    [
      "{{range .}}",
      "--template: {{range .}} is no field; write {{.id}}, with a name that --json shows.",
    ],
    ["{{.id", "--template: it has {{ without }}."],
  ])("%s is refused", (template, sentence) => {
    expect(() => renderTemplate(template, rows)).toThrow(sentence);
  });
});

describe("times, ids and widths", () => {
  test.each([
    [0, "0s"],
    [99, "99ms"],
    [230, "0.2s"],
    [9_999, "9.9s"],
    [119_999, "119s"],
    [120_000, "2m"],
    [7_199_000, "119m"],
    [7_200_000, "2h"],
    [172_800_000, "2d"],
  ])("%d ms is %s", (ms, text) => {
    expect(shortDuration(ms)).toBe(text);
  });

  test("a clock that is behind shows no negative age", () => {
    expect(age("2026-11-24T10:10:01.000Z", now)).toBe("0s");
  });

  test("ids never end in a dash", () => {
    const short = shortIds(["0e4f61d2-1000", "0e4f61d2-2000", "9ab03c11-3000"]);
    expect(short("0e4f61d2-1000")).toBe("0e4f61d2-1");
    expect(shortIds(["0e4f61d2-1", "0e4f61d3-1"])("0e4f61d2-1")).toBe("0e4f61d2");
    expect(shortIds([])("0e4f61d2-1")).toBe("0e4f61d2");
  });

  test("wide characters take two columns, and marks none", () => {
    expect(displayWidth("日本")).toBe(4);
    expect(displayWidth("e\u0301")).toBe(1);
    expect(fit("日本語", 5)).toBe("日本…");
    expect(fit("abc", 0)).toBe("");
  });

  test("control characters become spaces", () => {
    expect(harmless("a\u001B[2Jb\nc\u009B1m")).toBe("a [2Jb c 1m");
  });
});
