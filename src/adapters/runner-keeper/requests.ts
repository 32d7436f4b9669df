import type { RunName } from "../../contract/line-fields.ts";
import type { RunEnd } from "../../core/journal.ts";
import { limits } from "../../core/limits.ts";
import type { RunRequest } from "../../ports/runner.ts";
import { keyOf } from "./held-runs.ts";
import { ensure } from "./reach.ts";
import type { RunnerState } from "./runner-state.ts";

/** Says it to the keeper, or keeps it until there is one. */
export function launch(state: RunnerState, { timeoutMs, killGraceMs, ...given }: RunRequest): void {
  const { held, link, clock } = state;
  const request: RunRequest = {
    ...given,
    timeoutMs: Math.ceil(timeoutMs),
    killGraceMs: Math.ceil(killGraceMs),
  };
  const { id, attempt } = request;
  if (charactersOf(request) > charactersMax) {
    const reason = "Its arguments and environment are too long for any program.";
    return end(state, request, { cause: "unstartable", at: clock.now(), exitCode: 126, reason });
  }
  const isReached = link?.hello() !== undefined;
  held.hold({
    id,
    attempt,
    request: isReached ? undefined : request,
    isStartedTold: false,
    stopGraceMs: undefined,
  });
  if (isReached) link?.say({ kind: "start", ...request });
  else ensure(state);
}

/** However much JSON has to escape of them, the line stays within what the keeper reads. */
const charactersMax = limits.keeperLineCharactersMax / 8;

function charactersOf({ argv, environment, directory }: RunRequest): number {
  let characters = directory.length;
  for (const argument of argv) characters += argument.length + 1;
  for (const name in environment) characters += name.length + (environment[name]?.length ?? 0) + 2;
  return characters;
}

/** Has it ended; what no keeper was told yet is over without one. */
export function stop(state: RunnerState, { id, attempt }: RunName, graceMs: number): void {
  const { held, link, clock } = state;
  const run = held.find(id, attempt);
  if (run?.request !== undefined) {
    held.drop(run);
    const reason = "it was stopped before it started";
    return end(state, run, { cause: "stopped", at: clock.now(), reason });
  }
  const grace = Math.ceil(graceMs);
  if (run !== undefined) run.stopGraceMs = grace;
  link?.say({ kind: "stop", id, attempt, graceMs: grace });
}

/** Tells an end that needed no keeper, but not before the caller has returned. */
function end({ clock, listener }: RunnerState, { id, attempt }: RunName, how: RunEnd): void {
  clock.after(0, () => listener.ended(id, attempt, how));
}

/** Lets the keeper forget it, now or when there is one. */
export function acknowledge(state: RunnerState, { id, attempt }: RunName): void {
  const { link, acknowledged, held, unsettled } = state;
  const run = held.find(id, attempt);
  unsettled.delete(keyOf(id, attempt));
  if (run !== undefined) held.drop(run);
  if (link?.hello() !== undefined) link.say({ kind: "acknowledge", id, attempt });
  else if (acknowledged.length < limits.keeperRunsMax) acknowledged.push({ id, attempt });
}
