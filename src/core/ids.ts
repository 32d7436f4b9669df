import { canonicalBytes, type Canonical } from "./canonical.ts";

/** A task's id: a UUID version 8 in lower case, 36 characters. */
export type TaskId = string & { readonly brand: "TaskId" };
/** A node's id: the libp2p peer id of its Ed25519 key. */
export type NodeId = string & { readonly brand: "NodeId" };
/** A worker's id: `<node name>-<number>`, unique on its node for ever. */
export type WorkerId = string & { readonly brand: "WorkerId" };
/** SHA-256, handed in so that core needs no platform. 32 bytes. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** What an id is computed from, so that any node computes the same one (CONTRACT section 3). */
export type TaskIdSource =
  | {
      readonly kind: "origin";
      readonly origin: NodeId;
      readonly boot: number;
      readonly seq: number;
    }
  | { readonly kind: "key"; readonly namespace: string; readonly key: string }
  | { readonly kind: "retry"; readonly of: TaskId; readonly count: number };

/** The id of a task: 122 bits of SHA-256 in the layout of RFC 9562 section 5.8 (UUID version 8). */
export function taskIdOf(hash: Hash, source: TaskIdSource): TaskId {
  return uuidFrom(hash(canonicalBytes(sourceParts(source)))) as TaskId;
}

function sourceParts(source: TaskIdSource): Canonical {
  switch (source.kind) {
    case "origin":
      return ["t", source.origin, source.boot, source.seq];
    case "key":
      return ["k", source.namespace, source.key];
    case "retry":
      return ["r", source.of, source.count];
  }
}

function uuidFrom(digest: Uint8Array): string {
  const hex = hexOf(digest.subarray(0, 16));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** Lower-case hexadecimal, two digits a byte. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

const taskIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether `text` is a whole task id in canonical form. */
export function isTaskId(text: string): text is TaskId {
  return taskIdPattern.test(text);
}

/** Whether `text` could be the beginning of a task id: what `show 9ab0` may be asked with. */
export function isTaskIdPrefix(text: string): boolean {
  return text.length > 0 && text.length <= 36 && /^[0-9a-f-]+$/.test(text);
}
