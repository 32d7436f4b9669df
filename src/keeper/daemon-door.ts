import { createServer, type Server, type Socket } from "node:net";

import {
  type DaemonLine,
  encodeLine,
  type KeeperHello,
  type KeeperLine,
  parseDaemonLine,
} from "../contract/keeper-lines.ts";
import { createLineSplitter } from "../contract/line-splitter.ts";
import { limits } from "../core/limits.ts";

/** Where daemons connect. The latest to say hello is the daemon; the one before is let go. */
export interface DaemonDoor {
  readonly server: Server;
  /** Takes in a connection that came another way. */
  welcome(socket: Socket): void;
  tell(line: KeeperLine): void;
  /** Sends what was told since. Without a daemon it is dropped: the next one asks. */
  send(): void;
  hasDaemon(): boolean;
}

export interface DoorEvents {
  take(line: Exclude<DaemonLine, { kind: "hello" }>): void;
  /** All that came at once has been taken. */
  turn(): void;
  /** A daemon came or went. */
  changed(): void;
  say(sentence: string): void;
}

export function createDaemonDoor(hello: KeeperHello, events: DoorEvents): DaemonDoor {
  let daemon: Socket | undefined;
  let told = "";
  const ignore = createIgnoring(events.say);

  function become(socket: Socket): void {
    if (daemon === socket) return;
    const before = daemon;
    daemon = socket;
    told = "";
    before?.end(encodeLine({ kind: "replaced" }));
    events.changed();
  }

  function take(socket: Socket, text: string): void {
    const line = parseDaemonLine(text);
    if (line.kind === "hello") return become(socket);
    if (line.kind === "unknown") return ignore(`of an unknown kind, ${line.name}`);
    if (line.kind === "malformed") return ignore(`that can't be read: ${line.reason}`);
    if (socket === daemon) events.take(line);
  }

  function welcome(socket: Socket): void {
    const split = createLineSplitter(
      (line) => take(socket, line),
      () => {
        events.say("A daemon sent a line that is too long, and was let go.");
        socket.destroy();
      },
      limits.keeperLineCharactersMax,
    );
    socket.setEncoding("utf8");
    socket.on("data", (piece: string) => {
      split(piece);
      events.turn();
    });
    socket.on("error", (error) => events.say(`A daemon's connection broke: ${error.message}.`));
    socket.on("close", () => {
      if (daemon !== socket) return;
      daemon = undefined;
      events.changed();
    });
    socket.write(encodeLine(hello));
  }

  return {
    server: createServer(welcome),
    welcome,
    tell(line) {
      if (daemon !== undefined) told += encodeLine(line);
    },
    send() {
      if (told === "" || daemon === undefined) return;
      const text = told;
      told = "";
      daemon.write(text);
      if (daemon.writableLength > limits.keeperUnreadBytesMax) daemon.destroy();
    },
    hasDaemon: () => daemon !== undefined,
  };
}

/** Counts all, and says so at 1, 10, 100 …: the log must not grow with what is ignored. */
function createIgnoring(say: (sentence: string) => void): (what: string) => void {
  let ignored = 0;
  return (what) => {
    ignored += 1;
    if (!/^10*$/.test(String(ignored))) return;
    say(`Ignored ${ignored} lines of daemons so far, the last ${what}.`);
  };
}
