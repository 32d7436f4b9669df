import { isatty } from "node:tty";

import { destination as openDestination, pino, stdTimeFunctions, type Logger } from "pino";

import type { Log, LogFields } from "../../ports/log.ts";
import { shownFields } from "./shown-fields.ts";
import { textLine } from "./text-line.ts";

export interface PinoLogOptions {
  /** What is less important than this is left out. */
  readonly level: keyof Log;
  /** Where whole lines go; standard error when absent. */
  readonly destination?: { write(line: string): unknown };
  /** JSON for programs, text for people; text when absent and standard error is a terminal. */
  readonly format?: "json" | "text";
}

const standardError = 2;
/** Lines that wait for a reader that has stopped reading; past it they are dropped. */
const waitingBytesMax = 1024 * 1024;

/**
 * The node's log: one JSON object a line on standard error, or text for people on a terminal.
 *
 * Lines are written asynchronously, each at once: whoever reads them (a pager, a stuck collector)
 * must never be able to stop the node's loop, which a synchronous write into a full pipe does. They
 * are flushed when the process exits, so that only SIGKILL can lose the ones that are on their way.
 */
export function createPinoLog(options: PinoLogOptions): Log {
  const { level, destination = openStandardError(), format = preferredFormat(options) } = options;
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === "json" ? destination : { write: (json) => destination.write(textLine(json)) },
  );
  return {
    debug: writer(logger, "debug"),
    info: writer(logger, "info"),
    warn: writer(logger, "warn"),
    error: writer(logger, "error"),
  };
}

function preferredFormat({ destination }: PinoLogOptions): "json" | "text" {
  return destination === undefined && isatty(standardError) ? "text" : "json";
}

function openStandardError() {
  const stream = openDestination({ fd: standardError, sync: false, maxLength: waitingBytesMax });
  // A reader that went away (EPIPE) must not end the node.
  stream.on("error", () => undefined);
  return stream;
}

function writer(logger: Logger, level: keyof Log) {
  return (message: string, fields: LogFields = {}): void => {
    if (logger.isLevelEnabled(level)) logger[level](shownFields(fields), message);
  };
}
