import type { TaskState } from "../../core/task/shown-state.ts";

export type Colour = "red" | "green" | "yellow";

const codes: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33 };

/** Colour is for states that want attention; the others are read as they are. */
export function colourOf(state: TaskState): Colour | undefined {
  switch (state) {
    case "RUNNING":
      return "green";
    case "HELD":
    case "PAUSED":
      return "yellow";
    case "ERROR":
    case "TIMEDOUT":
    case "LOST":
      return "red";
    case "SCHEDULED":
    case "BLOCKED":
    case "WAITING":
    case "CLAIMED":
    case "SUCCESS":
    case "STOPPED":
    case "EXPIRED":
    case "SKIPPED":
      return undefined;
  }
}

/** A text in its colour, where colour is wanted at all. */
export function paint(text: string, colour: Colour | undefined, wanted: boolean): string {
  return !wanted || colour === undefined || text === ""
    ? text
    : `\u001B[${codes[colour]}m${text}\u001B[39m`;
}
