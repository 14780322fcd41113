/** The text of a subtask in an issue of an external tracker (`docs/design/beads.md`). */
import { formatBody, parseBody } from '../subtask/body';
import type { Subtask } from '../record/model';
import type { Agreed } from './tracked';

export type IssueText = Pick<Agreed, 'title' | 'spec' | 'implementationPlan' | 'acceptanceCriteria'>;

export function textOf({ title, spec, implementationPlan, acceptanceCriteria }: IssueText): IssueText {
  return { title, spec, implementationPlan, acceptanceCriteria };
}

export function sameText(a: IssueText, b: IssueText): boolean {
  return JSON.stringify(textOf(a)) === JSON.stringify(textOf(b));
}

export function issueBody(subtask: Subtask): string {
  const { spec, implementationPlan: plan, acceptanceCriteria: acceptance } = subtask;
  return formatBody({ spec, plan, acceptance });
}

/** Whether an issue equals the subtask after it is written there and read again. */
export function isWrittenAs(subtask: Subtask, issue: IssueText): boolean {
  const { spec, plan, acceptance } = parseBody(issueBody(subtask));
  return sameText(
    { title: subtask.title.trim(), spec, implementationPlan: plan, acceptanceCriteria: acceptance },
    issue,
  );
}
