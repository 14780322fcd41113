/** A dispatch as a row, and what is known about it below. */
import { shownReason } from '../../../kernel/errors/shownReason';
import { inWords } from '../../../kernel/errors/reasons/fill';
import { POLICY_WORDS } from '../../../contract/permissions/policyWords';
import { contextValue, type RowFlag } from '../../../contract/views';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { dispatchProcess } from '../../../kernel/dispatch/service';
import type { AlteredFile } from '../../../contract/results/records';
import { hasContinuableSession } from '../../../services/agents/session';
import { headline } from '../../rows/format';
import { rowRef, type Row, type Tooltip } from '../../rows/row';
import { budgetFacts, gaugeWords } from '../budgetWords';
import type { FolderRecord } from '../record/folderRecord';
import type { InvalidRow } from '../../../kernel/db/rows';
import type { ViewContext } from '../viewContext';
import { HELD_ICON } from '../task/taskWords';
import { DISPATCH_ICONS } from '../words';

/** A stored dispatch, or the warning that it cannot be read. */
export function storedDispatchRow(context: ViewContext, record: FolderRecord, id: string): Row[] {
  const reading = record.dispatches.readListed(id);
  if ('sound' in reading) return [dispatchRow(context, record, reading.sound)];
  return [invalidDispatchRow(context, record, reading.invalid)];
}

function dispatchRow(context: ViewContext, record: FolderRecord, dispatch: Dispatch): Row {
  const label = headline(dispatch.name ?? dispatch.agentType);
  const description = describe(context, record, dispatch);
  const { folder } = record;
  return {
    ref: rowRef({ kind: 'dispatch', folder, dispatchId: dispatch.id }),
    label,
    description,
    icon: waitsForPerson(context, dispatch) ? HELD_ICON : DISPATCH_ICONS[dispatch.status],
    contextValue: contextValue('dispatch', flagsOf(context, record, dispatch)),
    spoken: context.l10n.t('Dispatch {0}, {1}', label, description),
    expands: 'collapsed',
    opens: { what: 'document', target: { kind: 'log', folder, dispatchId: dispatch.id } },
  };
}

function invalidDispatchRow({ l10n }: ViewContext, record: FolderRecord, invalid: InvalidRow): Row {
  const description = l10n.t('cannot be read: {0}: {1}', invalid.column, invalid.problem.text);
  return {
    ref: rowRef({ kind: 'invalidDispatch', folder: record.folder, dispatchId: invalid.id }),
    label: invalid.id,
    description,
    icon: { id: 'warning', color: 'list.warningForeground' },
    contextValue: contextValue('invalidDispatch', []),
    spoken: l10n.t('Dispatch {0}, {1}', invalid.id, description),
    expands: 'no',
  };
}

export function detailRows(context: ViewContext, record: FolderRecord, dispatch: Dispatch): Row[] {
  return [...waitingRows(context, record, dispatch), ...factRows(context, record, dispatch)];
}

function factRows(context: ViewContext, record: FolderRecord, dispatch: Dispatch): Row[] {
  return detailsOf(context, record, dispatch).map(([name, value, icon]) => ({
    ref: rowRef({ kind: 'detail', folder: record.folder, dispatchId: dispatch.id, detail: name }),
    label: name,
    description: value,
    icon: { id: icon },
    contextValue: contextValue('detail', []),
    spoken: `${name}: ${value}`,
    expands: 'no',
  }));
}

/** What a person said that the agent has not got yet. */
function waitingRows({ l10n, sessions }: ViewContext, record: FolderRecord, { id }: Dispatch): Row[] {
  const { folder, isWritable } = record;
  return (sessions().get(id)?.waiting ?? []).map(({ id: waitingId, text }) => {
    const description = headline(text);
    return {
      ref: rowRef({ kind: 'waitingText', folder, dispatchId: id, waitingId }),
      label: l10n.t('After this turn'),
      description,
      icon: { id: 'comment' },
      contextValue: contextValue('waitingText', isWritable ? ['writable'] : []),
      spoken: l10n.t('Waiting text: {0}', description),
      expands: 'no',
    };
  });
}

