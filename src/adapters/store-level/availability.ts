import { BlanketError } from "../../core/errors.ts";
import type { Log } from "../../ports/log.ts";
import { isCorruption, operationFailure } from "./failure.ts";

type State =
  | { readonly kind: "open" }
  /** Nothing is taken; `reason` is what callers get. */
  | { readonly kind: "failed" | "reopening" | "closed"; readonly reason: BlanketError };

/** Whether the database may be used now, and what is known to be wrong with it. */
export interface Availability {
  /** @throws STORE_UNAVAILABLE */
  assertOpen(): void;
  /** Makes the store unusable, unless it is so already; returns what to throw. */
  fail(error: unknown): BlanketError;
  /** Takes a block that can't be read for lost records; throws what is no such error. */
  noteCorruption(error: unknown): void;
  /** From now on nothing is taken. */
  beginReopening(): void;
  /** An end of `reopening`; either does nothing where the store has been closed meanwhile. */
  reopened(isCorrupted: boolean): void;
  reopeningFailed(error: unknown): BlanketError;
  close(): void;
  onFailure(listener: (reason: unknown) => void): void;
  facts(): {
    readonly open: boolean;
    readonly corrupted: boolean;
    readonly lastError: string | null;
  };
}

export function createAvailability(
  log: Log,
  directory: string,
  wasCorrupted: boolean,
): Availability {
  const listeners: ((reason: unknown) => void)[] = [];
  let state: State = { kind: "open" };
  let corrupted = wasCorrupted;
  let lastError: string | null = null;

  function fail(error: unknown): BlanketError {
    if (state.kind !== "open") return state.reason;
    const reason = operationFailure(directory, error);
    state = { kind: "failed", reason };
    lastError = reason.message;
    log.error("the database failed", { directory, reason: reason.message });
    for (const listener of listeners) listener(reason);
    return reason;
  }

  return {
    assertOpen() {
      if (state.kind !== "open") throw state.reason;
    },
    fail,
    noteCorruption(error) {
      if (!isCorruption(error)) throw fail(error);
      if (!corrupted) log.error("a part of the database can't be read", { directory, error });
      corrupted = true;
    },
    beginReopening() {
      state = { kind: "reopening", reason: refusal(directory, "being opened again") };
    },
    reopened(isCorrupted) {
      corrupted ||= isCorrupted;
      if (state.kind === "reopening") state = { kind: "open" };
    },
    reopeningFailed(error) {
      const reason = operationFailure(directory, error);
      lastError = reason.message;
      if (state.kind === "reopening") state = { kind: "failed", reason };
      return reason;
    },
    close() {
      state = { kind: "closed", reason: refusal(directory, "closed") };
    },
    onFailure(listener) {
      listeners.push(listener);
    },
    facts: () => ({ open: state.kind === "open", corrupted, lastError }),
  };
}

function refusal(directory: string, what: string): BlanketError {
  return new BlanketError(
    "STORE_UNAVAILABLE",
    `The database in ${directory} is ${what}; try again when the node says that it is ready.`,
    { directory },
  );
}
