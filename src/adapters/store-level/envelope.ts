import { crc32 } from "node:zlib";

const checksumBytes = 4;

/**
 * A payload as it is stored: CRC-32 (big-endian) over key and payload, then the payload. LevelDB
 * does not check the tables it reads; the key is in the sum so that a record that turns up under
 * another key is not believed either.
 */
export function seal(key: string, payload: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(checksumBytes + payload.length);
  sealed.set(payload, checksumBytes);
  sealed.writeUInt32BE(crc32(payload, crc32(key)), 0);
  return sealed;
}

/** The payload, or undefined where key and bytes are not those that were sealed. */
export function unseal(key: string, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < checksumBytes) return undefined;
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const payload = bytes.subarray(checksumBytes);
  return crc32(payload, crc32(key)) === bytes.readUInt32BE(0) ? payload : undefined;
}
