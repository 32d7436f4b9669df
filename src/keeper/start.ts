import type { StartLine } from "../contract/keeper-lines.ts";
import type { RunName } from "../contract/line-fields.ts";
import { limits } from "../core/limits.ts";
import { runKey } from "./journal-lines.ts";
import type { KeeperState } from "./keeper-state.ts";
import { launch, type LaunchResult } from "./launch.ts";
import { nonceVariable } from "./processes.ts";
import { createRun, type Run, startLine } from "./run.ts";
import { finish, forget } from "./telling.ts";

/** Starts an attempt that is not known. Written down first, so that it never starts twice. */
export function start(state: KeeperState, line: StartLine): void {
  const { table, journal, spawner, nonce, tell, turn } = state;
  const { id, attempt, argv, environment, directory, timeoutMs, killGraceMs } = line;
  if (state.forgotten.has(line)) {
    const reason = "It was started before, and its end was acknowledged.";
    return tell({ kind: "ended", id, attempt, end: { cause: "lost", at: Date.now(), reason } });
  }
  if (table.byKey.size >= limits.keeperRunsMax) {
    const reason = "The keeper holds too many ends that nobody has taken note of.";
    return forget(state, refuse(state, line, reason));
  }
  const run = createRun({
    id,
    attempt,
    nonce: nonce(),
    timeoutMs,
    killGraceMs,
    askedAt: Date.now(),
    isChild: true,
  });
  table.byKey.set(run.key, run);
  table.liveByNonce.set(run.nonce, run);
  journal.append(startLine(run));
  const problem = journal.flush();
  if (problem !== undefined) {
    refuse(state, line, `The keeper can't write its journal: ${problem}.`);
    return;
  }
  let isLater = false;
  const command = { argv, directory, environment: { ...environment, [nonceVariable]: run.nonce } };
  launch(spawner, command, (result) => {
    settle(state, run, result);
    if (isLater) turn();
  });
  isLater = true;
}

/** From now on the attempt never starts. */
export function voidRun(state: KeeperState, { id, attempt }: RunName, reason: string): Run {
  const { table, journal } = state;
  const key = runKey({ id, attempt });
  const run =
    table.byKey.get(key) ??
    createRun({
      id,
      attempt,
      nonce: "",
      timeoutMs: 0,
      killGraceMs: 0,
      askedAt: Date.now(),
      isChild: true,
    });
  run.voided = reason;
  run.phase = "over";
  table.byKey.set(key, run);
  table.liveByNonce.delete(run.nonce);
  journal.append({ kind: "void", id, attempt, reason });
  return run;
}

function refuse(state: KeeperState, run: RunName, reason: string): Run {
  state.tell({ kind: "voided", id: run.id, attempt: run.attempt, reason });
  return voidRun(state, run, reason);
}

function settle(state: KeeperState, run: Run, result: LaunchResult): void {
  switch (result.kind) {
    case "spawned":
      return began(state, run, result);
    case "short":
      refuse(state, run, result.reason);
      return;
    case "unstartable": {
      const { exitCode, reason } = result;
      return finish(state, run, { cause: "unstartable", at: Date.now(), exitCode, reason });
    }
  }
}

function began(
  { table, introduceSoon, limitTime }: KeeperState,
  run: Run,
  { pid, session }: Extract<LaunchResult, { kind: "spawned" }>,
): void {
  run.pid = pid;
  run.session = session;
  run.startedAt = Date.now();
  run.phase = "running";
  table.byPid.set(pid, run);
  introduceSoon(run);
  if (run.timeoutMs > 0) limitTime(run, run.timeoutMs);
}
