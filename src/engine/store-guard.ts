import { sentenceOf, type EngineContext } from "./context.ts";

/** Keeps an engine alive through the loss of its store: a full disk, an I/O error. */
export interface StoreGuard {
  /** Watches the store from now on. */
  start(): void;
  /** Resolves once no attempt to open it again is under way. */
  stopped(): Promise<void>;
}

/** What brings an engine back once its store takes writes again. */
export interface Revival {
  /** Forgets what is in memory and reads what is on disk. */
  load(): Promise<unknown>;
  /** Starts tasks again. */
  resume(): void;
}

/** How long to wait before the store is tried again, growing up to the second figure. */
const reopenDelayMs = { first: 500, most: 15_000 };

/**
 * After a failed write nobody knows what is on disk, and LevelDB answers nothing but errors until
 * it is opened anew. So the engine forgets all that it holds in memory and reads what is there.
 */
export function createStoreGuard(context: EngineContext, revival: Revival): StoreGuard {
  const { ports, session } = context;
  const { store, log, metrics } = ports;
  let regaining: Promise<void> | undefined;

  function lose(cause: unknown): void {
    session.storeProblem = sentenceOf(cause);
    metrics.count("store_failures_total");
    log.error("the store failed; nothing is taken until it works again", { cause });
    if (session.phase === "stopping" || session.phase === "storeless") return;
    session.phase = "storeless";
    regaining ??= regain(context, revival).finally(() => {
      regaining = undefined;
    });
  }

  return {
    start: () => store.onFailure(lose),
    stopped: async () => regaining,
  };
}

/** Opens the store again until it takes a write, then reads everything anew. */
async function regain(context: EngineContext, revival: Revival): Promise<void> {
  const { ports, session } = context;
  let delayMs = reopenDelayMs.first;
  const { served } = session;
  session.served = undefined;
  while (session.phase !== "stopping") {
    const wait = delayMs;
    await new Promise<void>((resolve) => ports.clock.after(wait, resolve));
    delayMs = Math.min(delayMs * 2, reopenDelayMs.most);
    try {
      await ports.store.reopen();
      const boot = { kind: "put", table: "meta", key: "boot", value: session.boot } as const;
      await ports.store.write([boot]);
      session.phase = "loading";
      await revival.load();
      session.storeProblem = undefined;
      session.served = served;
      revival.resume();
      ports.log.info("the store works again");
      return;
    } catch (error) {
      session.storeProblem = sentenceOf(error);
    }
  }
}
