import { missingTags, type Needs } from "./eligible.ts";

/** Workers of one node with the same tags. */
export interface WorkerGroup {
  readonly node: string;
  readonly tags: ReadonlySet<string>;
  /** Workers that take tasks, and how many of them are free. */
  readonly total: number;
  readonly free: number;
}

/** Whether and why the task's type can't be run here; undefined where it can. */
export type TypeFault = "missing" | "invalid" | undefined;

/**
 * One phrase: why a claimable task is not running. For people; empty where nothing is in the way.
 */
export function whyWaiting(
  needs: Needs,
  typeFault: TypeFault,
  groups: readonly WorkerGroup[],
): string {
  if (typeFault === "missing") return `no live node has the task type ${needs.type}`;
  if (typeFault === "invalid") {
    return `the task type ${needs.type} does not load (blanket validate ${needs.type})`;
  }
  const working = groups.filter((group) => group.total > 0);
  if (working.length === 0) return "no live node takes work";
  const fitting = working.filter((group) => missingTags(needs.tags, group.tags).length === 0);
  if (fitting.length === 0) return noTags(needs, working);
  if (fitting.some((group) => group.free > 0)) return "";
  return busy(fitting);
}

/** Whether no live worker could ever run it as things stand. */
export function isUnrunnable(
  needs: Needs,
  typeFault: TypeFault,
  groups: readonly WorkerGroup[],
): boolean {
  return (
    typeFault !== undefined ||
    !groups.some((group) => group.total > 0 && missingTags(needs.tags, group.tags).length === 0)
  );
}

function noTags(needs: Needs, groups: readonly WorkerGroup[]): string {
  const nowhere = needs.tags.filter((tag) => !groups.some((group) => group.tags.has(tag)));
  if (nowhere.length === 0) return `no live node has ${needs.tags.join(", ")} together`;
  const noun = nowhere.length === 1 ? "tag" : "tags";
  return `no live node has ${noun} ${nowhere.join(", ")}`;
}

function busy(groups: readonly WorkerGroup[]): string {
  const slots = groups.reduce((sum, group) => sum + group.total, 0);
  const nodes = [...new Set(groups.map((group) => group.node))];
  const where = nodes.length === 1 ? nodes.join("") : `${nodes.length} nodes`;
  if (slots === 1) return `the slot of ${where} is busy`;
  return slots === 2
    ? `both slots of ${where} are busy`
    : `all ${slots} slots of ${where} are busy`;
}
