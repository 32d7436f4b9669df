import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * What LevelDB's own log says of synced records that it dropped when the database was opened: one
 * line each, empty where it dropped none.
 *
 * LevelDB goes on without a damaged part of its write-ahead log and tells only there; it begins a
 * new LOG with each opening, so it must be read after each. The end of a write-ahead log that was
 * cut off by a power cut prints nothing: that part was never promised to anybody. A flipped byte
 * that makes the very last record look longer than the file is taken for such an end, too; nothing
 * tells the two apart.
 */
export async function readDroppedRecords(location: string): Promise<readonly string[]> {
  const text = await readFile(join(location, "LOG"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => /dropping \d+ bytes;.*Corruption/.test(line));
}
