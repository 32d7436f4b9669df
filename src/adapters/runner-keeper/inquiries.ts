import type { BlanketError } from "../../core/errors.ts";
import type { TaskId } from "../../core/ids.ts";
import type { RunFacts } from "../../core/journal.ts";
import { keyOf } from "./held-runs.ts";

/** Questions about attempts that have not been answered yet. */
export interface Inquiries {
  /** One question for all who ask about the same attempt. */
  ask(id: TaskId, attempt: number): Promise<RunFacts>;
  /** Whether somebody had asked. */
  answer(id: TaskId, attempt: number, facts: RunFacts): boolean;
  /** What has to be asked again of another keeper. */
  open(): readonly { readonly id: TaskId; readonly attempt: number }[];
  fail(error: BlanketError): void;
}

interface Question {
  readonly id: TaskId;
  readonly attempt: number;
  readonly answer: PromiseWithResolvers<RunFacts>;
}

export function createInquiries(): Inquiries {
  const questions = new Map<string, Question>();
  return {
    ask(id, attempt) {
      const key = keyOf(id, attempt);
      const question = questions.get(key) ?? { id, attempt, answer: Promise.withResolvers() };
      questions.set(key, question);
      return question.answer.promise;
    },
    answer(id, attempt, facts) {
      const question = questions.get(keyOf(id, attempt));
      questions.delete(keyOf(id, attempt));
      question?.answer.resolve(facts);
      return question !== undefined;
    },
    open: () => [...questions.values()],
    fail(error) {
      const failed = [...questions.values()];
      questions.clear();
      for (const { answer } of failed) answer.reject(error);
    },
  };
}
