import { readFileSync } from "node:fs";
import process from "node:process";

import type { RunName } from "../../contract/line-fields.ts";
import { BlanketError } from "../../core/errors.ts";
import type { RunEnd } from "../../core/journal.ts";
import { limits } from "../../core/limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Runner, RunnerListener, RunnerStatus, RunRequest } from "../../ports/runner.ts";
import type { SaidLine } from "./conversation.ts";
import { createHeldRuns, type HeldRuns, keyOf } from "./held-runs.ts";
import { createInquiries, type Inquiries } from "./inquiries.ts";
import { createKeeperLink, type KeeperLink, type LinkOptions } from "./keeper-link.ts";

export interface KeeperRunnerOptions {
  /** Absolute. The keeper's socket, journal and log are in `keeper/` below it. */
  readonly dataDirectory: string;
  /** Absolute path of the keeper's program, in source or compiled. */
  readonly keeperEntry: string;
  /** Node that runs the keeper; default the one that runs this. */
  readonly nodeBinary?: string;
  /** `--fork`: leave koffi alone. */
  readonly keeperFlags?: readonly string[];
}

/** After a keeper that could not be started, while runs wait for news. */
const retryMs = 5_000;
/**
 * A keeper that dies sooner may do so again: the next one is started after a pause that doubles.
 */
const hastyLossMs = 1_000;
const firstPauseMs = 50;

interface State {
  readonly clock: Clock;
  readonly log: Log;
  listener: RunnerListener;
  readonly held: HeldRuns;
  readonly inquiries: Inquiries;
  /** Said while there was no keeper. */
  acknowledged: RunName[];
  /** Told or answered as over, and not acknowledged yet. */
  readonly unsettled: Map<string, RunName>;
  /** Ends that this daemon does not know of are nobody's. */
  isRecovered: boolean;
  /** Absent while the runner is not started. */
  link: KeeperLink | undefined;
  isEnsuring: boolean;
  /** Keepers in a row that died at once. */
  hastyLosses: number;
  /** Facts that wait until those who asked have heard the answer before them. */
  inbox: SaidLine[] | undefined;
}

/** The Runner port on a keeper process, which starts tasks and outlives this one. */
export function createKeeperRunner(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  { nodeBinary = process.execPath, keeperFlags = [], ...paths }: KeeperRunnerOptions,
): Runner {
  const options: LinkOptions = { ...paths, nodeBinary, keeperFlags };
  const state: State = {
    clock,
    log,
    listener: silentListener,
    held: createHeldRuns(() => state.listener),
    inquiries: createInquiries(),
    acknowledged: [],
    unsettled: new Map(),
    isRecovered: false,
    link: undefined,
    isEnsuring: false,
    hastyLosses: 0,
    inbox: undefined,
  };
  let bootId: string | undefined;
  return {
    listen(next) {
      state.listener = next;
    },
    launch: (request) => launch(state, request),
    inquire(id, attempt) {
      const answer = state.inquiries.ask(id, attempt);
      state.link?.say({ kind: "inquire", id, attempt });
      ensure(state);
      return answer;
    },
    stop: (id, attempt, graceMs) => stop(state, { id, attempt }, graceMs),
    acknowledge: (id, attempt) => acknowledge(state, { id, attempt }),
    recovered() {
      state.isRecovered = true;
      sayRecovered(state);
    },
    kernelBootId() {
      bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      return bootId;
    },
    status: () => statusOf(state),
    start: () => start(state, options),
    disconnect: () => disconnect(state),
  };
}

const silentListener: RunnerListener = {
  started() {},
  ended() {},
  voided() {},
};

/**
 * A keeper that lives is reached before anything else; one that must be started comes up meanwhile.
 */
async function start(state: State, options: LinkOptions): Promise<void> {
  if (state.link !== undefined) return;
  state.link = createKeeperLink({ clock: state.clock, log: state.log }, options, {
    line: (line) => take(state, line),
    lost: (afterMs) => lost(state, afterMs),
  });
  if (await state.link.open(false)) opened(state);
  else ensure(state);
}

async function disconnect(state: State): Promise<void> {
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
function ensure(state: State): void {
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
function opened(state: State): void {
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

/** What an earlier daemon, or a message to an earlier keeper, failed to acknowledge is forgotten. */
function sayRecovered({ link, held, inquiries, unsettled }: State): void {
  const open = [...held.all(), ...inquiries.open(), ...unsettled.values()];
  link?.say({ kind: "recovered", open: open.map(({ id, attempt }) => ({ id, attempt })) });
}

function failed(state: State, error: BlanketError): void {
  const { held, inquiries, log, clock } = state;
  log.error(error.message, { error });
  inquiries.fail(error);
  for (const { id, attempt, request } of held.all()) {
    if (request !== undefined) held.take({ kind: "voided", id, attempt, reason: error.message });
  }
  if (held.count() > 0) clock.after(retryMs, () => ensure(state));
}

/** The keeper is gone. Its journal knows more: the next one reads it. */
function lost(state: State, afterMs: number): void {
  state.log.warn("the keeper is gone; what it ran goes on, and is looked for", { afterMs });
  state.hastyLosses = afterMs > hastyLossMs ? 0 : state.hastyLosses + 1;
  if (state.hastyLosses === 0) return ensure(state);
  const pauseMs = Math.min(firstPauseMs * 2 ** state.hastyLosses, retryMs);
  state.clock.after(pauseMs, () => ensure(state));
}

function launch(state: State, { timeoutMs, killGraceMs, ...given }: RunRequest): void {
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

function stop(state: State, { id, attempt }: RunName, graceMs: number): void {
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
function end({ clock, listener }: State, { id, attempt }: RunName, how: RunEnd): void {
  clock.after(0, () => listener.ended(id, attempt, how));
}

function acknowledge(state: State, { id, attempt }: RunName): void {
  const { link, acknowledged, held, unsettled } = state;
  const run = held.find(id, attempt);
  unsettled.delete(keyOf(id, attempt));
  if (run !== undefined) held.drop(run);
  if (link?.hello() !== undefined) link.say({ kind: "acknowledge", id, attempt });
  else if (acknowledged.length < limits.keeperRunsMax) acknowledged.push({ id, attempt });
}

/** Takes in what the keeper says, in order. */
function take(state: State, line: SaidLine): void {
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
function noteEnd({ unsettled }: State, line: Exclude<SaidLine, { kind: "replaced" }>): void {
  const { id, attempt } = line;
  const runs = line.kind === "started" || (line.kind === "facts" && line.facts.kind === "running");
  if (!runs) unsettled.set(keyOf(id, attempt), { id, attempt });
}

/** Two daemons on one keeper would take it from each other for ever. */
function replaced(state: State): void {
  state.log.error("another daemon has taken over the keeper; this one starts no more tasks");
  void state.link?.close();
}

function statusOf({ link, held }: State): RunnerStatus {
  const hello = link?.hello();
  return {
    connected: hello !== undefined,
    keeperPid: hello?.pid ?? null,
    keeperVersion: hello?.version ?? null,
    spawner: hello?.spawner ?? null,
    running: held.count(),
  };
}
