import { statfsSync } from "node:fs";
import { loadavg } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";

import type { HostStatus } from "../ports/control.ts";

/** Reads facts of this process and its machine, for `/ops/status/` and metrics. */
export interface HostProbe {
  read(): HostStatus;
  /** Ends the watch on the event loop. */
  stop(): void;
}

/** How often the loop's delay is sampled: 20 times a second costs 0.1 % of a core. */
const sampleEveryMs = 50;
/** Delays older than this are forgotten at the next reading. */
const windowMs = 60_000;
/** How long a disk's figures are believed. */
const diskMs = 5_000;

export function createHostProbe(dataDirectory: string): HostProbe {
  const delays = monitorEventLoopDelay({ resolution: sampleEveryMs });
  delays.enable();
  let windowFrom = performance.now();
  let disk = diskOf(dataDirectory);
  let diskReadAt = performance.now();

  return {
    read() {
      const now = performance.now();
      if (now - diskReadAt > diskMs) {
        disk = diskOf(dataDirectory);
        diskReadAt = now;
      }
      const loopDelayMs = delayOf(delays);
      if (now - windowFrom > windowMs) {
        delays.reset();
        windowFrom = now;
      }
      const { rss, heapUsed } = process.memoryUsage();
      return {
        pid: process.pid,
        uptimeSeconds: Math.floor(process.uptime()),
        memory: { rssBytes: rss, heapUsedBytes: heapUsed },
        loopDelayMs,
        load: loadavg().map(hundredths),
        disk,
      };
    },
    stop: () => void delays.disable(),
  };
}

function delayOf(delays: ReturnType<typeof monitorEventLoopDelay>): HostStatus["loopDelayMs"] {
  if (delays.count === 0) return { mean: 0, p99: 0, max: 0 };
  return {
    mean: beyond(delays.mean),
    p99: beyond(delays.percentile(99)),
    max: beyond(delays.max),
  };
}

/** The histogram holds whole intervals in nanoseconds; what is beyond the interval is delay. */
function beyond(ns: number): number {
  return hundredths(Math.max(0, ns / 1e6 - sampleEveryMs));
}

/** Zeros where the disk does not answer: the store says so in its own words. */
function diskOf(path: string): HostStatus["disk"] {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return { freeBytes: 0, totalBytes: 0 };
  }
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
