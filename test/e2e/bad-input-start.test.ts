/**
 * Goal: a node that can't start says why in one sentence with exit code 2, makes nothing where it
 * may not stay, and disturbs no node that runs; a client that finds no node says so with exit 3.
 * Method: the real command against one running node, addresses and data directories that are taken,
 * in the way, damaged, foreign or newer; the command line that is printed for a second node is run
 * as it stands.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";

import { Level } from "level";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { seal } from "../../src/adapters/store-level/envelope.ts";
import { encodeRecord } from "../../src/contract/records.ts";
import { createCli, launcher, type Cli } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { freePort, killKeeper, startTestNode, type TestNode } from "../support/node.ts";
import { expectFailed } from "../support/refusal.ts";
import { startShell } from "../support/shell.ts";
import { bashTask } from "../support/tasks.ts";
import { tempDirectory } from "../support/temp-directory.ts";

let node: TestNode;
let cli: Cli;

beforeAll(async () => {
  node = await startTestNode();
  cli = createCli(node.url);
});

afterAll(() => node.dispose());

afterEach(async () => {
  const { id } = await node.submit(bashTask("exit 0"));
  expect(await node.reaches(id, "SUCCESS", "ERROR")).toMatchObject({ state: "SUCCESS" });
});

/** `blanket node` with a data directory, on a port that is free. */
async function start(data: string, ...more: readonly string[]) {
  return cli.blanket("node", "--data", data, "--http", `127.0.0.1:${await freePort()}`, ...more);
}

/** Runs the command that a refusal prints, until that node answers and has been asked to stop. */
async function runPrinted(sentence: string, home: string): Promise<void> {
  const command = /`(blanket node [^`]+)`/.exec(sentence)?.[1] ?? "false";
  const url = `http://${/--http (\S+)/.exec(command)?.[1]}`;
  const second = startShell(`exec ${command}`, { HOME: home });
  await eventually("the second node is ready", async () => {
    const answer = await fetch(`${url}/health/ready`);
    return answer.status === 200;
  });
  second.child.kill("SIGTERM");
  expect(await second.ended).toMatchObject({ code: 0 });
}

describe("an address", () => {
  it("that is taken: nothing is made, and the printed command works", async () => {
    const data = join(await tempDirectory(), "data");
    const ended = await cli.blanket("node", "--data", data, "--http", `127.0.0.1:${node.port}`);
    expectFailed(ended, 2, `something listens at 127.0.0.1:${node.port} already`);
    expect(existsSync(data)).toBe(false);
    await runPrinted(ended.err, await tempDirectory());
  });

  it("that is taken by somebody else, or not of this machine, is refused", async () => {
    const port = await listening(createServer());
    const data = join(await tempDirectory(), "data");
    const taken = await cli.blanket("node", "--data", data, "--http", String(port));
    expectFailed(taken, 2, `something listens at 127.0.0.1:${port} already`);
    const foreign = await cli.blanket(
      "node",
      "--data",
      data,
      "--http",
      "192.0.2.1:9",
      "--insecure",
    );
    expectFailed(foreign, 2, "nothing can listen at 192.0.2.1:9");
    const open = await cli.blanket("node", "--data", data, "--http", "0.0.0.0:9");
    expectFailed(open, 2, "say --insecure if you mean it");
    expect(existsSync(data)).toBe(false);
  });
});

