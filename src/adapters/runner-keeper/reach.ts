import { BlanketError } from "../../core/errors.ts";
import { take } from "./hear.ts";
import { createKeeperLink, type LinkOptions } from "./keeper-link.ts";
import type { RunnerState } from "./runner-state.ts";

/** After a keeper that could not be started, while runs wait for news. */
const retryMs = 5_000;
/**
 * A keeper that dies sooner may do so again: the next one is started after a pause that doubles.
 */
const hastyLossMs = 1_000;
const firstPauseMs = 50;

/**
 * A keeper that lives is reached before anything else; one that must be started comes up meanwhile.
 */
export async function start(state: RunnerState, options: LinkOptions): Promise<void> {
  if (state.link !== undefined) return;
  state.link = createKeeperLink({ clock: state.clock, log: state.log }, options, {
    line: (line) => take(state, line),
    lost: (afterMs) => lost(state, afterMs),
  });
  try {
    if (await state.link.open(false)) opened(state);
    else ensure(state);
  } catch (error) {
    state.link = undefined;
    throw error;
  }
}

/** Lets go of the keeper, and of everything that was waited for. */
export async function disconnect(state: RunnerState): Promise<void> {
  const { link } = state;
  state.link = undefined;
  state.inbox = undefined;
  for (const run of state.held.all()) state.held.drop(run);
  state.unsettled.clear();
  state.isRecovered = false;
  state.inquiries.fail(
    new BlanketError("KEEPER_UNAVAILABLE", "The node has let go of its keeper; start it again."),
  );
  await link?.close();
}

/**
 * There must be a keeper: whoever waits for one is served when it is there, or told that none is.
 */
export function ensure(state: RunnerState): void {
  const { link } = state;
  if (link === undefined || link.hello() !== undefined || state.isEnsuring) return;
  state.isEnsuring = true;
  void link.open(true).then(
    (isOpen) => {
      state.isEnsuring = false;
      if (link !== state.link) return;
      if (isOpen) opened(state);
      else ensure(state);
    },
    (error: BlanketError) => {
      state.isEnsuring = false;
      if (link === state.link) failed(state, error);
    },
  );
}

/** What was asked of no keeper yet is said now; what was asked of another one is asked after. */
function opened(state: RunnerState): void {
  const { link, held, inquiries } = state;
  for (const { id, attempt } of inquiries.open()) link?.say({ kind: "inquire", id, attempt });
  for (const run of held.all()) {
    const { id, attempt, request, stopGraceMs } = run;
    if (request === undefined) link?.say({ kind: "inquire", id, attempt });
    else link?.say({ kind: "start", ...request });
    run.request = undefined;
    if (stopGraceMs !== undefined) link?.say({ kind: "stop", id, attempt, graceMs: stopGraceMs });
  }
  for (const name of state.acknowledged.splice(0)) link?.say({ kind: "acknowledge", ...name });
  if (state.isRecovered) sayRecovered(state);
}

/**
 * What an earlier daemon, or a message to an earlier keeper, failed to acknowledge is forgotten.
 */
export function sayRecovered({ link, held, inquiries, unsettled }: RunnerState): void {
  const open = [...held.all(), ...inquiries.open(), ...unsettled.values()];
  link?.say({ kind: "recovered", open: open.map(({ id, attempt }) => ({ id, attempt })) });
}

function failed(state: RunnerState, error: BlanketError): void {
  const { held, inquiries, log, clock } = state;
  log.error(error.message, { error });
  inquiries.fail(error);
  for (const { id, attempt, request } of held.all()) {
    if (request !== undefined) held.take({ kind: "voided", id, attempt, reason: error.message });
  }
  if (held.count() > 0) clock.after(retryMs, () => ensure(state));
}

/** The keeper is gone. Its journal knows more: the next one reads it. */
function lost(state: RunnerState, afterMs: number): void {
  state.log.warn("the keeper is gone; what it ran goes on, and is looked for", { afterMs });
  state.hastyLosses = afterMs > hastyLossMs ? 0 : state.hastyLosses + 1;
  if (state.hastyLosses === 0) return ensure(state);
  const pauseMs = Math.min(firstPauseMs * 2 ** state.hastyLosses, retryMs);
  state.clock.after(pauseMs, () => ensure(state));
}
