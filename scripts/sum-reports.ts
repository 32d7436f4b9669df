/**
 * Sums vitest's JSON reports up for `.ci/run`: what failed, and a last line `N passed, N failed`.
 * A suite that ran no test is a failure, and so is a step that failed without a failed test.
 *
 *     node scripts/sum-reports.ts DIRECTORY [FAILED-STEP…]
 */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
    }[];
  }[];
}

/** Faults of disks want root: without it their tests are skipped, and that is no failure. */
const rootSuites = process.getuid?.() === 0 ? ["faults"] : [];

/** The reports, with the folders of `test/` of which each has to have run a test. */
const reports = [
  { step: "test", suites: ["unit", "property", "contract", "e2e"] },
  { step: "heavy", suites: ["heavy", "property", ...rootSuites] },
];

const [directory = "test-reports", ...failedSteps] = process.argv.slice(2);
const problems: string[] = [];
let passed = 0;
let failed = 0;

for (const { step, suites } of reports) {
  const report = readReport(step);
  const before = failed;
  if (report === undefined) {
    fail(`${step}: wrote no report, it ended before its tests; its output above says why`);
    continue;
  }
  for (const suite of suites) sumSuite(step, suite, report);
  if (failedSteps.includes(step) && failed === before) {
    fail(`${step}: ended with an error outside its tests; its output above says which`);
  }
}
for (const step of failedSteps) {
  if (!reports.some((report) => report.step === step)) fail(`${step}: failed`);
}

for (const problem of problems) console.log(`FAILED ${problem}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function readReport(step: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, `${step}.json`), "utf8"));
  } catch {
    return undefined;
  }
}

function sumSuite(step: string, suite: string, report: Report): void {
  const files = report.testResults.filter(({ name }) => name.includes(`/test/${suite}/`));
  const tests = files.flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({ ...test, file: relative(process.cwd(), name) })),
  );
  const ran = tests.filter(({ status }) => status === "passed" || status === "failed");
  passed += ran.filter(({ status }) => status === "passed").length;
  for (const test of ran) if (test.status === "failed") fail(`${test.file}: ${test.fullName}`);
  for (const file of files) {
    const broken = file.status === "failed" && !file.assertionResults.some(isFailed);
    if (broken) fail(`${relative(process.cwd(), file.name)}: ${file.message.split("\n")[0]}`);
  }
  if (ran.length === 0) fail(`${step}: the suite ${suite} ran no test`);
}

function isFailed({ status }: { readonly status: string }): boolean {
  return status === "failed";
}

function fail(problem: string): void {
  problems.push(problem);
  failed += 1;
}
