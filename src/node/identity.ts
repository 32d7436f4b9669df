import { loadIdentity, mintIdentity } from "../adapters/identity-libp2p/identity-libp2p.ts";
import type { NodeId } from "../core/ids.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";

/**
 * The node's id. Key and database live and die together: where the database was made by another
 * identity (restored from a copy, or a key file taken elsewhere), has lost synced records, or can't
 * be asked whose it is or how often it was started, since that record is damaged, a new identity is
 * minted, since one that voted and forgot must never vote again. History is kept; open tasks whose
 * only voter was the old identity are HELD.
 */
export async function claimIdentity(
  deps: { readonly log: Log; readonly store: Store },
  dataDirectory: string,
): Promise<NodeId> {
  const { store, log } = deps;
  const found = await loadIdentity({ log }, { dataDirectory });
  const [inside] = await store.getMany("meta", ["storeId", "boot"]);
  const { corrupted, damaged } = store.status();
  if (inside === found.storeId && !corrupted && damaged === 0) return found.nodeId;
  const isNew = inside === undefined && damaged === 0 && !(await hasTasks(store));
  const identity = isNew ? found : await mintIdentity({ log }, { dataDirectory });
  if (!isNew) {
    log.warn("this node's key and its database do not belong together: it has a new identity", {
      node: identity.nodeId,
      before: found.nodeId,
    });
  }
  await store.write([
    { kind: "put", table: "meta", key: "storeId", value: identity.storeId },
    { kind: "delete", table: "meta", key: "corrupted" },
    // Numbers of starts are an identity's own.
    ...(isNew ? [] : [{ kind: "delete", table: "meta", key: "boot" } as const]),
  ]);
  return identity.nodeId;
}

async function hasTasks(store: Store): Promise<boolean> {
  const rows = store.scan("task", { limit: 1 })[Symbol.asyncIterator]();
  return (await rows.next()).done !== true;
}