export function dispatchTooltip(context: ViewContext, record: FolderRecord, dispatch: Dispatch): Tooltip {
  const { l10n } = context;
  const argv = record.read((r) => dispatchProcess(r, dispatch.id))?.argv;
  return {
    title: headline(dispatch.name ?? dispatch.agentType, 300),
    facts: [
      [l10n.t('Dispatch'), dispatch.id],
      ...detailsOf(context, record, dispatch).map(([name, value]) => [name, value] as const),
    ],
    // The program alone: arguments may hold the prompt.
    ...(argv?.[0] === undefined ? {} : { text: l10n.t('Program: {0}', argv[0]) }),
  };
}

/** Which files of the dispatch were changed since they were left. */
export function alteredFacts({ l10n }: Pick<ViewContext, 'l10n'>, altered: readonly AlteredFile[]): Tooltip['facts'] {
  const names: Readonly<Record<AlteredFile, string>> = {
    prompt: l10n.t('prompt'),
    log: l10n.t('log'),
    exit: l10n.t('exit record'),
  };
  return altered.map((file) => [l10n.t('Changed later'), names[file]] as const);
}

function flagsOf(context: ViewContext, record: FolderRecord, dispatch: Dispatch): RowFlag<'dispatch'>[] {
  const flags: RowFlag<'dispatch'>[] = [dispatch.status, isActive(dispatch.status) ? 'live' : 'ended'];
  if (runIdOf(record, dispatch) !== undefined) flags.push('inRun');
  const session = context.sessions().get(dispatch.id);
  if (session !== undefined || record.read((r) => hasContinuableSession(r, dispatch, context.runsInSession)))
    flags.push('session');
  if (session !== undefined && session.pause !== 'none') flags.push('paused');
  if (dispatch.verdictStatus !== null) flags.push('verdict');
  if (dispatch.promptFile !== null) flags.push('prompt');
  if (dispatch.outputFile !== null) flags.push('log');
  if (record.isWritable) flags.push('writable');
  return flags;
}

