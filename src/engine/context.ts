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
  /** Set once REST listens. */
  served: ServedAt | undefined;
  /** It is known what became of each attempt that may have been running, and in which worker. */
  isRecovered: boolean;
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

/** What started tasks are told to call back; undefined while none may be started. */
export function startsFrom({ phase, isRecovered, served }: Session): ServedAt | undefined {
  return phase === "ready" && isRecovered ? served : undefined;
}

/** @throws STORE_UNAVAILABLE, NODE_STOPPING where nothing can be changed now */
export function refuseUnlessReady({ session, options }: EngineContext): void {
  if (session.phase === "ready") return;
  if (session.phase === "stopping") {
    throw new BlanketError("NODE_STOPPING", `${options.name} is stopping; start it again first.`);
  }
  throw storeUnavailable(options, session);
}

/** @throws STORE_UNAVAILABLE while what is asked for may be there and not be read yet */
export function refuseWhileLoading({ session, options }: EngineContext): void {
  if (session.phase === "loading") throw storeUnavailable(options, session);
}

/** Why nothing is stored now, to be thrown. */
export function storeUnavailable({ name }: EngineOptions, { storeProblem }: Session): BlanketError {
  return new BlanketError(
    "STORE_UNAVAILABLE",
    `${name} can't store anything now: ${storeProblem?.replace(/\.$/, "") ?? "it is starting"}; running tasks go on, try again in a while.`,
  );
}

/** What an error says, for a sentence of ours. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
