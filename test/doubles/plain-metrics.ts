import type { CounterName, GaugeName, HistogramName, Metrics } from "../../src/ports/metrics.ts";

/** Metrics in plain maps, with a way to look at them. */
export interface PlainMetrics extends Metrics {
  /** Sum of a counter, or of the part of it with these label values. */
  counted(name: CounterName, labels?: readonly string[]): number;
  /** What a histogram was given, in order. */
  observed(name: HistogramName): readonly number[];
  /** What a gauge reads now; undefined where none is registered. */
  gaugeValue(name: GaugeName): number | undefined;
}

export function createPlainMetrics(): PlainMetrics {
  const counters = new Map<string, number>();
  const histograms = new Map<string, number[]>();
  const gauges = new Map<string, () => number>();

  return {
    count(name, labels = [], by = 1) {
      const key = keyOf(name, labels);
      counters.set(key, (counters.get(key) ?? 0) + by);
    },
    observe(name, seconds) {
      histograms.set(name, [...(histograms.get(name) ?? []), seconds]);
    },
    gauge(name, read) {
      gauges.set(name, read);
    },
    text() {
      const lines = [...counters].map(([key, value]) => `${key} ${value}`);
      for (const [name, read] of gauges) lines.push(`${name} ${read()}`);
      return Promise.resolve(lines.map((line) => `${line}\n`).join(""));
    },
    counted(name, labels) {
      if (labels !== undefined) return counters.get(keyOf(name, labels)) ?? 0;
      let sum = 0;
      for (const [key, value] of counters) {
        if (key === name || key.startsWith(`${name}{`)) sum += value;
      }
      return sum;
    },
    observed: (name) => histograms.get(name) ?? [],
    gaugeValue: (name) => gauges.get(name)?.(),
  };
}

function keyOf(name: string, labels: readonly string[]): string {
  return labels.length === 0 ? name : `${name}{${labels.join(",")}}`;
}
