import { Counter, Gauge, Histogram, Registry } from "@prometheus-io/client";

import type { GaugeName, Metrics } from "../../ports/metrics.ts";
import { counters, gauges, histograms } from "./declarations.ts";
import { registerProcessMetrics } from "./process-metrics.ts";

/** Metrics in a registry of their own, each name with `blanket_` before it. */
export function createPrometheusMetrics(): Metrics {
  const register = new Registry();
  const registers = [register];
  const counterOf = mapped(counters, (name, { help, labelNames }) => {
    return new Counter({ name: prefixed(name), help, labelNames: [...labelNames], registers });
  });
  const histogramOf = mapped(histograms, (name, { help, buckets }) => {
    return new Histogram({ name: prefixed(name), help, buckets: [...buckets], registers });
  });
  const reads = new Map<GaugeName, () => number>();
  registerProcessMetrics(register);

  function gauge(name: GaugeName, read: () => number): void {
    const isKnown = reads.has(name);
    reads.set(name, read);
    if (isKnown) return;
    const made: Gauge = new Gauge({
      name: prefixed(name),
      help: gauges[name],
      registers,
      collect() {
        made.set(reads.get(name)?.() ?? Number.NaN);
      },
    });
  }

  return {
    count: (name, labels = [], by = 1) => counterOf[name].labels(...labels).inc(by),
    observe: (name, seconds) => histogramOf[name].observe(seconds),
    gauge,
    text: () => register.metrics(),
  };
}

function prefixed(name: string): string {
  return `blanket_${name}`;
}

/** One made thing for each entry of a total map. */
function mapped<Name extends string, From, To>(
  from: Readonly<Record<Name, From>>,
  make: (name: string, entry: From) => To,
): Readonly<Record<Name, To>> {
  const entries = Object.entries<From>(from).map(([name, entry]) => [name, make(name, entry)]);
  return Object.fromEntries(entries) as Record<Name, To>;
}
