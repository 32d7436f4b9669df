import { defineConfig } from "vitest/config";

/** For suites that run dist/. */
const freshBuild = ["test/support/fresh-build.ts"];

/**
 * One project a suite. `npm test` runs the first four; `npm run test:heavy` the other two, which
 * take minutes or want root. The order of groups keeps the processes of one suite from starving
 * those of another: two files at a time while tests are pure, and real nodes only after them.
 */
const suites = [
  { name: "unit", include: ["test/unit/**/*.test.ts"], order: 0, timeoutMs: 30_000 },
  { name: "property", include: ["test/property/**/*.test.ts"], order: 0, timeoutMs: 60_000 },
  { name: "contract", include: ["test/contract/**/*.test.ts"], order: 0, timeoutMs: 30_000 },
  {
    name: "e2e",
    include: ["test/e2e/**/*.test.ts"],
    order: 1,
    timeoutMs: 60_000,
    globalSetup: freshBuild,
  },
  {
    name: "heavy",
    include: ["test/heavy/**/*.test.ts", "test/property/**/*.test.ts"],
    order: 2,
    timeoutMs: 600_000,
    globalSetup: freshBuild,
    env: {
      BLANKET_RUNS: process.env["BLANKET_RUNS"] ?? "6000",
      BLANKET_SEED: process.env["BLANKET_SEED"] ?? "7",
    },
  },
  {
    name: "faults",
    include: ["test/faults/**/*.test.ts"],
    order: 3,
    timeoutMs: 600_000,
    globalSetup: freshBuild,
  },
];

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    maxWorkers: 2,
    projects: suites.map(({ name, include, order, timeoutMs, env = {}, globalSetup = [] }) => ({
      extends: true,
      test: {
        name,
        include,
        env,
        globalSetup,
        testTimeout: timeoutMs,
        hookTimeout: timeoutMs,
        sequence: { groupOrder: order },
      },
    })),
    expect: { requireAssertions: true },
    coverage: { provider: "v8", include: ["src/**/*.ts"], reportsDirectory: "coverage" },
  },
});
