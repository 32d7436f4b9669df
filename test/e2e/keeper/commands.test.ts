/**
 * Goal: commands run as asked, and their ends are told as they were, with either spawner.
 * Method: a real keeper starts small shell scripts, which write down what they see.
 */

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { createTestKeeper, type TestDaemon, type TestKeeper } from "../../support/keeper.ts";

let keeper: TestKeeper;
let daemon: TestDaemon;

afterEach(() => keeper.dispose());

async function run(id: string, script: string, more = {}) {
  daemon.runner.launch(keeper.request(id, script, more));
  return daemon.endOf(id);
}

describe.each(["posix_spawn", "fork"] as const)("commands by %s", (spawner) => {
  async function open(): Promise<void> {
    keeper = createTestKeeper({ spawner });
    daemon = await keeper.daemon();
  }

  it("end with their exit code or the name of their signal, after their start is told", async () => {
    await open();
    const ends = await Promise.all([
      run("fine", "exit 0"),
      run("failed", "exit 3"),
      run("killed", "kill -KILL $$"),
      run("terminated", "kill -TERM $$"),
    ]);
    expect(ends).toMatchObject([
      { cause: "exited", exitCode: 0 },
      { cause: "exited", exitCode: 3 },
      { cause: "exited", signal: "SIGKILL" },
      { cause: "exited", signal: "SIGTERM" },
    ]);
    expect(ends.map((end) => "exitCode" in end && "signal" in end)).toEqual(Array(4).fill(false));
    for (const id of ["fine", "failed", "killed", "terminated"]) {
      const kinds = daemon.told.filter((fact) => fact.id === id).map(({ kind }) => kind);
      expect(kinds).toEqual(["started", "ended"]);
    }
    expect(daemon.runner.status()).toMatchObject({ connected: true, spawner, running: 0 });
  });

  it("see exactly the environment, the directory and the arguments they are given", async () => {
    await open();
    const argv = ["sh", "-c", 'pwd; env; printf "[%s]" "$@"', "sh", "a b", "", "ü\n'"];
    const environment = { PATH: "/usr/bin:/bin", NAME: "two words\nand a line", EMPTY: "" };
    await run("seen", "", { argv, environment });
    const output = keeper.output("seen");
    expect(output).toContain(`${keeper.directoryOf("seen")}\n`);
    expect(output).toContain("NAME=two words\nand a line\n");
    expect(output).toContain("[a b][][ü\n']");
    const names = output
      .split("\n")
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => line.slice(0, line.indexOf("=")));
    expect(names.toSorted()).toEqual(["BLANKET_RUN_NONCE", "EMPTY", "NAME", "PATH", "PWD"]);
  });

  it("write both outputs to files that are appended to, and read nothing", async () => {
    await open();
    const directory = keeper.directoryOf("logs");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "blanket.stdout.log"), "before\n");
    await run("logs", "echo out; echo error >&2; cat; echo end");
    expect(keeper.output("logs")).toBe("before\nout\nend\n");
    expect(keeper.output("logs", "stderr")).toBe("error\n");
  });

  it("lead a group of their own, with no other file open and no signal ignored or blocked", async () => {
    await open();
    const script = "ps -o pgid= -p $$; echo $$; ls -l /proc/$$/fd; exec grep ^Sig /proc/$$/status";
    await run("clean", script);
    const [group, pid] = keeper.output("clean").split("\n");
    expect(group?.trim()).toBe(pid);
    const files = [...keeper.output("clean").matchAll(/ (\d+) -> (\S+)/g)].map(([, fd]) => fd);
    expect(files).toEqual(["0", "1", "2"]);
    expect(keeper.output("clean")).toMatch(/SigBlk:\s0+\nSigIgn:\s0+\n/);
  });

  it("are looked for on their own PATH, not on the keeper's", async () => {
    await open();
    const place = join(keeper.dataDirectory, "programs");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "special"), "#!/bin/sh\necho special\n");
    chmodSync(join(place, "special"), 0o755);
    const environment = { PATH: `/usr/bin:/bin:${place}` };
    expect(await run("with", "", { argv: ["special"], environment })).toMatchObject({
      exitCode: 0,
    });
    const without = await run("without", "", {
      argv: ["special"],
      environment: { PATH: "/usr/bin:/bin" },
    });
    expect(without).toMatchObject({ cause: "unstartable", exitCode: 127 });
    expect(without.reason).toBe("special was not found on the PATH /usr/bin:/bin.");
  });

  it("that can't be started say why, as a shell would number it", async () => {
    await open();
    const place = join(keeper.dataDirectory, "programs");
    mkdirSync(place, { recursive: true });
    const plain = join(place, "plain");
    writeFileSync(plain, "echo no\n", { mode: 0o644 });
    const blocked = join(keeper.dataDirectory, "file");
    writeFileSync(blocked, "");
    const absent = await run("absent", "", { argv: ["/nowhere/program"] });
    expect(absent).toMatchObject({ cause: "unstartable", exitCode: 127 });
    expect(absent.reason).toMatch(/^\/nowhere\/program, or the interpreter/);
    const refused = await run("plain", "", { argv: [plain] });
    expect(refused).toMatchObject({ cause: "unstartable", exitCode: 126 });
    expect(refused.reason).toBe(`${plain} is not an executable file (EACCES).`);
    const nowhere = await run("nowhere", "true", { directory: join(blocked, "below") });
    expect(nowhere).toMatchObject({ cause: "unstartable", exitCode: 126 });
    expect(nowhere.reason).toMatch(/file\/below can't be used \(ENOTDIR\)/);
    const directory = keeper.directoryOf("log");
    mkdirSync(join(directory, "blanket.stdout.log"), { recursive: true });
    const noLog = await run("log", "true");
    expect(noLog.reason).toMatch(/blanket\.stdout\.log can't be written \(EISDIR\)/);
    const nul = await run("nul", "", { argv: ["echo", "a\0b"] });
    expect(nul.reason).toMatch(/NUL byte/);
    const long = await run("long", "", { argv: ["true", "x".repeat(200_000)] });
    expect(long.reason).toMatch(/too long \(E2BIG\)/);
    const kinds = daemon.told.map(({ kind }) => kind);
    expect(kinds).not.toContain("started");
  });

  it("may have arguments as long as Linux takes", async () => {
    await open();
    const environment = { PATH: "/usr/bin:/bin", LONG: "e".repeat(120_000) };
    const argv = ["sh", "-c", "echo ${#1} ${#LONG}", "sh", "a".repeat(120_000)];
    expect(await run("long", "", { argv, environment })).toMatchObject({ exitCode: 0 });
    expect(keeper.output("long")).toBe("120000 120000\n");
  });

  it("by the hundreds each leave one line and one end", async () => {
    await open();
    const witness = join(keeper.dataDirectory, "witness");
    const count = 300;
    let launched = 0;
    const ids = Array.from({ length: count }, (_, index) => `task-${index}`);
    const next = async (): Promise<void> => {
      for (let id = ids[launched]; id !== undefined; id = ids[launched]) {
        launched += 1;
        const end = await run(id, `echo ${id} >> ${witness}; exit ${launched % 7}`);
        daemon.runner.acknowledge(id as never, 1);
        expect(end.exitCode).toBe((ids.indexOf(id) + 1) % 7);
      }
    };
    await Promise.all(Array.from({ length: 8 }, next));
    expect(readFileSync(witness, "utf8").trim().split("\n").toSorted()).toEqual(ids.toSorted());
    expect(daemon.told.filter(({ kind }) => kind === "ended")).toHaveLength(count);
  });
});

describe("a keeper's directory", () => {
  it("may lie deeper than a socket's name is long, and is its owner's alone", async () => {
    const below = join(...Array.from({ length: 12 }, () => "a-directory-with-a-name"));
    keeper = createTestKeeper({ below });
    daemon = await keeper.daemon();
    expect(await run("deep", "exit 4")).toMatchObject({ exitCode: 4 });
    await daemon.runner.disconnect();
    daemon = await keeper.daemon();
    expect(daemon.runner.status().keeperPid).toBe(keeper.keeperPid());
    const { statSync } = await import("node:fs");
    const directory = join(keeper.dataDirectory, "keeper");
    expect(existsSync(join(directory, "socket"))).toBe(true);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "socket")).mode & 0o777).toBe(0o600);
  });
});
