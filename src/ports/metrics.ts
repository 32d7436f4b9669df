/** The counters and histograms of a node, by name; gauges are functions read at each scrape. */
export interface Metrics {
  /** Adds to a counter, with label values in the order in which it was declared. */
  count(name: CounterName, labels?: readonly string[], by?: number): void;
  /** Records a duration in seconds. */
  observe(name: HistogramName, seconds: number): void;
  /** Registers what a gauge reads; a second registration of a name replaces the first. */
  gauge(name: GaugeName, read: () => number): void;
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>;
}

/** What only grows: counts of what has happened. */
export type CounterName =
  | "tasks_submitted_total"
  | "tasks_ended_total"
  | "tasks_started_total"
  | "store_batches_total"
  | "store_failures_total"
  | "records_damaged_total"
  | "requests_refused_total";
/** Durations in seconds. */
export type HistogramName =
  | "store_batch_seconds"
  | "submit_to_end_seconds"
  | "http_request_seconds";
/** What goes up and down, read when it is asked for. */
export type GaugeName =
  | "tasks_open"
  | "tasks_running"
  | "tasks_known"
  | "slots_total"
  | "slots_free"
  | "streams_open"
  | "loop_delay_seconds";
