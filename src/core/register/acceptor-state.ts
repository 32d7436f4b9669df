import type { NodeId, TaskId } from "../ids.ts";
import type { Ballot, Value } from "./value.ts";

/** What a voter holds of one register at one epoch; synced before any answer that depends on it. */
export interface RegisterState {
  readonly id: TaskId;
  readonly epoch: number;
  readonly voters: readonly NodeId[];
  /** The only node whose ballot of round 0 is accepted. */
  readonly fast?: NodeId;
  /** Who created the task, in which boot, as its how-manieth: what `gone` remembers. */
  readonly origin: NodeId;
  readonly boot: number;
  readonly seq: number;
  /** Absent in a register of the key space, which starts EMPTY without a Create. */
  readonly init?: Value;
  readonly promised: Ballot;
  readonly acceptedBallot: Ballot;
  /** Absent while EMPTY. */
  readonly accepted?: Value;
  /**
   * The greatest attempt whose lease this voter gave away by letting a `retry(n, lost)` pass: no
   * lease of it, or of one before it, is granted any more.
   */
  readonly gave?: number;
}
