/**
 * Goal: a node keeps its identity over restarts, gets a new one only where there is none or where
 * it is asked for, never half of one, and never believes a damaged key.
 * Method: real files; ids are held against libp2p's own.
 */
import { randomBytes } from "node:crypto";
import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { generateKeyPair, privateKeyFromProtobuf } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { describe, expect, it } from "vitest";

import {
  loadIdentity,
  mintIdentity,
} from "../../../../src/adapters/identity-libp2p/identity-libp2p.ts";
import { peerIdText } from "../../../../src/adapters/identity-libp2p/peer-id-text.ts";
import { createSilentLog } from "../../../doubles/silent-log.ts";
import { tempDirectory } from "../../../support/temp-directory.ts";

async function born() {
  const dataDirectory = await tempDirectory();
  const log = createSilentLog();
  const load = () => loadIdentity({ log }, { dataDirectory });
  const mint = () => mintIdentity({ log }, { dataDirectory });
  return { dataDirectory, log, load, mint, first: await load() };
}

describe("an identity", () => {
  it("is made once, and stays", async () => {
    const { first, load } = await born();
    expect(first.minted).toBe(true);
    expect(await load()).toStrictEqual({ ...first, minted: false });
  });

  it("is a key that libp2p reads, with the id that libp2p gives it", async () => {
    const { first } = await born();
    const key = privateKeyFromProtobuf(await readFile(first.keyPath));
    expect(peerIdFromPrivateKey(key).toString()).toBe(first.nodeId);
    expect(first.nodeId).toMatch(/^12D3KooW/);
    expect(first.storeId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is nobody else's to read, also after somebody opened it", async () => {
    const { dataDirectory, first, load, log } = await born();
    const modes = async () => {
      const found = await Promise.all(
        ["node.key", "store.id"].map((name) => stat(join(dataDirectory, name))),
      );
      return found.map(({ mode }) => mode & 0o777);
    };
    expect(await modes()).toStrictEqual([0o600, 0o600]);
    await chmod(first.keyPath, 0o644);
    expect((await load()).nodeId).toBe(first.nodeId);
    expect(await modes()).toStrictEqual([0o600, 0o600]);
    expect(log.entries.map(({ level }) => level)).toContain("warn");
  });

  it("is replaced as a whole where that is asked for", async () => {
    const { first, mint, load, dataDirectory } = await born();
    const second = await mint();
    expect(second.nodeId).not.toBe(first.nodeId);
    expect(second.storeId).not.toBe(first.storeId);
    expect(await load()).toStrictEqual({ ...second, minted: false });
    expect((await readdir(dataDirectory)).toSorted()).toStrictEqual(["node.key", "store.id"]);
  });

  it.each(["node.key", "store.id"])("of which %s is missing is a new one", async (name) => {
    const { first, load, dataDirectory } = await born();
    await rm(join(dataDirectory, name));
    const second = await load();
    expect(second.minted).toBe(true);
    expect(second.nodeId).not.toBe(first.nodeId);
    expect(second.storeId).not.toBe(first.storeId);
  });

  it("is not hindered by what a crash left beside it", async () => {
    const { first, mint, dataDirectory } = await born();
    await writeFile(`${first.keyPath}.new`, "half");
    await mint();
    expect(await readdir(dataDirectory)).toHaveLength(2);
  });
});

describe("a damaged identity", () => {
  it.each([0, 3, 4, 20, 36, 67])("is refused: byte %i of the key is flipped", async (at) => {
    const { first, load } = await born();
    const key = await readFile(first.keyPath);
    key[at] = (key[at] ?? 0) ^ 1;
    await writeFile(first.keyPath, key);
    await expect(load()).rejects.toMatchObject({
      code: "STORE_UNREADABLE",
      message: expect.stringContaining("node.key does not hold the node's key"),
    });
  });

  it.each(["", "short", "x".repeat(200)])("is refused: %j", async (content) => {
    const { first, load, dataDirectory } = await born();
    const key = await readFile(first.keyPath);
    await writeFile(first.keyPath, content);
    await expect(load()).rejects.toMatchObject({ code: "STORE_UNREADABLE" });
    await writeFile(first.keyPath, key);
    await writeFile(join(dataDirectory, "store.id"), content);
    await expect(load()).rejects.toMatchObject({ code: "STORE_UNREADABLE" });
  });

  it("is told where the place can't be read or written", async () => {
    const dataDirectory = join(await tempDirectory(), "file");
    await writeFile(dataDirectory, "");
    await expect(loadIdentity({ log: createSilentLog() }, { dataDirectory })).rejects.toMatchObject(
      {
        code: "STORE_UNREADABLE",
        message: expect.stringContaining("ENOTDIR"),
      },
    );
  });
});

it("writes every public key as libp2p does", async () => {
  for (let count = 0; count < 50; count += 1) {
    const key = await generateKeyPair("Ed25519");
    expect(peerIdText(key.publicKey.raw)).toBe(peerIdFromPrivateKey(key).toString());
  }
  expect(peerIdText(randomBytes(32))).toHaveLength(52);
});
