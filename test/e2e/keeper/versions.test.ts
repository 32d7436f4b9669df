/**
 * Goal: a daemon gets along with a keeper of another version: it talks to one that speaks its
 * protocol, and waits for any other to run empty; one that says too much or too little hurts
 * nobody. Method: a socket in the keeper's place that plays a keeper of a later time.
 */

import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { createKeeperRunner } from "../../../src/adapters/runner-keeper/runner-keeper.ts";
import { encodeLine } from "../../../src/contract/keeper-lines.ts";
import type { TaskId } from "../../../src/core/ids.ts";
import { createManualClock } from "../../doubles/manual-clock.ts";
import { createSilentLog } from "../../doubles/silent-log.ts";
import { eventually } from "../../support/eventually.ts";
import { createTestKeeper, type TestKeeper } from "../../support/keeper.ts";

let keeper: TestKeeper;
let later: LaterKeeper | undefined;

afterEach(async () => {
  later?.end();
  await keeper.dispose();
});

interface LaterKeeper {
  readonly heard: string;
  say(text: string): void;
  connections(): number;
  end(): void;
}

async function playKeeper(hello: string): Promise<LaterKeeper> {
  const directory = join(keeper.dataDirectory, "keeper");
  mkdirSync(directory, { recursive: true });
  const sockets = new Set<Socket>();
  let heard = "";
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (data) => {
      heard += data.toString();
    });
    socket.on("error", () => undefined);
    socket.write(hello);
  });
  await new Promise<void>((resolve) => server.listen(join(directory, "socket"), resolve));
  return {
    get heard() {
      return heard;
    },
    say: (text) => {
      for (const socket of sockets) socket.write(text);
    },
    connections: () => sockets.size,
    end() {
      server.close();
      rmSync(join(directory, "socket"), { force: true });
      for (const socket of sockets) socket.destroy();
    },
  };
}

const hello = { kind: "hello", protocol: 1, version: "9.0.0", pid: 1, spawner: "fork" } as const;

describe("a keeper that says nothing", () => {
  it("is given up after a while, saying so, and can be tried again", async () => {
    keeper = createTestKeeper();
    later = await playKeeper("");
    const clock = createManualClock();
    const { dataDirectory } = keeper;
    const runner = createKeeperRunner(
      { clock, log: createSilentLog() },
      { dataDirectory, keeperEntry: "/nowhere/keeper.js" },
    );
    for (const round of [1, 2]) {
      let failure: unknown;
      runner.start().catch((error: unknown) => {
        failure = error;
      });
      await eventually(`it is given up, ${round}`, async () => {
        await clock.run(1_000);
        return failure !== undefined;
      });
      expect(failure).toMatchObject({ code: "KEEPER_UNAVAILABLE" });
      expect(String(failure)).toMatch(/said nothing for 5 s/);
    }
  });
});

describe("a keeper of a later version", () => {
  it("that speaks another protocol is waited for, and starts nothing meanwhile", async () => {
    keeper = createTestKeeper();
    later = await playKeeper(encodeLine({ ...hello, protocol: 2 }));
    const daemon = await keeper.daemon();
    expect(daemon.runner.status().connected).toBe(false);
    daemon.runner.launch(keeper.request("patient", "exit 5"));
    const asked = daemon.runner.inquire("asked" as TaskId, 1);
    await eventually("it is waited for", () => (later?.connections() ?? 0) >= 2);
    expect(later.heard).toBe("");
    expect(daemon.told).toEqual([]);
    later.end();
    expect(await daemon.endOf("patient")).toMatchObject({ exitCode: 5 });
    expect(await asked).toEqual({ kind: "voided" });
  });

  it("that speaks the same protocol is used, and what it says besides is ignored", async () => {
    keeper = createTestKeeper();
    later = await playKeeper(
      `${JSON.stringify({ ...hello, mood: "good" })}\n{"kind":"sing"}\nnoise\n`,
    );
    const daemon = await keeper.daemon();
    expect(daemon.runner.status()).toMatchObject({ connected: true, keeperVersion: "9.0.0" });
    const name = { id: "sung" as TaskId, attempt: 1 };
    daemon.runner.launch(keeper.request("sung", "exit 0"));
    await eventually("it hears", () => later?.heard.includes('"kind":"start","id":"sung"'));
    const started = encodeLine({ kind: "started", ...name, pid: 77, at: 1 });
    const ended = encodeLine({
      kind: "ended",
      ...name,
      end: { cause: "exited", at: 2, exitCode: 0 },
    });
    later.say(`${started}${started}{"kind":"ended","id":"sung"}\n${ended}${ended}`);
    await daemon.endOf("sung");
    expect(daemon.told.map(({ kind }) => kind)).toEqual(["started", "ended"]);
  });

  it("that never ends its line is let go of, and another one is started", async () => {
    keeper = createTestKeeper();
    later = await playKeeper(encodeLine(hello));
    const daemon = await keeper.daemon();
    later.say("x".repeat(5 * 1024 * 1024));
    await eventually("it is let go of", () => !daemon.runner.status().connected);
    later.end();
    daemon.runner.launch(keeper.request("after", "exit 6"));
    expect(await daemon.endOf("after")).toMatchObject({ exitCode: 6 });
  });
});
