import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { assert, BlanketError } from "../../core/errors.ts";
import type { NodeId } from "../../core/ids.ts";
import type { Log } from "../../ports/log.ts";
import { publicKeyIn } from "./key-file.ts";
import { peerIdText } from "./peer-id-text.ts";

/** Who a node is, and which database it belongs to. */
export interface Identity {
  readonly nodeId: NodeId;
  /** The same stands in the database: key and database live and die together. */
  readonly storeId: string;
  /** It was made just now. */
  readonly minted: boolean;
  /** The private key as libp2p's protobuf. */
  readonly keyPath: string;
}

type Deps = { readonly log: Log };
type Place = { readonly dataDirectory: string };

/**
 * The identity in a data directory; a new one where there is none, or where only half of one was
 * written before a crash.
 * @throws STORE_UNREADABLE where a file is there and is not what it should be
 */
export async function loadIdentity({ log }: Deps, { dataDirectory }: Place): Promise<Identity> {
  const { keyPath, storeIdPath } = pathsIn(dataDirectory);
  const key = await readIfThere(keyPath);
  const stored = await readIfThere(storeIdPath);
  if (key === undefined || stored === undefined) return mintIdentity({ log }, { dataDirectory });
  const publicKey = publicKeyIn(key);
  if (publicKey === undefined) throw notWhatItShouldBe(keyPath, "the node's key");
  const storeId = stored.toString("latin1").trim();
  if (!/^[0-9a-f]{32}$/.test(storeId)) throw notWhatItShouldBe(storeIdPath, "a store id");
  await closeToOthers(log, keyPath);
  return { nodeId: peerIdText(publicKey) as NodeId, storeId, minted: false, keyPath };
}

/**
 * Makes a new identity in the place of whatever is there. The store id goes first and comes last:
 * without it nothing is there, so a crash in between can't leave a new key beside an old database.
 * @throws STORE_UNREADABLE where it can't be written
 */
export async function mintIdentity({ log }: Deps, { dataDirectory }: Place): Promise<Identity> {
  const { keyPath, storeIdPath } = pathsIn(dataDirectory);
  // Loaded here alone: it costs 35 ms, and a node is born once.
  const { generateKeyPair, privateKeyToProtobuf } = await import("@libp2p/crypto/keys");
  const { peerIdFromPrivateKey } = await import("@libp2p/peer-id");
  const privateKey = await generateKeyPair("Ed25519");
  const nodeId = peerIdText(privateKey.publicKey.raw) as NodeId;
  assert(
    nodeId === peerIdFromPrivateKey(privateKey).toString(),
    "libp2p writes this node's id in another way",
  );
  const storeId = randomBytes(16).toString("hex");
  try {
    await rm(storeIdPath, { force: true });
    await syncDirectory(dataDirectory);
    await writeSynced(keyPath, privateKeyToProtobuf(privateKey));
    await syncDirectory(dataDirectory);
    await writeSynced(storeIdPath, Buffer.from(`${storeId}\n`));
    await syncDirectory(dataDirectory);
  } catch (error) {
    throw unusable(dataDirectory, "written", error);
  }
  log.info("this node has a new identity", { node: nodeId });
  return { nodeId, storeId, minted: true, keyPath };
}

function pathsIn(dataDirectory: string) {
  return { keyPath: join(dataDirectory, "node.key"), storeIdPath: join(dataDirectory, "store.id") };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw unusable(path, "read", error);
  }
}

async function closeToOthers(log: Log, keyPath: string): Promise<void> {
  try {
    const { mode } = await stat(keyPath);
    if ((mode & 0o077) === 0) return;
    await chmod(keyPath, 0o600);
    log.warn("the node's key could be read by others; now it can't any more", { path: keyPath });
  } catch (error) {
    throw unusable(keyPath, "closed to others", error);
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`;
  await rm(beside, { force: true });
  const handle = await open(beside, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, path);
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function notWhatItShouldBe(path: string, what: string): BlanketError {
  return new BlanketError(
    "STORE_UNREADABLE",
    `${path} does not hold ${what}; put the right file back, or delete it to give the node a new identity.`,
    { path },
  );
}

function unusable(path: string, done: string, error: unknown): BlanketError {
  const errno = errnoOf(error);
  return new BlanketError(
    "STORE_UNREADABLE",
    `${path} can't be ${done} (${errno}); run the node as the user that owns it, or name another data directory with --data.`,
    { path, errno },
    error,
  );
}

function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "error";
}
