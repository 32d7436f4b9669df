/** Digits of base 58 as Bitcoin and libp2p write them. */
const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/**
 * An identity multihash (0x00, 36 bytes) over the protobuf of an Ed25519 public key (type 1, 32
 * bytes).
 * @see https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
 */
const prefix = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/**
 * The peer id of an Ed25519 public key (32 bytes) as text, `12D3KooW…`. Written out here because
 * the library that does it takes 35 ms and 10 MB to load, at every start of a node.
 */
export function peerIdText(publicKey: Uint8Array): string {
  return base58(Uint8Array.of(...prefix, ...publicKey));
}

/** Each leading zero byte is one leading zero digit; the rest is one large number. */
function base58(bytes: Uint8Array): string {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  let text = "";
  for (; number > 0n; number /= 58n) text = `${digits[Number(number % 58n)]}${text}`;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return `${"1".repeat(zeros === -1 ? bytes.length : zeros)}${text}`;
}
