import { write, writeSync } from "node:fs";

/** Takes whole lines and never makes anybody wait. */
export interface LineWriter {
  write(line: string): void;
}

/** Lines that wait for a reader that does not read; what comes past them is dropped and counted. */
const waitingBytesMax = 1024 * 1024;
/** How long a full pipe that does not block is left alone. */
const pauseMs = 50;

/**
 * Writes lines to a file descriptor, each at once and in order, outside the loop: a reader that
 * does not read must not stop the node, which a synchronous write into its full pipe would do. When
 * the process exits, what still waits is written synchronously, so that SIGKILL alone can lose
 * lines. A reader that is gone is forgotten: nobody can be told. One that reads again is told how
 * many lines it missed, through `onDropped`.
 */
export function createLineWriter(fd: number, onDropped: (lines: number) => void): LineWriter {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let isWriting = false;
  let isGone = false;

  function add(line: string): void {
    const bytes = Buffer.from(line);
    waiting.push(bytes);
    waitingBytes += bytes.length;
  }

  function take(): Buffer {
    const all = Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    return all;
  }

  function send(bytes: Buffer): void {
    isWriting = true;
    write(fd, bytes, (error, written) => {
      if (error !== null) return isFull(error) ? sendLater(bytes) : forget();
      if (written < bytes.length) return send(bytes.subarray(written));
      isWriting = false;
      if (waitingBytes > 0) return send(take());
      if (dropped > 0) tellDropped();
    });
  }

  function tellDropped(): void {
    const lines = dropped;
    dropped = 0;
    onDropped(lines);
  }

  function sendLater(bytes: Buffer): void {
    setTimeout(() => send(bytes), pauseMs).unref();
  }

  function forget(): void {
    isGone = true;
    take();
  }

  process.on("exit", () => {
    let rest = take();
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
    } catch {
      // The process ends, and the log was the place to tell of it.
    }
  });

  return {
    write(line) {
      if (isGone) return;
      if (waitingBytes >= waitingBytesMax) {
        dropped += 1;
        return;
      }
      add(line);
      if (!isWriting) send(take());
    },
  };
}

function isFull(error: NodeJS.ErrnoException): boolean {
  return error.code === "EAGAIN" || error.code === "EWOULDBLOCK";
}
