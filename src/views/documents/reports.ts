/** The record in readable text: a run, its gate, the evidence of an event, its events. */
import type { DocumentTarget } from '../../contract/pages/documents';
import { inTurns, readAmong, type Steps } from '../../host/turns';
import { isKernelError, KernelError } from '../../kernel/errors/errors';
import { parseEvidence } from '../../kernel/gate/service';
import type { Run } from '../../kernel/run/record/model';
import { phaseEventsAmong } from '../../kernel/run/record/queries';
import { AGENT_LIST, ARTIFACT_LIST } from '../../kernel/tracking/longLists';
import type { FolderRecord } from '../projections/record/folderRecord';
import { explain } from '../projections/folderRow';
import { phaseStates } from '../projections/record/phaseStates';
import { runTooltip } from '../projections/run/runRow';
import { recordOf, type ViewContext } from '../projections/viewContext';
import { unreadableLines } from '../projections/unreadableRows';
import { eventReport } from './eventReport';
import { portfolioReport, type PortfolioTarget } from './portfolioReport';
import { taskReport, type TaskTarget } from './taskReport';
import {
  aligned,
  conditionLines,
  gateLines,
  heading,
  section,
  statedReason,
  tierWords,
  verdict,
  type Line,
} from './reportText';

type ReportTarget = Exclude<DocumentTarget, { kind: 'log' }>;
type RecordTarget = Exclude<ReportTarget, PortfolioTarget | TaskTarget>;

/** The text of a document, with turns for other work while it is made. */
export function reportText(context: ViewContext, target: ReportTarget): Promise<string> {
  return inTurns(report(context, target));
}

/** The text of a document now, or why it cannot be shown. */
export function* report(context: ViewContext, target: ReportTarget): Steps<string> {
  if (target.kind === 'portfolio' || target.kind === 'portfolioGate') return yield* portfolioReport(context, target);
  if (target.kind === 'task' || target.kind === 'subtask') return taskReport(context, target);
  const record = recordOf(context, target.folder);
  if (record === undefined) return `${context.l10n.t('The folder {0} is not open in this window.', target.folder)}\n`;
  try {
    const run = record.isReadable ? record.runs.get(target.runId) : undefined;
    if (run === undefined) return `${whyNot(context, record, target.runId)}\n`;
    const mark = record.read(({ db }) => db.leftOut.mark);
    const lines = yield* linesOf(context, record, run, target);
    const unreadable = unreadableLines(
      context.l10n,
      record.read(({ db }) => db.leftOut.since(mark)),
    );
    return `${[...lines, ...(unreadable.length === 0 ? [] : ['', ...unreadable])].join('\n')}\n`;
  } catch (error) {
    if (isKernelError(error)) return `${explain(context.l10n, error)}\n`;
    throw error;
  }
}

function* linesOf(context: ViewContext, record: FolderRecord, run: Run, target: RecordTarget): Steps<string[]> {
  switch (target.kind) {
    case 'run':
      return yield* runReport(context, record, run);
    case 'gate':
      return gateReport(context, record, run);
    case 'events':
      return yield* eventReport(context, (work) => record.read(work), run);
    case 'evidence':
      return evidenceReport(context, record, run, target.eventId);
  }
}

function whyNot({ l10n }: ViewContext, record: FolderRecord, runId: string): string {
  const { state } = record.source;
  if (state.kind === 'failed') return explain(l10n, state.error);
  const found = record.isReadable ? record.runs.read(runId) : undefined;
  if (found !== undefined && 'invalid' in found) {
    return explain(l10n, new KernelError('ROW_INVALID', { table: 'runs', ...found.invalid }));
  }
  return explain(l10n, new KernelError('NOT_FOUND', { what: 'run', id: runId }));
}

function* runReport(context: ViewContext, record: FolderRecord, run: Run): Steps<string[]> {
  const { l10n, words } = context;
  const phases = phaseStates(record, run).map(({ phase, state, artifacts }): Line => {
    const counted = artifacts === 0 ? [] : [l10n.t('artifacts: {0}', artifacts)];
    return [phase, [words.phase(state), ...counted].join(', ')];
  });
  const of = { runId: run.id };
  const artifactKeys = record.read((r) => ARTIFACT_LIST.keys(r, of));
  const agentKeys = record.read((r) => AGENT_LIST.keys(r, of));
  yield;
  const artifacts = yield* readAmong(artifactKeys, (keys) =>
    record
      .read((r) => ARTIFACT_LIST.at(r, keys).sound)
      .map((one): Line => [one.phase, one.status === 'rolled_back' ? l10n.t('{0} (rolled back)', one.path) : one.path]),
  );
  const agents = yield* readAmong(agentKeys, (keys) =>
    record
      .read((r) => AGENT_LIST.at(r, keys).sound)
      .map((one): Line => [one.name ?? one.agentType, words.agent(one.status)]),
  );
  return [
    ...heading(run.goal.trim()),
    ...aligned(runTooltip(context, record, run).facts),
    ...section(l10n.t('Phases'), aligned(phases)),
    ...section(l10n.t('Artifacts'), aligned(artifacts)),
    ...section(l10n.t('Agents'), aligned(agents)),
  ];
}

function gateReport(context: ViewContext, record: FolderRecord, run: Run): string[] {
  const { l10n, words } = context;
  if (run.status !== 'active') {
    return [...heading(run.goal.trim()), l10n.t('This run is {0}, so no gate follows.', words.run(run.status))];
  }
  const gate = record.gate(run);
  if (gate instanceof KernelError) return [...heading(run.goal.trim()), explain(l10n, gate)];
  return gateLines(context, run.goal, gate);
}

function evidenceReport(context: ViewContext, record: FolderRecord, run: Run, eventId: number): string[] {
  const { l10n, words, formats } = context;
  const event = record.read((r) => phaseEventsAmong(r, [eventId])).find(({ runId }) => runId === run.id);
  if (event === undefined) throw new KernelError('NOT_FOUND', { what: 'event', id: String(eventId) });
  const conditions = event.reason === null ? undefined : parseEvidence(event.reason);
  return [
    ...heading(
      l10n.t('Event {0}: {1} from {2} to {3}', event.id, words.event(event.type), event.fromPhase, event.toPhase),
    ),
    ...aligned([
      [l10n.t('Run'), run.id],
      [l10n.t('Goal'), run.goal.trim()],
      [l10n.t('When'), formats.moment(event.createdAt)],
      ...(event.gateResult === null ? [] : [[l10n.t('Gate'), verdict(context, event.gateResult)] as const]),
      ...(event.gateTier === null ? [] : [[l10n.t('Tier'), tierWords(context, event.gateTier)] as const]),
      ...statedReason(context, event, conditions !== undefined),
    ]),
    '',
    ...(conditions === undefined
      ? [l10n.t('This event has no evidence.')]
      : conditionLines(context, conditions, false)),
  ];
}
