import { BlanketError } from "../../../src/core/errors.ts";
import type { ShownTask } from "../../../src/core/task/shown-task.ts";
import type { EnginePorts } from "../../../src/engine/deps.ts";
import type { Control } from "../../../src/ports/control.ts";
import { endFaults } from "../../doubles/faulty-level.ts";
import { createChance, type Chance } from "../chance.ts";
import { createEngineWorld, type EngineWorld } from "../engine-world.ts";
import { createOracle, Violation, type Oracle } from "./oracle.ts";

/** One engine after the other on one disk, with users, a runner and a disk that chance drives. */
export interface ChaosWorld {
  readonly chance: Chance;
  readonly oracle: Oracle;
  /** The engine that lives now. */
  world(): EngineWorld;
  control(): Control;
  /** Runs that this engine did not start itself, or not since its store came back. */
  readonly adopted: Set<string>;
  /** Does not wait for the answer; it is held against the oracle when it comes. */
  ask<T>(what: string, question: Promise<T>, answered: (answer: T) => void): void;
  /** Questions of this engine that have not been answered. */
  unanswered(): readonly string[];
  /** From now on answers of the keeper, or directories, are not ready until `release`. */
  hold(what: Slow): void;
  release(what: Slow): void;
  isHeld(what: Slow): boolean;
  /** A violation that came to light outside of a step. */
  findViolation(): void;
  /** `kill -9`; what happens before the next one starts; and that. */
  restart(meanwhile: () => void): Promise<void>;
  turns(count: number): Promise<void>;
  dispose(): Promise<void>;
}

/** What may take its time. */
export type Slow = "answers" | "directories";

/** What users are told where something is not possible: no answer of another kind is right. */
const refusals: ReadonlySet<string> = new Set([
  "STORE_UNAVAILABLE",
  "KEY_REUSED",
  "TRANSITION_ILLEGAL",
  "TASK_UNKNOWN",
  "WORKER_UNKNOWN",
]);

export async function createChaosWorld(seed: number): Promise<ChaosWorld> {
  const chance = createChance(seed);
  const adopted = new Set<string>();
  const found: { violation?: Error } = {};
  const open = new Map<symbol, string>();
  const gates: { [S in Slow]?: PromiseWithResolvers<void> } = {};
  let oracle: Oracle | undefined;

  /** Keeps what goes wrong inside of a callback, where nobody would hear of it. */
  function note(act: () => void): void {
    try {
      act();
    } catch (error) {
      found.violation ??= error instanceof Error ? error : new Violation(String(error));
    }
  }

  function wrap(ports: EnginePorts): EnginePorts {
    const { runner, files } = ports;
    return {
      ...ports,
      files: {
        ...files,
        async prepare(plan) {
          await files.prepare(plan);
          await gates.directories?.promise;
        },
      },
      runner: {
        ...runner,
        async inquire(id, attempt) {
          await gates.answers?.promise;
          return runner.inquire(id, attempt);
        },
        launch(request) {
          const before = world.runner.launched.length;
          runner.launch(request);
          if (world.runner.launched.length > before) note(() => oracle?.launched(request));
        },
      },
    };
  }

  let world = await createEngineWorld({ slots: 1 + chance.below(3) }, wrap);
  oracle = createOracle(world.runner);

  function findViolation(): void {
    if (found.violation !== undefined) throw found.violation;
  }

  function release(what: Slow): void {
    gates[what]?.resolve();
    delete gates[what];
  }

  return {
    chance,
    oracle,
    adopted,
    world: () => world,
    control: () => world.engine.control,
    ask(what, question, answered) {
      const mark = Symbol(what);
      open.set(mark, what);
      question.then(
        (answer) => {
          open.delete(mark);
          note(() => answered(answer));
        },
        (error: unknown) => {
          open.delete(mark);
          if (error instanceof BlanketError && refusals.has(error.code)) return;
          found.violation ??= new Violation(`${what} was answered ${String(error)}`, {
            cause: error,
          });
        },
      );
    },
    unanswered: () => [...open.values()],
    hold(what) {
      gates[what] ??= Promise.withResolvers();
    },
    release,
    isHeld: (what) => gates[what] !== undefined,
    findViolation,
    async restart(meanwhile) {
      world.kill();
      for (const what of ["answers", "directories"] as const) release(what);
      open.clear();
      meanwhile();
      endFaults();
      await world.store.reopen();
      for (const { id } of world.runner.running()) adopted.add(id);
      world = await world.restart();
    },
    async turns(count) {
      for (let turn = 0; turn < count; turn += 1) await world.clock.run(0);
    },
    async dispose() {
      endFaults();
      await world.dispose();
    },
  };
}

/** An answer about a task, for the oracle. */
export function tell({ oracle }: ChaosWorld): (task: ShownTask) => void {
  return (task) => oracle.told(task);
}
