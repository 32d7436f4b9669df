import { isatty } from "node:tty";

import { pino, stdTimeFunctions, type Logger } from "pino";

import type { Log, LogFields } from "../../ports/log.ts";
import { createLineWriter, type LineWriter } from "./line-writer.ts";
import { shownFields } from "./shown-fields.ts";
import { textLine } from "./text-line.ts";

export interface PinoLogOptions {
  /** What is less important than this is left out. */
  readonly level: keyof Log;
  /** Where whole lines go; standard error when absent. */
  readonly destination?: LineWriter;
  /** JSON for programs, text for people; text when absent and standard error is a terminal. */
  readonly format?: "json" | "text";
}

const standardError = 2;
/**
 * The node's log: one JSON object a line on standard error, or text for people on a terminal.
 * Secrets are hidden by the names of fields, and a line has a bounded size.
 */
export function createPinoLog(options: PinoLogOptions): Log {
  const { level, format = preferredFormat(options) } = options;
  const destination = options.destination ?? createLineWriter(standardError, tellDropped);
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

  function tellDropped(lines: number): void {
    logger.warn({ lines }, "nobody read this log for a while, and lines were dropped");
  }

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

function writer(logger: Logger, level: keyof Log) {
  return (message: string, fields: LogFields = {}): void => {
    if (logger.isLevelEnabled(level)) logger[level](shownFields(fields), message);
  };
}
