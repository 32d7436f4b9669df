import type { SaidLine } from "./conversation.ts";
import { keyOf } from "./held-runs.ts";
import type { RunnerState } from "./runner-state.ts";

/** Takes in what the keeper says, in order. */
export function take(state: RunnerState, line: SaidLine): void {
  if (state.inbox !== undefined) {
    state.inbox.push(line);
    return;
  }
  if (line.kind === "replaced") return replaced(state);
  const isAnswer =
    line.kind === "facts" && state.inquiries.answer(line.id, line.attempt, line.facts);
  if (isAnswer || state.held.find(line.id, line.attempt) !== undefined) noteEnd(state, line);
  if (!isAnswer) return state.held.take(line);
  if (line.facts.kind === "running") {
    const { id, attempt } = line;
    const { stopGraceMs } = state.held.find(id, attempt) ?? {};
    state.held.hold({ id, attempt, request: undefined, isStartedTold: true, stopGraceMs });
  }
  // Whoever asked goes on first: the run's end must not reach the listener before the answer.
  state.inbox = [];
  setImmediate(() => {
    const lines = state.inbox ?? [];
    state.inbox = undefined;
    for (const next of lines) take(state, next);
  });
}

/** The keeper must not forget what was told until that is stored. */
function noteEnd({ unsettled }: RunnerState, line: Exclude<SaidLine, { kind: "replaced" }>): void {
  const { id, attempt } = line;
  const runs = line.kind === "started" || (line.kind === "facts" && line.facts.kind === "running");
  if (!runs) unsettled.set(keyOf(id, attempt), { id, attempt });
}

/** Two daemons on one keeper would take it from each other for ever. */
function replaced(state: RunnerState): void {
  state.log.error("another daemon has taken over the keeper; this one starts no more tasks");
  void state.link?.close();
}
