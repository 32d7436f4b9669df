import { createPrivateKey, createPublicKey } from "node:crypto";

/** libp2p's protobuf of an Ed25519 private key: type 1, then 64 bytes of seed and public key. */
const header = Buffer.of(0x08, 0x01, 0x12, 0x40);
const keyBytes = header.length + 64;
/** PKCS #8 around an Ed25519 seed (RFC 8410, section 7). */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The public key in the bytes of a key file; undefined where they are no such key, or where its two
 * halves do not belong together, which a flipped bit causes.
 */
export function publicKeyIn(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length !== keyBytes || !header.equals(bytes.subarray(0, header.length)))
    return undefined;
  const seed = bytes.subarray(header.length, header.length + 32);
  const publicKey = bytes.subarray(header.length + 32);
  return Buffer.from(publicOf(seed)).equals(publicKey) ? publicKey : undefined;
}

function publicOf(seed: Uint8Array): Uint8Array {
  const der = Buffer.concat([pkcs8, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
}
