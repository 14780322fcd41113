/**
 * Why an item of a timeline is what it is: from the event log, in lines of text
 * (`docs/design/architecture.md#promises`).
 */
import { inWords } from '../../kernel/errors/reasons/fill';
import type { DocumentTarget } from '../../contract/pages/documents';
import type { TimelineItem } from '../../contract/pages/timeline';
import type { PermissionDecision } from '../../kernel/dispatch/decisions';
import { parseEvidence } from '../../kernel/gate/service';
import type { PhaseEvent } from '../../kernel/run/record/model';
import { aligned, conditionLines, statedReason, type Line } from '../documents/reportText';
import { detailsOf } from '../projections/dispatch/dispatchRow';
import type { FolderRecord } from '../projections/record/folderRecord';
import type { ViewContext } from '../projections/viewContext';
import { decisionWords } from '../rows/decisionWords';
import { headline } from '../rows/format';
import type { TimelineFacts } from './facts';

/** Where an item comes from. */
type Origin =
  | { readonly kind: 'phase'; readonly index: number }
  | { readonly kind: 'event'; readonly id: number }
  | { readonly kind: 'artifact' | 'dispatch'; readonly id: string }
  | { readonly kind: 'decision'; readonly dispatchId: string; readonly number: number };

export type Opens = { readonly document: DocumentTarget } | { readonly file: string };

/** Undefined for a foreign id. */
export function originOf(itemId: string): Origin | undefined {
  const [, kind = '', id = ''] = /^(phase|event|artifact|dispatch|decision):(.+)$/s.exec(itemId) ?? [];
  if (kind === 'phase') return { kind, index: Number(id) };
  if (kind === 'event') return { kind, id: Number(id) };
  if (kind === 'decision') {
    const end = id.lastIndexOf(':');
    return { kind, dispatchId: id.slice(0, end), number: Number(id.slice(end + 1)) };
  }
  return kind === 'artifact' || kind === 'dispatch' ? { kind, id } : undefined;
}

/** Lines about the item; none where it is not in the record any more. */
export function explainItem(
  context: ViewContext,
  record: FolderRecord,
  facts: TimelineFacts,
  item: TimelineItem,
): string[] {
  const origin = originOf(item.id);
  switch (origin?.kind) {
    case undefined:
      return [];
    case 'phase':
      return explainStay(context, facts, item);
    case 'event': {
      const event = facts.events.find(({ id }) => id === origin.id);
      return event === undefined ? [] : explainEvent(context, event);
    }
    case 'artifact': {
      const artifact = facts.artifacts.find(({ id }) => id === origin.id);
      if (artifact === undefined) return [];
      const { l10n } = context;
      return aligned([
        [l10n.t('Type'), artifact.type],
        ...(artifact.contentHash === null ? [] : [[l10n.t('Content'), artifact.contentHash] as const]),
        ...(artifact.dispatchId === null ? [] : [[l10n.t('Dispatch'), artifact.dispatchId] as const]),
      ]);
    }
    case 'dispatch': {
      const dispatch = facts.dispatches.find(({ id }) => id === origin.id);
      if (dispatch === undefined) return [];
      return aligned(detailsOf(context, record, dispatch).map(([name, value]): Line => [name, value]));
    }
    case 'decision': {
      const { dispatchId, number } = origin;
      const decision = facts.decisions.find((each) => each.dispatchId === dispatchId && each.number === number);
      return decision === undefined ? [] : explainDecision(context, facts, decision);
    }
  }
}

/** What the person is shown who wants to see more of it; undefined where there is no more. */
export function opensOf(folder: string, facts: TimelineFacts, itemId: string): Opens | undefined {
  const origin = originOf(itemId);
  const runId = facts.run.id;
  switch (origin?.kind) {
    case undefined:
      return undefined;
    case 'phase':
      return { document: { kind: 'run', folder, runId } };
    case 'event':
      return { document: { kind: 'evidence', folder, runId, eventId: origin.id } };
    case 'dispatch':
      return { document: { kind: 'log', folder, dispatchId: origin.id } };
    case 'decision':
      return { document: { kind: 'log', folder, dispatchId: origin.dispatchId } };
    case 'artifact': {
      const file = facts.artifacts.find(({ id }) => id === origin.id)?.path;
      return file === undefined ? undefined : { file };
    }
  }
}

function explainDecision(context: ViewContext, { dispatches }: TimelineFacts, decision: PermissionDecision): string[] {
  const { l10n } = context;
  const { dispatchId, tool, subject, reason } = decision;
  return aligned([
    [l10n.t('Dispatch'), headline(dispatches.find(({ id }) => id === dispatchId)?.name ?? dispatchId)],
    [l10n.t('Tool'), tool],
    [l10n.t('Request'), subject],
    [l10n.t('Decision'), decisionWords(l10n, decision)],
    ...(reason === null ? [] : [[l10n.t('Reason'), reason] as const]),
  ]);
}

/** A stay in a phase started with the event of that moment, and ended with another. */
function explainStay(context: ViewContext, { events }: TimelineFacts, stay: TimelineItem): string[] {
  const { l10n } = context;
  const to = stay.kind === 'bar' ? stay.to : null;
  const moved = events.filter(({ fromPhase, toPhase }) => fromPhase !== toPhase);
  const start = moved.find((event) => event.createdAt === stay.from);
  const ended = to === null ? undefined : moved.find((event) => event.createdAt === to);
  const held = events.filter(({ type, createdAt }) => {
    return type === 'block' && createdAt >= stay.from && (to === null || createdAt <= to);
  });
  const lines: Line[] = [
    [l10n.t('From'), phrase(context, stay.from, start)],
    ...(to === null ? [] : [[l10n.t('To'), phrase(context, to, ended)] as const]),
    ...(held.length === 0 ? [] : [[l10n.t('Blocked'), inWords(l10n, '{0} times', held.length)] as const]),
  ];
  return aligned(lines);
}

function phrase({ words, formats }: ViewContext, at: number, event: PhaseEvent | undefined): string {
  const moment = formats.moment(at);
  return event === undefined ? moment : `${moment} (${words.event(event.type)})`;
}

function explainEvent(context: ViewContext, event: PhaseEvent): string[] {
  const { l10n, words } = context;
  const { reason, gateResult, gateTier } = event;
  const evidence = reason === null ? undefined : parseEvidence(reason);
  const gate = gateResult === null || gateResult === 'none' ? '' : `${words.gateResult(gateResult)}, ${gateTier ?? ''}`;
  return [
    ...aligned([
      ...(gate === '' ? [] : [[l10n.t('Gate'), gate] as const]),
      ...statedReason(context, event, evidence !== undefined),
    ]),
    ...(evidence === undefined ? [] : conditionLines(context, evidence, false).filter((line) => line !== '')),
  ];
}
