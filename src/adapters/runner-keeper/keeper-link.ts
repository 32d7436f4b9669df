import { mkdirSync } from "node:fs";

import { type DaemonLine, type KeeperHello, keeperProtocol } from "../../contract/keeper-lines.ts";
import { BlanketError } from "../../core/errors.ts";
import { version } from "../../core/version.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { type Conversation, converse, type SaidLine } from "./conversation.ts";
import {
  connectToKeeper,
  keeperDirectory,
  type KeeperProgram,
  startKeeper,
} from "./keeper-socket.ts";

/** The way to the keeper: there is one, or one is made. */
export interface KeeperLink {
  /** Undefined while there is no keeper to talk to. */
  hello(): KeeperHello | undefined;
  /**
   * Connects to the keeper that lives. Where there is none, starts one if `mayStart`, else gives
   * false. Calls during an attempt share it. @throws KEEPER_UNAVAILABLE
   */
  open(mayStart: boolean): Promise<boolean>;
  /** Says it to the keeper; nothing happens without one. */
  say(line: DaemonLine): void;
  /** Lets go, for good. */
  close(): Promise<void>;
}

export interface LinkEvents {
  line(line: SaidLine): void;
  /** The keeper went away by itself, `afterMs` after it was reached. */
  lost(afterMs: number): void;
}

export interface LinkOptions extends KeeperProgram {
  readonly dataDirectory: string;
}

/** An old keeper answers at once; a new one has to load first, on a machine that may be busy. */
const helloWithinMs = { old: 5_000, new: 15_000 } as const;
/** The exit code of a keeper that found another one. */
const anotherLives = 75;
/** Tries to reach or start a keeper, and the pauses between: one may be ending just now. */
const pausesMs = [50, 200, 1_000, 2_000];
const closeWithinMs = 1_000;

interface LinkState {
  readonly clock: Clock;
  readonly log: Log;
  readonly options: LinkOptions;
  readonly events: LinkEvents;
  open: { readonly conversation: Conversation; readonly hello: KeeperHello } | undefined;
  opening: Promise<boolean> | undefined;
  /** Talked to, but not yet or no longer of use. */
  pending: Conversation | undefined;
  isClosed: boolean;
}

export function createKeeperLink(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  options: LinkOptions,
  events: LinkEvents,
): KeeperLink {
  const state: LinkState = {
    clock,
    log,
    options,
    events,
    open: undefined,
    opening: undefined,
    pending: undefined,
    isClosed: false,
  };
  return {
    hello: () => state.open?.hello,
    async open(mayStart) {
      if (state.isClosed) throw unavailable(options.dataDirectory, "another daemon has it");
      if (state.open !== undefined) return true;
      state.opening ??= reach(state, mayStart).finally(() => {
        state.opening = undefined;
      });
      return state.opening;
    },
    say: (line) => state.open?.conversation.say(line),
    close: () => close(state),
  };
}

async function reach(state: LinkState, mayStart: boolean): Promise<boolean> {
  const { dataDirectory } = state.options;
  let failure: unknown;
  try {
    mkdirSync(keeperDirectory(dataDirectory), { recursive: true, mode: 0o700 });
    for (const pauseMs of pausesMs) {
      const way = await tryOnce(state, mayStart);
      if (way.kind === "open") return true;
      if (way.kind === "absent") return false;
      failure = way.error;
      await pause(state.clock, pauseMs);
      if (state.isClosed) break;
    }
  } catch (error) {
    failure = error;
  }
  throw unavailable(dataDirectory, failure);
}

type Way =
  | { readonly kind: "open" }
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly error: unknown };

async function tryOnce(state: LinkState, mayStart: boolean): Promise<Way> {
  const { options, log } = state;
  try {
    const socket = await connectToKeeper(keeperDirectory(options.dataDirectory));
    if (socket !== undefined) return await greet(state, converse(socket, log), "old", mayStart);
    if (!mayStart) return { kind: "absent" };
    const started = startKeeper(options, options.dataDirectory);
    const conversation = converse(started.socket, log);
    const early = started.ended.then((code): never => {
      throw new Error(code === anotherLives ? "another keeper lives" : `it ended with ${code}`);
    });
    early.catch(() => undefined);
    return await Promise.race([greet(state, conversation, "new", true), early]);
  } catch (error) {
    return { kind: "failed", error };
  }
}

/**
 * Waits for the keeper's hello. One of another protocol can't be talked to: it ends when it runs
 * empty, and whoever needs a keeper waits for that.
 */
async function greet(
  state: LinkState,
  conversation: Conversation,
  age: keyof typeof helloWithinMs,
  mayWait: boolean,
): Promise<Way> {
  const { clock, log } = state;
  state.pending = conversation;
  const withinMs = helloWithinMs[age];
  const silence = new Error(`it said nothing for ${withinMs / 1000} s`);
  const cancel = clock.after(withinMs, () => conversation.destroy(silence));
  try {
    const hello = await conversation.hello;
    if (hello.protocol !== keeperProtocol) {
      if (!mayWait) {
        conversation.destroy();
        return { kind: "absent" };
      }
      const { version: keeperVersion, pid } = hello;
      const message = "a keeper of another version holds the runs; waiting until it has none";
      log.warn(message, { keeperVersion, pid });
      cancel();
      await conversation.closed;
      throw new Error("a keeper of another version has ended");
    }
    if (state.isClosed) throw new Error("it is not wanted any more");
    conversation.say({ kind: "hello", protocol: keeperProtocol, version });
    enter(state, conversation, hello);
    return { kind: "open" };
  } finally {
    cancel();
    state.pending = undefined;
  }
}

function enter(state: LinkState, conversation: Conversation, hello: KeeperHello): void {
  const since = state.clock.monotonic();
  state.open = { conversation, hello };
  conversation.listen((line) => state.events.line(line));
  void conversation.closed.then(() => {
    if (state.open?.conversation !== conversation) return;
    state.open = undefined;
    if (!state.isClosed) state.events.lost(state.clock.monotonic() - since);
  });
}

async function close(state: LinkState): Promise<void> {
  state.isClosed = true;
  state.pending?.destroy();
  const conversation = state.open?.conversation;
  if (conversation === undefined) return;
  state.open = undefined;
  conversation.end();
  const cancel = state.clock.after(closeWithinMs, () => conversation.destroy());
  await conversation.closed;
  cancel();
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

function unavailable(dataDirectory: string, cause: unknown): BlanketError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BlanketError(
    "KEEPER_UNAVAILABLE",
    `The keeper, which starts tasks, can't be reached or started: ${why}. ` +
      `See ${keeperDirectory(dataDirectory)}/log.`,
    { dataDirectory },
    cause,
  );
}
