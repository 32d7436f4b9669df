/**
 * Goal: what is counted, timed and read comes out as Prometheus text, each node's for itself.
 * Method: the text is read line by line.
 */
import { expect, it } from "vitest";

import { createPrometheusMetrics } from "../../../../src/adapters/metrics-prometheus/metrics-prometheus.ts";

async function linesOf(metrics: ReturnType<typeof createPrometheusMetrics>) {
  return (await metrics.text()).split("\n");
}

it("counts by one, by more, and by label", async () => {
  const metrics = createPrometheusMetrics();
  metrics.count("tasks_submitted_total");
  metrics.count("tasks_submitted_total", [], 4);
  metrics.count("tasks_ended_total", ["success"]);
  metrics.count("requests_refused_total", ["QUEUE_FULL"]);
  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining([
      "blanket_tasks_submitted_total 5",
      'blanket_tasks_ended_total{state="success"} 1',
      'blanket_requests_refused_total{code="QUEUE_FULL"} 1',
      "blanket_store_failures_total 0",
    ]),
  );
});

it("puts durations into buckets", async () => {
  const metrics = createPrometheusMetrics();
  metrics.observe("submit_to_end_seconds", 0.004);
  metrics.observe("submit_to_end_seconds", 3);
  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining([
      'blanket_submit_to_end_seconds_bucket{le="0.005"} 1',
      'blanket_submit_to_end_seconds_bucket{le="5"} 2',
      "blanket_submit_to_end_seconds_sum 3.004",
      "blanket_submit_to_end_seconds_count 2",
    ]),
  );
});

it("reads gauges at each scrape, from the newest reader of a name", async () => {
  const metrics = createPrometheusMetrics();
  let open = 1;
  metrics.gauge("tasks_open", () => 99);
  metrics.gauge("tasks_open", () => open);
  expect(await linesOf(metrics)).toContain("blanket_tasks_open 1");
  open = 2;
  expect(await linesOf(metrics)).toContain("blanket_tasks_open 2");
});

it("explains every metric and knows its kind", async () => {
  const metrics = createPrometheusMetrics();
  metrics.gauge("slots_free", () => 0);
  const lines = await linesOf(metrics);
  const names = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
  expect(names).toEqual(
    expect.arrayContaining(["blanket_slots_free", "blanket_tasks_started_total"]),
  );
  for (const name of names) expect(lines.join("\n")).toMatch(new RegExp(`# HELP ${name} .+`));
});

it("tells of the process under the usual names, with plausible figures", async () => {
  const lines = await linesOf(createPrometheusMetrics());
  const valueOf = (name: string) =>
    Number(lines.find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
  expect(valueOf("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  expect(valueOf("process_cpu_seconds_total")).toBeGreaterThan(0);
  expect(Math.abs(valueOf("process_start_time_seconds") - Date.now() / 1_000)).toBeLessThan(3_600);
});

it("keeps two nodes of one process apart", async () => {
  const [one, two] = [createPrometheusMetrics(), createPrometheusMetrics()];
  one.count("tasks_started_total");
  expect(await linesOf(two)).toContain("blanket_tasks_started_total 0");
});
