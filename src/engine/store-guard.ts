import { BlanketError } from "../core/errors.ts";
import type { Store } from "../ports/store.ts";
import { sentenceOf, type EngineContext } from "./context.ts";

/** Keeps an engine alive through the loss of its store: a full disk, an I/O error. */
export interface StoreGuard {
  /** Watches the store from now on. */
  start(): void;
  /** Tries no longer; resolves once no attempt to open it again is under way. */
  stop(): Promise<void>;
}

/** How long to wait before the store is tried again, growing up to the second figure. */
const reopenDelayMs = { first: 500, most: 15_000 };

interface State {
  readonly context: EngineContext;
  readonly store: Store;
  readonly load: () => Promise<unknown>;
  isStopped: boolean;
  /** Ends the pause before the next attempt. */
  wake: (() => void) | undefined;
}

/**
 * After a failed write nobody knows what is on disk, and LevelDB answers nothing but errors until
 * it is opened anew. So the engine forgets all that it holds in memory and reads what is there.
 * `store` is the store itself, which takes writes while the engine does not; `load` forgets what is
 * in memory, reads what is on disk and goes on from there.
 */
export function createStoreGuard(
  context: EngineContext,
  store: Store,
  load: () => Promise<unknown>,
): StoreGuard {
  const { ports, session } = context;
  const state: State = { context, store, load, isStopped: false, wake: undefined };
  let regaining: Promise<void> | undefined;

  function lose(cause: unknown): void {
    session.storeProblem = sentenceOf(cause);
    ports.metrics.count("store_failures_total");
    ports.log.error("the store failed; nothing is taken until it works again", { cause });
    if (session.phase === "stopping") return;
    session.phase = "storeless";
    session.isRecovered = false;
    regaining ??= regain(state).finally(() => {
      regaining = undefined;
    });
  }

  return {
    start: () => store.onFailure(lose),
    async stop() {
      state.isStopped = true;
      state.wake?.();
      await regaining;
    },
  };
}

/** Opens the store again and again, until it takes a write and everything was read anew. */
async function regain(state: State): Promise<void> {
  const { session, ports } = state.context;
  let delayMs = reopenDelayMs.first;
  while (!state.isStopped) {
    await pause(state, delayMs);
    if (state.isStopped) return;
    delayMs = Math.min(delayMs * 2, reopenDelayMs.most);
    try {
      if (await isBack(state)) return;
    } catch (error) {
      session.storeProblem = sentenceOf(error);
      ports.log.warn("the store does not work yet", { error });
      if (!state.isStopped) session.phase = "storeless";
    }
  }
}

function pause(state: State, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = state.context.ports.clock.after(ms, resolve);
    state.wake = () => {
      cancel();
      resolve();
    };
  });
}

/** Whether it works again, and went on working while it was read. */
async function isBack(state: State): Promise<boolean> {
  const { context, store, load } = state;
  const { session } = context;
  await store.reopen();
  if ((await store.get("meta", "corrupted")) !== undefined) throw lostRecords(context);
  await store.write([{ kind: "put", table: "meta", key: "boot", value: session.boot }]);
  if (state.isStopped) return false;
  session.phase = "loading";
  await load();
  if (!session.isRecovered) return false;
  session.storeProblem = undefined;
  context.ports.log.info("the store works again");
  return true;
}

/** Who has voted and forgotten it must not vote again; only a start can mint a new identity. */
function lostRecords({ options }: EngineContext): BlanketError {
  return new BlanketError(
    "STORE_UNAVAILABLE",
    `the database of ${options.name} lost records; restart the node, which then goes on under a new identity`,
  );
}
