/**
 * Goal: each setting of a node comes from the strongest source that names it, and its source is
 * told.
 * Method: random layers; the merged value is held against a plain search through the sources.
 */
import fc from "fast-check";
import { expect, test } from "vitest";

import { mergeLayers, type Layer, type Settings } from "../../src/node/config/layer.ts";

const texts = fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 3 });

const settings: fc.Arbitrary<Settings> = fc.record({
  name: fc.string(),
  dataDirectory: fc.string(),
  http: fc.record({ host: fc.string(), port: fc.nat(65_535) }),
  slots: fc.nat(1_024),
  tags: texts,
  typeDirectories: texts,
  storeModule: fc.string(),
  hostNames: texts,
  passEnvironment: texts,
  uploadBytesMax: fc.nat(),
  insecure: fc.boolean(),
  stopTasks: fc.boolean(),
});

/** Any part of the settings. */
const layer: fc.Arbitrary<Layer> = settings.chain((whole) =>
  fc.subarray(Object.entries(whole)).map((entries): Layer => Object.fromEntries(entries)),
);

const layers = fc.record({ flag: layer, environment: layer, file: layer, default: settings });
const order = ["flag", "environment", "file", "default"] as const;

test("each setting comes from the strongest source that names it", () => {
  fc.assert(
    fc.property(layers, (given) => {
      const merged = mergeLayers(given);
      for (const key of Object.keys(given.default) as (keyof Settings)[]) {
        const source = order.find((each) => given[each][key] !== undefined) ?? "default";
        expect(merged.sources[key]).toBe(source);
        if (key !== "typeDirectories") expect(merged[key]).toEqual(given[source][key]);
      }
    }),
  );
});

test("directories of task types: those of the strongest source, then the default ones, none twice", () => {
  fc.assert(
    fc.property(layers, (given) => {
      const { typeDirectories, sources } = mergeLayers(given);
      const source = order.find((each) => each === sources["typeDirectories"]) ?? "default";
      const named = given[source].typeDirectories ?? [];
      expect(typeDirectories.slice(0, named.length)).toEqual(named);
      expect(new Set(typeDirectories).size).toBe(typeDirectories.length);
      expect(typeDirectories).toEqual(expect.arrayContaining([...given.default.typeDirectories]));
    }),
  );
});

test("merging what was merged changes nothing", () => {
  fc.assert(
    fc.property(layers, (given) => {
      const { sources: _sources, ...merged } = mergeLayers(given);
      const { sources: _again, ...again } = mergeLayers({ ...given, flag: merged });
      expect(again).toEqual(merged);
    }),
  );
});
