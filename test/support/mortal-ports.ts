import type { EnginePorts } from "../../src/engine/deps.ts";

/** Ports of one engine, and its end: from then on it hears nothing, and nothing it does happens. */
export interface MortalPorts {
  readonly ports: EnginePorts;
  /** As `kill -9` of the daemon: no goodbye, whatever it was doing. */
  kill(): void;
  isAlive(): boolean;
}

/** What a dead process waits for. */
const never = new Promise<never>(() => undefined);

/** Stands between an engine and the ports that outlive it. */
export function mortalPorts(ports: EnginePorts): MortalPorts {
  const { clock, store, runner, files } = ports;
  let isAlive = true;

  function whileAlive<A extends readonly unknown[]>(act: (...given: A) => void) {
    return (...given: A): void => {
      if (isAlive) act(...given);
    };
  }

  /** Does not begin once it is dead, and does not come back to it either. */
  function mortal<A extends readonly unknown[], R>(act: (...given: A) => Promise<R>) {
    return async (...given: A): Promise<R> => {
      if (!isAlive) return never;
      try {
        const result = await act(...given);
        return isAlive ? result : await never;
      } catch (error) {
        if (!isAlive) return never;
        throw error;
      }
    };
  }

  async function* scan(...given: Parameters<typeof store.scan>) {
    for await (const row of store.scan(...given)) {
      if (!isAlive) await never;
      yield row;
    }
  }

  return {
    kill: () => {
      isAlive = false;
    },
    isAlive: () => isAlive,
    ports: {
      ...ports,
      clock: { ...clock, after: (delayMs, act) => clock.after(delayMs, whileAlive(act)) },
      store: {
        ...store,
        write: mortal(store.write),
        get: mortal(store.get),
        getMany: mortal(store.getMany),
        scan: scan as typeof store.scan,
        reopen: mortal(store.reopen),
        onFailure: (listener) => store.onFailure(whileAlive(listener)),
        onDamaged: (listener) => store.onDamaged(whileAlive(listener)),
      },
      runner: {
        ...runner,
        listen: ({ started, ended, voided }) =>
          runner.listen({
            started: whileAlive(started),
            ended: whileAlive(ended),
            voided: whileAlive(voided),
          }),
        launch: whileAlive(runner.launch),
        inquire: mortal(runner.inquire),
        stop: whileAlive(runner.stop),
        acknowledge: whileAlive(runner.acknowledge),
      },
      files: {
        ...files,
        prepare(plan) {
          if (!isAlive) return never;
          return files.prepare(plan);
        },
        remove: mortal(files.remove),
        pruneBlobs: mortal(files.pruneBlobs),
      },
    },
  };
}
