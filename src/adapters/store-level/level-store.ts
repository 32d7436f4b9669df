import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { Store, StoreOperation } from "../../ports/store.ts";
import { createAvailability } from "./availability.ts";
import { createDamageList } from "./damage-list.ts";
import type { DatabaseOperation } from "./database.ts";
import { createGroupCommit } from "./group-commit.ts";
import { keyOf } from "./keys.ts";
import { createLifecycle, type OpenedDatabase } from "./lifecycle.ts";
import { createReader } from "./reader.ts";
import { storedBytes } from "./stored-record.ts";

export interface LevelStoreDeps {
  readonly log: Log;
  /** With both of these, batches are counted and timed. */
  readonly clock?: Clock;
  readonly metrics?: Metrics;
}

/** The store on an opened database. */
export function createLevelStore(deps: LevelStoreDeps, opened: OpenedDatabase): Store {
  const { log, clock, metrics } = deps;
  const { database, directory, driver } = opened;
  const availability = createAvailability(log, directory, opened.isCorrupted);
  const damages = createDamageList(log, metrics);
  const group = createGroupCommit(commit);
  // First of the listeners: when others hear of a failure, no write waits any more.
  availability.onFailure(group.rejectWaiting);
  let batches = 0;
  let operationsWritten = 0;

  async function commit(operations: DatabaseOperation[]): Promise<void> {
    const startedAt = clock?.monotonic();
    try {
      await database.batch(operations, { sync: true });
    } catch (error) {
      throw availability.fail(error);
    }
    batches += 1;
    operationsWritten += operations.length;
    damages.mend(operations);
    metrics?.count("store_batches_total");
    if (clock !== undefined && startedAt !== undefined) {
      metrics?.observe("store_batch_seconds", (clock.monotonic() - startedAt) / 1_000);
    }
  }

  return {
    ...createLifecycle(log, opened, availability, group.settled),
    ...createReader({ database, availability, damages }),
    async write(operations) {
      availability.assertOpen();
      await group.write(operations.map(databaseOperation));
    },
    onFailure: availability.onFailure,
    onDamaged: damages.onDamaged,
    status: () => ({
      driver,
      ...availability.facts(),
      pending: group.pending(),
      batches,
      operations: operationsWritten,
      damaged: damages.size(),
    }),
  };
}

function databaseOperation(operation: StoreOperation): DatabaseOperation {
  const { table, key } = operation;
  const databaseKey = keyOf(table, key);
  if (operation.kind === "delete") return { type: "del", key: databaseKey };
  return { type: "put", key: databaseKey, value: storedBytes(table, key, operation.value) };
}
