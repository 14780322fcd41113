/** A subtask as one editable text: its title as the heading, then the sections of its body. Pure. */
import { KernelError } from '../../errors/errors';
import { because } from '../../errors/reasons/problem';
import { parseBody, type SubtaskBody } from './body';

export interface SubtaskText extends SubtaskBody {
  readonly title: string;
}

/** Includes empty sections, to show where to write. */
export function formatSubtask({ title, spec, plan, acceptance }: SubtaskText): string {
  const sections = [
    ['## Spec', spec],
    ['## Implementation Plan', plan],
    ['## Acceptance Criteria', acceptance],
  ] as const;
  const parts = sections.map(([heading, text]) => (text === '' ? `${heading}\n` : `${heading}\n\n${text}\n`));
  return [`# ${title.replace(/\s+/g, ' ').trim()}\n`, ...parts].join('\n');
}

/** @throws KernelError `INVALID_ARGUMENT` for a text that does not start with a title. */
export function parseSubtask(text: string): SubtaskText {
  const [, heading, body = ''] = /^#[ \t](.*)(?:\r?\n([^]*))?$/.exec(text.trimStart()) ?? [];
  const title = heading?.trim() ?? '';
  if (title === '') {
    throw new KernelError('INVALID_ARGUMENT', {
      argument: 'title',
      problem: because('the first line must be "# " and the title'),
    });
  }
  return { title, ...parseBody(body) };
}
