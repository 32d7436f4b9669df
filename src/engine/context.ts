import { BlanketError } from "../core/errors.ts";
import type { NodeId } from "../core/ids.ts";
import type { GoneIntervals } from "../core/register/gone.ts";
import type { EngineOptions, EnginePorts, ServedAt } from "./deps.ts";
import type { Registers } from "./registers.ts";
import type { Replica } from "./replica.ts";
import type { Workers } from "./workers.ts";

/**
 * - `loading`: the store is being read
 * - `ready`: everything works
 * - `storeless`: the store has failed and is tried again; nothing can be changed
 * - `stopping`: what runs is settled, nothing new is taken
 */
export type Phase = "loading" | "ready" | "storeless" | "stopping";

/** What changes in the life of an engine and concerns all of its loops. */
export interface Session {
  phase: Phase;
  /** Why nothing can be stored now. */
  storeProblem: string | undefined;
  /** Grows with each start; numbers of this start's tasks are unique with it. */
  boot: number;
  /** Secret from which the tokens of tasks are made. */
  tokenKey: string;
  /** Set once REST listens: only then are tasks started. */
  served: ServedAt | undefined;
}

/** What all loops share. */
export interface EngineContext {
  readonly ports: EnginePorts;
  readonly options: EngineOptions;
  readonly session: Session;
  readonly replica: Replica;
  readonly registers: Registers;
  readonly workers: Workers;
  readonly gone: Map<NodeId, GoneIntervals>;
}

/** Whether ends of attempts can be settled; if not, the keeper tells them again later. */
export function canSettle({ phase }: Session): boolean {
  return phase === "ready" || phase === "stopping";
}

/** @throws STORE_UNAVAILABLE, NODE_STOPPING where nothing can be changed now */
export function refuseUnlessReady({ session, options }: EngineContext): void {
  if (session.phase === "ready") return;
  if (session.phase === "stopping") {
    throw new BlanketError("NODE_STOPPING", `${options.name} is stopping; start it again first.`);
  }
  const why = session.storeProblem ?? "it is starting";
  throw new BlanketError(
    "STORE_UNAVAILABLE",
    `${options.name} can't store anything now: ${why}; running tasks go on, try again in a while.`,
  );
}

/** What an error says, for a sentence of ours. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
