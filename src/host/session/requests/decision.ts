/** What is kept of a request and of the decision about it, in the texts of the record. */
import type { OpenRequest } from '../../../contract/sessions';
import { MAX_DECISION_TEXT, type NewDecision } from '../../../kernel/dispatch/newDecision';
import { startOf } from '../../../kernel/text/storableText';
import type { SessionLogLineOf } from '../connection/sessionLog';

export type Asked = Pick<NewDecision, 'number' | 'tool' | 'subject' | 'askedAt'>;
type Decided = Pick<SessionLogLineOf<'decided'>, 'answer' | 'by' | 'reason'>;

export function askedOf(request: OpenRequest, atMs: number): Asked {
  const tool = request.kind === 'question' ? 'question' : request.tool;
  return { number: request.number, tool, subject: copyOf(subjectOf(request)), askedAt: sec(atMs) };
}

export function decisionOf(asked: Asked, { answer, by, reason }: Decided, atMs: number): NewDecision {
  const text = reason === null ? null : copyOf(reason);
  return { ...asked, answer, by: by.kind, name: nameOf(by), reason: text, decidedAt: sec(atMs) };
}

function subjectOf(request: OpenRequest): string {
  if (request.kind === 'question') return request.title;
  const { command, mcpTool, paths, title } = request;
  return command ?? mcpTool ?? (paths.length > 0 ? paths.map(({ path }) => path).join('\n') : title);
}

function nameOf(by: Decided['by']): string {
  switch (by.kind) {
    case 'person':
      return by.name;
    case 'rule':
      return String(by.number);
    case 'policy':
      return by.policy;
    case 'turn':
      return '';
  }
}

/** Not a slice, which would keep a long text in memory. */
function copyOf(text: string): string {
  if (text.length <= MAX_DECISION_TEXT) return text;
  return Buffer.from(startOf(text, MAX_DECISION_TEXT), 'utf16le').toString('utf16le');
}

const sec = (ms: number): number => Math.floor(ms / 1000);
