import type { CounterName, GaugeName, HistogramName } from "../../ports/metrics.ts";

/** Every counter with what it counts, and the names of its labels in the order of their values. */
export const counters: Readonly<
  Record<CounterName, { readonly help: string; readonly labelNames: readonly string[] }>
> = {
  tasks_submitted_total: { help: "Tasks accepted by this node.", labelNames: [] },
  tasks_started_total: { help: "Commands started on this node.", labelNames: [] },
  tasks_ended_total: { help: "Tasks that came to their end, by how.", labelNames: ["state"] },
  store_batches_total: { help: "Synced batches written to the store.", labelNames: [] },
  store_failures_total: { help: "Times the store failed and was closed.", labelNames: [] },
  records_damaged_total: { help: "Stored records that failed their checksum.", labelNames: [] },
  requests_refused_total: { help: "Requests refused, by error code.", labelNames: ["code"] },
};

/** Every histogram with what it measures, and the upper bounds of its buckets in seconds. */
export const histograms: Readonly<
  Record<HistogramName, { readonly help: string; readonly buckets: readonly number[] }>
> = {
  store_batch_seconds: {
    help: "Time to write and sync one batch.",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  },
  submit_to_end_seconds: {
    help: "Time from a task's submission to its end.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 1_800, 3_600, 21_600, 86_400],
  },
  http_request_seconds: {
    help: "Time to answer a request, without those that wait or stream.",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  },
};

export const gauges: Readonly<Record<GaugeName, string>> = {
  tasks_open: "Tasks that are not closed.",
  tasks_running: "Tasks that run on this node.",
  tasks_known: "Tasks in this node's replica.",
  slots_total: "Slots of this node.",
  slots_free: "Slots of this node without a task.",
  streams_open: "Logs and events being followed.",
  loop_delay_seconds: "How late the event loop is, 99th percentile.",
};
