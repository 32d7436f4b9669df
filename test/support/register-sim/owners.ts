import type { TaskId } from "../../../src/core/ids.ts";
import type { RunFacts } from "../../../src/core/journal.ts";
import { decideRecovery } from "../../../src/core/recovery.ts";
import { noon } from "../values.ts";
import type { SimNode } from "./node.ts";
import { change } from "./proposers.ts";
import { later, write, type World } from "./surroundings.ts";

/** What the owner of the standing attempt does next, journal first. */
export function attend(world: World, node: SimNode, id: TaskId): void {
  const record = node.memory.records.get(id);
  const value = record?.decided.value;
  if (record === undefined || value?.phase !== "CLAIMED" || value.owner !== node.name) return;
  const { n: attempt } = value;
  const key = `${id}/${attempt}`;
  const entry = node.memory.journal.get(key);
  const lives = node.processes.get(key);
  if (lives === true) return;
  const isNew = entry === undefined && !value.stop;
  if (isNew && world.chance.holds(0.8)) return begin(world, node, id, attempt);
  const { onLost, retry } = record.decided.spec;
  const recovery = decideRecovery({
    attempt,
    entry,
    facts: lives === false ? endSeen(world) : undefined,
    isSameKernel: lives === false,
    value,
    self: node.name,
    onLost,
    retry,
    endedBefore: Object.keys(record.ended).length,
    at: noon,
    random01: world.chance.float(),
  });
  if (recovery.kind !== "change") return;
  const { journal, command } = recovery;
  write(
    world,
    node,
    (tables) => void tables.journal.set(key, journal),
    () => change(world, node, id, command),
  );
}

function endSeen({ chance }: World): RunFacts {
  const end = { cause: "exited", at: noon, exitCode: chance.below(2) } as const;
  return { kind: "ended", pid: 1, startedAt: noon, end };
}

function begin(world: World, node: SimNode, id: TaskId, attempt: number): void {
  const key = `${id}/${attempt}`;
  const entry = {
    kind: "starting",
    kernelBootId: `${node.name}/${node.boot}`,
    startedAt: noon,
    worker: "w",
    typeDigest: "d",
    timeoutMs: 0,
    killGraceMs: 0,
    typeEnvironment: {},
  } as const;
  node.processes.set(key, true);
  write(
    world,
    node,
    ({ journal }) => void journal.set(key, entry),
    () => {
      world.oracle.started(node.name, id, attempt);
      later(world, node, 20 + world.chance.float() * 80, () => {
        node.processes.set(key, false);
        attend(world, node, id);
      });
    },
  );
}
