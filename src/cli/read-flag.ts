import { BlanketError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { taskStates, type TaskState } from "../core/task/shown-state.ts";

/** Readers of values of flags. All throw COMMAND_INVALID with the flag's name. */

export function readWholeNumber(flag: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^-?\d+$/.test(text) && number >= min && number <= max) return number;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
  throw invalidFlag(flag, text, `write a whole number ${range}`);
}

/** Texts with commas between them. */
export function readList(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

export function readStates(flag: string, text: string): readonly TaskState[] {
  return readList(text).map((word) => {
    const wanted = word.toUpperCase();
    const state = taskStates.find((known) => known === wanted);
    if (state !== undefined) return state;
    const close = nearest(wanted, taskStates);
    const advice = close === undefined ? `states are ${taskStates.join(", ")}` : undefined;
    throw invalidFlag(flag, word, advice ?? `did you mean ${close ?? ""}?`);
  });
}

export function invalidFlag(flag: string, text: string, advice: string): BlanketError {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  const end = advice.endsWith("?") ? "" : ".";
  return new BlanketError("COMMAND_INVALID", `${flag} is ${shown}; ${advice}${end}`, { flag });
}
