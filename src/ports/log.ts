/** Facts beside a log line; never secrets, never a task's environment. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The node's own log. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
