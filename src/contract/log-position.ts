/** Bytes of each file of a log that a reader has seen: `LogPosition` of ports/control. */
export interface LogOffsets {
  readonly stdout: number;
  readonly stderr: number;
  /** Absent is the first. */
  readonly attempt?: number;
}

/** Which files of a log are read. */
export type LogChoice = "stdout" | "stderr" | "both";

/**
 * The id of a log event: a byte offset, or `OUT-ERR` where both files are read, with `@n` behind it
 * from the second attempt on.
 */
export function formatLogPosition(position: LogOffsets, choice: LogChoice): string {
  const { stdout, stderr, attempt = 1 } = position;
  const offsets = choice === "both" ? `${stdout}-${stderr}` : String(position[choice]);
  return attempt > 1 ? `${offsets}@${attempt}` : offsets;
}

/**
 * Reads an id of {@link formatLogPosition}, as `Last-Event-ID` brings it; undefined if it is none.
 */
export function parseLogPosition(text: string, choice: LogChoice): LogOffsets | undefined {
  const match = /^(\d{1,15})(?:-(\d{1,15}))?(?:@([1-9]\d{0,8}))?$/.exec(text.trim());
  const hasBoth = match?.[2] !== undefined;
  if (match === null || hasBoth !== (choice === "both")) return undefined;
  const first = Number(match[1]);
  const attempt = Number(match[3] ?? 1);
  switch (choice) {
    case "stdout":
      return { stdout: first, stderr: 0, attempt };
    case "stderr":
      return { stdout: 0, stderr: first, attempt };
    case "both":
      return { stdout: first, stderr: Number(match[2]), attempt };
  }
}
