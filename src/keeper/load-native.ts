import { createForkSpawner } from "./fork-spawner.ts";
import { createPosixSpawner, type Koffi } from "./posix-spawner.ts";
import type { Spawner } from "./spawner.ts";

/** What the keeper wants of the C library, or the next best where it can't be reached. */
export interface Native {
  readonly spawner: Spawner;
  /** Takes an open file for this process alone, until it ends; false where another one has it. */
  takeFile(file: number): boolean;
}

/** From sys/file.h. */
const exclusively = 2;
const withoutWaiting = 4;

/** Loads koffi, or says why it does not load. */
export async function loadNative(useFork: boolean, say: (text: string) => void): Promise<Native> {
  if (!useFork) {
    try {
      const koffi = await import("koffi");
      return { spawner: createPosixSpawner(koffi), takeFile: fileTaker(koffi) };
    } catch (error) {
      say(`koffi does not load, so commands are started with fork: ${(error as Error).message}`);
    }
  }
  // Without locks it is the journal's word that tells one keeper of another.
  return { spawner: createForkSpawner(), takeFile: () => true };
}

function fileTaker(koffi: Koffi): (file: number) => boolean {
  const flock = koffi.load(null).func("int flock(int fd, int operation)");
  const isTaken = koffi.os.errno["EWOULDBLOCK"] ?? koffi.os.errno["EAGAIN"];
  return (file) => flock(file, exclusively | withoutWaiting) === 0 || koffi.errno() !== isTaken;
}
