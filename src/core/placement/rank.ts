import { canonicalBytes } from "../canonical.ts";
import { hexOf, type Hash, type NodeId, type TaskId } from "../ids.ts";

/**
 * The place of `self` among `members` for one task, from 0: rendezvous hashing (Thaler and
 * Ravishankar, 1998), so that equal nodes share tasks evenly and agree who tries first. The rank
 * only makes a claim rarely contended; the register makes it correct.
 */
export function rankOf(hash: Hash, id: TaskId, self: NodeId, members: readonly NodeId[]): number {
  if (members.length <= 1) return 0;
  const own = weight(hash, id, self);
  return members.filter((member) => member !== self && weight(hash, id, member) < own).length;
}

function weight(hash: Hash, id: TaskId, node: NodeId): string {
  return hexOf(hash(canonicalBytes(["rank", id, node])).subarray(0, 8)) + node;
}