function describe(context: ViewContext, record: FolderRecord, dispatch: Dispatch): string {
  const { l10n, formats, words } = context;
  const run = runIdOf(record, dispatch);
  const tokens = dispatch.inputTokens + dispatch.outputTokens;
  const state = record.budgets.ofDispatch(dispatch.id);
  const budget = state === undefined ? undefined : gaugeWords(context, state);
  const parts = [
    dispatch.name === null ? undefined : dispatch.agentType,
    ...(isActive(dispatch.status) ? liveWords(context, dispatch) : [words.dispatch(dispatch.status)]),
    isActive(dispatch.status) ? undefined : tookWords(context, dispatch),
    budget ?? (tokens === 0 ? undefined : inWords(l10n, '{0} tokens', formats.amount(tokens))),
    dispatch.verdictStatus === null ? undefined : l10n.t('verdict {0}', dispatch.verdictStatus),
    context.records().length > 1 ? context.nameOf(record.folder) : undefined,
    run === undefined ? undefined : headline(record.runs.get(run)?.goal ?? run, 40),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/**
 * What a session does or waits for now, and how far its plan is; else the start time, and not the age, because a row is
 * only redrawn when the record changes.
 */
function liveWords(context: ViewContext, dispatch: Dispatch): string[] {
  const { l10n, formats, words, sessions } = context;
  const { pause = 'none', activity = '', plan = null } = sessions().get(dispatch.id) ?? {};
  const progress = plan === null || plan.all === 0 ? [] : [l10n.t('Plan: {0} of {1}', plan.done, plan.all)];
  if (pause === 'paused') return [l10n.t('paused'), ...progress];
  if (waitsForPerson(context, dispatch)) return [l10n.t('waits for you'), ...progress];
  if (pause === 'wanted') return [l10n.t('pauses after this turn'), ...progress];
  const now = headline(activity, MOST_ACTIVITY);
  if (now !== '') return [...progress, now];
  const since = formats.time(dispatch.startedAt ?? dispatch.createdAt);
  return [l10n.t('{0} since {1}', words.dispatch(dispatch.status), since), ...progress];
}

const MOST_ACTIVITY = 60;

/** Its agent has requested a permission or asked a question. */
function waitsForPerson({ sessions }: ViewContext, { id, status }: Dispatch): boolean {
  return isActive(status) && (sessions().get(id)?.requests ?? []).length > 0;
}

function tookWords({ formats }: ViewContext, { startedAt, completedAt }: Dispatch): string | undefined {
  return startedAt === null || completedAt === null ? undefined : formats.duration(completedAt - startedAt);
}

/** The run of this database that a dispatch works for. */
function runIdOf(record: FolderRecord, { scopeId }: Dispatch): string | undefined {
  return scopeId === null ? undefined : record.runs.get(scopeId)?.id;
}

/** Its budget and reservation, and whether it was ended over budget. */
function budgetDetails(context: ViewContext, record: FolderRecord, { id }: Dispatch): Detail[] {
  const state = record.budgets.ofDispatch(id);
  if (state === undefined) return [];
  const { limit, reserved, estimated } = state.tokens;
  // Without any of these, its tokens are enough.
  if (limit === null && reserved + estimated === 0) return [];
  const [tokens, ...cost] = budgetFacts(context, state);
  const budget = tokens === undefined ? [] : [[context.l10n.t('Budget'), tokens[1], 'graph'] as const];
  return [...budget, ...cost.map(([name, value]) => [name, value, 'credit-card'] as const)];
}

type Detail = readonly [name: string, value: string, icon: string];

export function detailsOf(context: ViewContext, record: FolderRecord, dispatch: Dispatch): Detail[] {
  const { l10n, formats, words } = context;
  const run = runIdOf(record, dispatch);
  const moment = (at: number | null) => (at === null ? undefined : formats.moment(at));
  const goal = run === undefined ? undefined : headline(record.runs.get(run)?.goal ?? run);
  const tokens = l10n.t(
    '{0} in, {1} out, {2} from cache',
    formats.count(dispatch.inputTokens),
    formats.count(dispatch.outputTokens),
    formats.count(dispatch.cacheHits ?? 0),
  );
  const activity = [
    inWords(l10n, '{0} turns', dispatch.turns),
    inWords(l10n, '{0} commands', dispatch.commands),
    inWords(l10n, '{0} messages', dispatch.messages),
  ].join(', ');
  const policy = record.read((r) => dispatchProcess(r, dispatch.id))?.permissions;
  const isCounted = dispatch.inputTokens + dispatch.outputTokens > 0;
  const details: (readonly [string, string | null | undefined, string])[] = [
    [l10n.t('Status'), words.dispatch(dispatch.status), 'pulse'],
    [l10n.t('Error'), dispatch.errorMessage && shownReason(l10n, dispatch.errorMessage), 'warning'],
    [l10n.t('Verdict'), dispatch.verdictStatus, 'law'],
    [l10n.t('Summary'), dispatch.verdictSummary, 'note'],
    [l10n.t('Run'), goal, 'play-circle'],
    [l10n.t('Agent'), dispatch.agentType, 'hubot'],
    [l10n.t('Model'), dispatch.model, 'chip'],
    [l10n.t('Permissions'), policy && l10n.t(POLICY_WORDS[policy]), 'shield'],
    [l10n.t('Exit code'), dispatch.exitCode?.toString(), 'terminal'],
    [l10n.t('Started'), moment(dispatch.startedAt), 'clock'],
    [l10n.t('Ended'), moment(dispatch.completedAt), 'watch'],
    [l10n.t('Time limit'), dispatch.timeoutSec === null ? null : formats.duration(dispatch.timeoutSec), 'watch'],
    [l10n.t('Tokens'), isCounted ? tokens : null, 'symbol-numeric'],
    ...budgetDetails(context, record, dispatch),
    [
      l10n.t('Activity'),
      dispatch.turns + dispatch.commands + dispatch.messages > 0 ? activity : null,
      'list-unordered',
    ],
    [l10n.t('Process'), isActive(dispatch.status) ? dispatch.pid?.toString() : null, 'server-process'],
  ];
  return details.flatMap(([name, value, icon]) =>
    value === null || value === undefined ? [] : [[name, headline(value), icon] as const],
  );
}
