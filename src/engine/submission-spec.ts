import { canonicalBytes } from "../core/canonical.ts";
import { BlanketError } from "../core/errors.ts";
import { hexOf } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { nearest } from "../core/nearest.ts";
import { checkSubmission, environmentError } from "../core/task-type/environment.ts";
import { placedProblem, type TaskType } from "../core/task-type/task-type.ts";
import { specSizeBytes, type TaskSpec } from "../core/task/spec.ts";
import type { Submission } from "../core/task/submission.ts";
import type { TypeEntry } from "../ports/types.ts";
import type { EnginePorts } from "./deps.ts";

/**
 * The spec of a submission, held against its type as it stands now.
 * @throws TYPE_UNKNOWN, TYPE_INVALID, VARIABLE_MISSING, ENVIRONMENT_INVALID, SPEC_TOO_LARGE
 */
export function specOf(ports: EnginePorts, submission: Submission, submittedBy: string): TaskSpec {
  const spec = specFrom(ports, submission, checkedType(ports, submission), submittedBy);
  const bytes = specSizeBytes(spec);
  if (bytes > limits.specBytesMax) throw tooLarge(bytes);
  return spec;
}

function checkedType({ types }: EnginePorts, submission: Submission): TaskType {
  const entry = types.lookup(submission.type);
  if (entry === undefined) {
    const close = nearest(submission.type, types.names());
    const advice = close === undefined ? "" : `; did you mean ${close}?`;
    throw new BlanketError(
      "TYPE_UNKNOWN",
      `there is no task type ${submission.type}${advice === "" ? "." : advice} \`blanket ls types\` shows all.`,
      { type: submission.type },
    );
  }
  if (entry.type === undefined) {
    throw typeInvalid(entry);
  }
  const problems = checkSubmission(entry.type, submission.environment);
  if (problems.length > 0) throw environmentError(problems);
  return entry.type;
}

function typeInvalid({ name, configFile, problems }: TypeEntry): BlanketError {
  const [first] = problems;
  const where = first === undefined ? `${configFile}.` : placedProblem(configFile, first);
  const all = problems.length > 1 ? ` \`blanket validate ${name}\` shows all.` : "";
  return new BlanketError(
    "TYPE_INVALID",
    `the task type ${name} does not load; mend ${where}${all}`,
    { type: name, problems },
  );
}

function specFrom(
  { hash }: EnginePorts,
  submission: Submission,
  type: TaskType,
  submittedBy: string,
): TaskSpec {
  const { key, notBefore, expires, timeoutMs, files } = submission;
  const given = submission.key === undefined ? undefined : givenHash(hash, submission);
  return {
    type: submission.type,
    environment: submission.environment,
    tags: [...new Set([...type.tags, ...submission.tags])].toSorted(),
    ...(key === undefined ? {} : { key }),
    ...(given === undefined ? {} : { givenHash: given }),
    priority: submission.priority ?? type.priority,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expires === undefined ? {} : { expires }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    onLost: submission.onLost ?? type.onLost,
    retry: type.retry,
    files: files.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes })),
    submittedBy,
  };
}

/** What the user chose, without times: equal for two submissions that are the same (PROTOCOL 8). */
function givenHash(hash: EnginePorts["hash"], submission: Submission): string {
  const { notBefore: _notBefore, expires: _expires, files, ...chosen } = submission;
  const parts = files.map(({ path, sha256 }) => [path, sha256]);
  return hexOf(hash(canonicalBytes({ ...chosen, tags: chosen.tags.toSorted(), files: parts })));
}

function tooLarge(bytes: number): BlanketError {
  const kib = Math.ceil(bytes / 1_024);
  return new BlanketError(
    "SPEC_TOO_LARGE",
    `the task is ${kib} KiB, and a task may have 48; upload large content as a file (-F name=@file).`,
    { bytes, bytesMax: limits.specBytesMax },
  );
}
