/** Bytes of each file of a log that a reader has seen: `LogPosition` of ports/control. */
export interface LogOffsets {
  readonly stdout: number;
  readonly stderr: number;
}

/** Which files of a log are read. */
export type LogChoice = "stdout" | "stderr" | "both";

/** The id of a log event: a byte offset, or `OUT-ERR` where both files are read. */
export function formatLogPosition(position: LogOffsets, choice: LogChoice): string {
  return choice === "both" ? `${position.stdout}-${position.stderr}` : String(position[choice]);
}

/**
 * Reads an id of {@link formatLogPosition}, as `Last-Event-ID` brings it; undefined if it is none.
 */
export function parseLogPosition(text: string, choice: LogChoice): LogOffsets | undefined {
  const match = (choice === "both" ? /^(\d{1,15})-(\d{1,15})$/ : /^(\d{1,15})$/).exec(text.trim());
  if (match === null) return undefined;
  const first = Number(match[1]);
  const second = Number(match[2] ?? 0);
  switch (choice) {
    case "stdout":
      return { stdout: first, stderr: 0 };
    case "stderr":
      return { stdout: 0, stderr: first };
    case "both":
      return { stdout: first, stderr: second };
  }
}
