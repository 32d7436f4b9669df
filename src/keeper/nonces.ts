import { openSync, readSync } from "node:fs";

const nonceBytes = 16;
const poolBytes = 64 * nonceBytes;

/** Makes texts that nobody can guess. Read from the kernel: `node:crypto` costs a megabyte. */
export function createNonces(): () => string {
  const source = openSync("/dev/urandom", "r");
  const pool = Buffer.alloc(poolBytes);
  let at = poolBytes;
  return () => {
    if (at === poolBytes) {
      readSync(source, pool);
      at = 0;
    }
    at += nonceBytes;
    return pool.toString("hex", at - nonceBytes, at);
  };
}