describe("a data directory", () => {
  it("in use: the printed command works, also where the path has a space", async () => {
    const data = join(await tempDirectory(), "my data");
    const first = await startTestNode({ dataDirectory: data, cwd: "/" });
    onTestFinished(() => first.dispose());
    const before = ownFiles(data);
    const ended = await start(data);
    expectFailed(ended, 2, `the data directory ${data} is in use`);
    expect(ownFiles(data)).toEqual(before);
    await runPrinted(ended.err, await tempDirectory());
    expect((await first.request("GET", "/health/ready")).status).toBe(200);
  });

  it("of a newer version is refused and left as it is", async () => {
    const data = await closedData();
    await changeStore(data, (store) =>
      store.put("meta!schema", seal("meta!schema", encodeRecord("meta", 2))),
    );
    const before = ownFiles(data);
    expectFailed(
      await start(data),
      2,
      /was written by a newer Blanket .*; start that version, or name another --data directory/,
    );
    expect(ownFiles(data)).toEqual(before);
  });

  it("of another program is refused and left as it is", async () => {
    const data = await tempDirectory();
    mkdirSync(join(data, "store"));
    await changeStore(data, (store) => store.put("greeting", Buffer.from("hello")));
    expectFailed(await start(data), 2, "was not made by Blanket; name another --data directory");
    expect(existsSync(join(data, "node.key"))).toBe(false);
  });

  it("with damaged files is refused", async () => {
    const data = await closedData();
    writeFileSync(join(data, "store", "CURRENT"), "garbage");
    expectFailed(await start(data), 2, /can't be opened .*restore them from a copy/);
    const other = await closedData();
    writeFileSync(join(other, "node.key"), "garbage");
    expectFailed(await start(other), 2, "node.key does not hold the node's key; put the right");
  });

  it("that is a file, or below one, is refused", async () => {
    const file = join(await tempDirectory(), "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below"), "/dev/null"]) {
      expectFailed(
        await start(path),
        2,
        `the data directory ${path} can't be used: a file is in the way; name another with --data`,
      );
    }
  });

  it("where nothing can be made is refused", async () => {
    expectFailed(
      await start("/proc/blanket/data"),
      2,
      /the data directory \/proc\/blanket\/data can't be used.*; name another with --data/,
    );
  });

  it.skipIf(!canBeNobody())("of another user is refused", async () => {
    const data = await tempDirectory();
    chmodSync(data, 0o755);
    const closed = join(data, "closed");
    mkdirSync(closed, { mode: 0o700 });
    if (process.getuid?.() !== 0) chmodSync(closed, 0);
    for (const path of [closed, join(closed, "below")]) {
      const args = ["node", "--data", path, "--http", `127.0.0.1:${await freePort()}`];
      const ended = spawnSync(launcher, args, { ...nobody(), encoding: "utf8", cwd: "/" });
      expectFailed(
        { code: ended.status, out: ended.stdout, err: ended.stderr },
        2,
        `the data directory ${path} can't be used: this user may not write there; name another with --data`,
      );
    }
    chmodSync(closed, 0o700);
    expect(readdirSync(closed)).toEqual([]);
  });
});

describe("a configuration", () => {
  it.each([
    ["slots = = 3", /node\.toml:1:\d+: /],
    ["slots = 2\nslotz = 3", "slotz is not a key: did you mean slots?"],
    ["slots = -1", "slots"],
    ["upload_bytes_max = 0", "upload_bytes_max"],
    ['http = "nowhere"', "which is no address to listen at; write HOST:PORT"],
  ])("%j is refused and nothing is made", async (text, says) => {
    const place = await tempDirectory();
    writeFileSync(join(place, "node.toml"), `${text}\n`);
    const data = join(place, "data");
    const ended = await cli.blanket("node", "--config", join(place, "node.toml"), "--data", data);
    expectFailed(ended, 2, says);
    expect(existsSync(data)).toBe(false);
  });
});

describe("a URL", () => {
  it("where nothing listens: exit 3, with what to do", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const commands = [
      ["ps"],
      ["ps", "--json"],
      ["ls", "types"],
      ["submit", "bash_task"],
      ["rm", "1"],
    ];
    for (const command of commands) {
      const ended = await cli.blanket(...command, "--url", url);
      expectFailed(ended, 3, `nothing answers at ${url}. Start a node with \`blanket node\``);
    }
  });

  it("where something else answers, or speaks no HTTP: exit 3", async () => {
    const web = createHttpServer((_request, reply) => reply.end("<html>hello</html>"));
    const mute = createServer((socket) => socket.end("220 ready\r\n"));
    for (const server of [web, mute]) {
      const url = `http://127.0.0.1:${await listening(server)}`;
      for (const command of [["ps"], ["show", "1"], ["submit", "bash_task"]]) {
        const ended = await cli.blanket(...command, "-u", url);
        expectFailed(ended, 3, `what answers at ${url} is no Blanket node`);
      }
    }
  });

  it.each(["ftp://127.0.0.1", "http://", "://", "http://nowhere.invalid"])(
    "that is none, %s: exit 2 or 3",
    async (url) => {
      const ended = await cli.blanket("ps", "-u", url);
      expectFailed(ended, url.endsWith("invalid") ? 3 : 2, /.; .+/);
    },
  );
});

/** The port at which a server listens until the test ends. */
async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** The data directory of a node that has stopped. */
async function closedData(): Promise<string> {
  const data = join(await tempDirectory(), "data");
  const stopped = await startTestNode({ dataDirectory: data, cwd: "/" });
  await stopped.kill("SIGTERM");
  await killKeeper(data);
  return data;
}

/** Without those that LevelDB makes at each opening, and the keeper's, which comes and goes. */
function ownFiles(data: string): readonly string[] {
  const names = readdirSync(data, { recursive: true, encoding: "utf8" });
  return names.filter((name) => !/^(?:store|keeper)\//.test(name));
}

async function changeStore(
  data: string,
  change: (store: Level<string, Buffer>) => Promise<void>,
): Promise<void> {
  const store = new Level<string, Buffer>(join(data, "store"), { valueEncoding: "buffer" });
  await store.open();
  await change(store);
  await store.close();
}

/** As root a process of nobody's: root may write everywhere. */
function nobody(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
}

/** Not where this checkout is closed to others. */
function canBeNobody(): boolean {
  return spawnSync("test", ["-r", launcher], { ...nobody(), cwd: "/" }).status === 0;
}
