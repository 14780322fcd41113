/** Decisions in the log of a session that are not in the record yet. */
import { MAX_DECISION_TEXT, type NewDecision } from '../../../kernel/dispatch/decisions';
import { startOf } from '../output/bounded';
import type { AcpEventOf } from './lines';

type Asked = AcpEventOf<'asked'>['request'];

/** Requests that are open at once are far fewer. */
const MOST_OPEN = 1000;
/** A log is read at once where no program followed its agent. More decisions than that are not recorded. */
const MOST_PENDING = 20_000;

export class PendingDecisions {
  private readonly open = new Map<number, Omit<NewDecision, 'answer' | 'by' | 'name' | 'reason' | 'decidedAt'>>();
  private pending: NewDecision[] = [];

  get list(): readonly NewDecision[] {
    return this.pending;
  }

  ask({ request, at }: Pick<AcpEventOf<'asked'>, 'request' | 'at'>): void {
    const { number } = request;
    if (this.open.size >= MOST_OPEN) this.open.clear();
    const tool = request.kind === 'question' ? 'question' : request.tool;
    this.open.set(number, { number, tool, subject: startOf(subjectOf(request), MAX_DECISION_TEXT), askedAt: sec(at) });
  }

  decide({ number, answer, by, reason, at }: AcpEventOf<'decided'>): void {
    const asked = this.open.get(number) ?? { number, tool: 'other', subject: '', askedAt: null };
    this.open.delete(number);
    if (this.pending.length >= MOST_PENDING) return;
    const text = reason === null ? null : startOf(reason, MAX_DECISION_TEXT);
    this.pending.push({ ...asked, answer, by: by.kind, name: nameOf(by), reason: text, decidedAt: sec(at) });
  }

  /** The first of the list are in the record. */
  forget(count: number): void {
    this.pending = this.pending.slice(count);
  }
}

function subjectOf(request: Asked): string {
  if (request.kind === 'question') return request.title;
  const { command, mcpTool, paths, title } = request;
  return command ?? mcpTool ?? (paths.length > 0 ? paths.map(({ path }) => path).join('\n') : title);
}

function nameOf(by: AcpEventOf<'decided'>['by']): string {
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

const sec = (ms: number): number => Math.floor(ms / 1000);
