import { defineConfig } from "vitest/config";

const suites = ["unit", "property", "contract", "sim", "e2e"];

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    projects: suites.map((name) => ({
      extends: true,
      test: { name, include: [`test/${name}/**/*.test.ts`] },
    })),
    expect: { requireAssertions: true },
    coverage: { provider: "v8", include: ["src/**/*.ts"], reportsDirectory: "coverage" },
  },
});
