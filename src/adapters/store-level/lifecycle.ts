import type { Log } from "../../ports/log.ts";
import type { Store } from "../../ports/store.ts";
import type { Availability } from "./availability.ts";
import type { Database } from "./database.ts";

/** An opened database and what its store has to know of it. */
export interface OpenedDatabase {
  readonly database: Database;
  readonly directory: string;
  readonly driver: string;
  /** Synced records were lost. */
  readonly isCorrupted: boolean;
  /** Opens it again after a close; whether synced records were lost. @throws BlanketError */
  open(): Promise<boolean>;
  /** Lets another store have the directory. */
  release(): void;
}

/** Opening again and closing; both let what was asked for before be `settled` first. */
export function createLifecycle(
  log: Log,
  opened: OpenedDatabase,
  availability: Availability,
  settled: () => Promise<void>,
): Pick<Store, "reopen" | "close"> {
  const { database, directory } = opened;
  let reopening: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  async function openAgain(): Promise<void> {
    availability.beginReopening();
    try {
      await settled();
      await database.close();
      availability.reopened(await opened.open());
    } catch (error) {
      throw availability.reopeningFailed(error);
    } finally {
      reopening = undefined;
    }
  }

  async function closeForGood(): Promise<void> {
    availability.close();
    await reopening?.catch(() => undefined);
    await settled();
    // What was promised is on disk: there is nothing that a caller could do about an error now.
    await database.close().catch((error: unknown) => {
      log.warn("the database did not close well", { directory, error });
    });
    opened.release();
  }

  return {
    async reopen() {
      if (closing !== undefined) availability.assertOpen();
      reopening ??= openAgain();
      await reopening;
    },
    async close() {
      closing ??= closeForGood();
      await closing;
    },
  };
}
