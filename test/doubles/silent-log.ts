import type { Log, LogFields } from "../../src/ports/log.ts";

export interface LogEntry {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that prints nothing and keeps what it was told. */
export interface SilentLog extends Log {
  readonly entries: readonly LogEntry[];
}

export function createSilentLog(): SilentLog {
  const entries: LogEntry[] = [];
  const keep =
    (level: keyof Log) =>
    (message: string, fields: LogFields = {}): void => {
      entries.push({ level, message, fields });
    };
  return {
    entries,
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
  };
}
