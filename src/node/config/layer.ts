import type { NodeConfig } from "../../contract/config.ts";

/** The values of a configuration. */
export type Settings = Omit<NodeConfig, "sources">;

/** What one source says: absent keys are left to the next one. */
export type Layer = Partial<Settings>;

/** Where a value can come from, the strongest first. */
export interface Layers {
  readonly flag: Layer;
  readonly environment: Layer;
  readonly file: Layer;
  /** Says everything. */
  readonly default: Settings;
}

type Source = NodeConfig["sources"][string];

/**
 * Flags over environment over file over defaults, key by key. Only the directories of task types
 * add up: the default ones are looked into after those that were named.
 */
export function mergeLayers(layers: Layers): NodeConfig {
  const sources: Record<string, Source> = {};

  function pick<K extends keyof Settings>(key: K): Settings[K] {
    for (const source of ["flag", "environment", "file"] as const) {
      const value = layers[source][key];
      if (value === undefined) continue;
      sources[key] = source;
      return value;
    }
    sources[key] = "default";
    return layers.default[key];
  }

  return {
    name: pick("name"),
    dataDirectory: pick("dataDirectory"),
    http: pick("http"),
    slots: pick("slots"),
    tags: pick("tags"),
    typeDirectories: [...new Set([...pick("typeDirectories"), ...layers.default.typeDirectories])],
    storeModule: pick("storeModule"),
    hostNames: pick("hostNames"),
    passEnvironment: pick("passEnvironment"),
    uploadBytesMax: pick("uploadBytesMax"),
    insecure: pick("insecure"),
    stopTasks: pick("stopTasks"),
    sources,
  };
}
