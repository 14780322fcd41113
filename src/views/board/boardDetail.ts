/** One task or subtask as the board's detail panel shows it (`docs/board.md`). Reads the present record. */
import { shownReason } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import type { BoardAttempt, BoardDetail, BoardNeighbor, DetailTarget } from '../../contract/pages/board';
import { dispatchProcess } from '../../kernel/dispatch/service';
import type { AgentRunStatus } from '../../kernel/tasks/record/machine';
import type { AgentRun, Subtask } from '../../kernel/tasks/record/model';
import { listNotes } from '../../kernel/tasks/subtask/subtasks';
import { headline } from '../rows/format';
import type { FolderRecord } from '../projections/record/folderRecord';
import { agentOf } from '../projections/needs';
import type { ViewContext } from '../projections/viewContext';
import { planWaiting, subtaskWaiting, waitingFacts } from '../projections/heldWords';
import { locationFact } from '../projections/task/subtaskRow';
import { tokensOf, tokensOfAttempts } from '../projections/task/taskRow';
import { attemptWord, failureWord, issueWords, proofWord, stageWord } from '../projections/task/taskWords';
import { forecastWords } from '../projections/budgetWords';
import { gaugesOf, taskBudget } from './boardBudget';
import {
  cardState,
  isWebAddress,
  plannerReason,
  reasonOf,
  stateWord,
  subtaskActions,
  taskActions,
  taskState,
  taskStateWord,
  type CardSource,
} from './boardCards';
import { startOf } from '../../kernel/text/storableText';

/** The limit of all texts in characters, so that a message stays small; the report has them in full. */
const MOST_TEXT = 100_000;
const MOST_TEXTS = 200;

/** Undefined where it is gone. */
export function boardDetail(context: ViewContext, record: FolderRecord, target: DetailTarget): BoardDetail | undefined {
  if (target.kind === 'task') {
    const task = record.tasks.task(target.id);
    return task && taskDetail({ context, record, task }, target);
  }
  const found = record.tasks.find(target.id);
  return found && subtaskDetail({ context, record, task: found.task }, found.subtask, target);
}

function taskDetail(source: CardSource, target: DetailTarget): BoardDetail {
  const { context, record, task } = source;
  const { l10n, formats } = context;
  const contents = record.tasks.contentsOf(task);
  const status = taskState(source);
  const project = record.tasks.projects().find(({ id }) => id === task.projectId);
  const tokens = tokensOf(record, task);
  const budget = taskBudget(record, task);
  return {
    target,
    title: headline(task.title, 300),
    subtitle: l10n.t('Task'),
    status,
    state: taskStateWord(l10n, status),
    reason: plannerReason(source),
    actions: taskActions(source),
    branch: '',
    pullRequest: '',
    facts: factsOf([
      [l10n.t('Project'), project?.name],
      ...waitingFacts(context, planWaiting(context, record, task)),
      [l10n.t('Subtasks'), contents.counts.all === 0 ? undefined : String(contents.counts.all)],
      [l10n.t('Workers start'), task.autoStart ? l10n.t('automatically') : l10n.t('manually')],
      [l10n.t('Tokens'), tokens === 0 ? undefined : formats.count(tokens)],
      [l10n.t('To finish'), budget?.forecast && forecastWords(context, budget.forecast)],
      [l10n.t('Created'), formats.moment(task.createdAt)],
    ]),
    gauges: gaugesOf(context, budget),
    texts: textsOf([[l10n.t('Description'), task.description]]),
    waitsFor: [],
    dependents: [],
    attempts: contents.attempts(null).map((attempt) => attemptOf(source, attempt)),
  };
}

function subtaskDetail(source: CardSource, subtask: Subtask, target: DetailTarget): BoardDetail {
  const { context, record, task } = source;
  const { l10n, formats } = context;
  const contents = record.tasks.contentsOf(task);
  const attempts = contents.attempts(subtask.id);
  const status = cardState(source, subtask);
  const issue = contents.issue(subtask.id);
  const tokens = tokensOfAttempts(record, attempts);
  const notes = record.read((r) => listNotes(r, subtask.id));
  return {
    target,
    title: headline(subtask.title, 300),
    subtitle: l10n.t('Subtask {0} of “{1}”', subtask.number, headline(task.title, 80)),
    status,
    state: stateWord(l10n, status),
    reason:
      subtask.blockedReason === 'DEPENDENCY' || source.context.requestOf(agentOf(subtask)) !== undefined
        ? reasonOf(source, subtask)
        : shownReason(l10n, subtask.lastError ?? ''),
    actions: subtaskActions(source, subtask),
    branch: subtask.branchName ?? '',
    pullRequest: isWebAddress(subtask.prUrl) ? (subtask.prUrl ?? '') : '',
    facts: factsOf([
      [l10n.t('Now'), stageWord(context, subtask, contents.failure(subtask.id))],
      ...waitingFacts(context, subtaskWaiting(context, record, task, subtask)),
      [l10n.t('Failure'), failureWord(context, contents.failure(subtask.id))],
      [l10n.t('Retries'), attempts.length < 2 ? undefined : String(attempts.length - 1)],
      [l10n.t('Tokens'), tokens === 0 ? undefined : formats.count(tokens)],
      [l10n.t('Cost'), costOf(source, attempts)],
      [l10n.t('Worktree'), subtask.worktreePath],
      [l10n.t('Location'), locationFact(context, subtask)],
      [l10n.t('Started at'), subtask.baseSha?.slice(0, 12)],
      [l10n.t('Proven commit'), subtask.provenSha?.slice(0, 12)],
      [l10n.t('Proof'), proofWord(l10n, subtask)],
      [l10n.t('Changed files that decide its checks'), subtask.decidingFiles.join(', ') || undefined],
      [l10n.t('Agent says'), subtask.closeReason],
      [l10n.t('Beads'), issue && issueWords(l10n, issue)],
      [l10n.t('Merged'), subtask.mergedAt === null ? undefined : formats.moment(subtask.mergedAt)],
    ]),
    gauges: [],
    texts: textsOf([
      [l10n.t('Specification'), subtask.spec],
      [l10n.t('Implementation Plan'), subtask.implementationPlan],
      [l10n.t('Acceptance Criteria'), subtask.acceptanceCriteria],
      ...notes.map((note): [string, string] => [
        l10n.t('Note of {0}, {1}', note.author, formats.moment(note.createdAt)),
        note.text,
      ]),
    ]),
    waitsFor: contents.dependsOn(subtask.id).map((one) => neighborOf(source, one)),
    dependents: contents.dependents(subtask.id).map((one) => neighborOf(source, one)),
    attempts: attempts.map((attempt) => attemptOf(source, attempt)),
  };
}

function neighborOf(source: CardSource, subtask: Subtask): BoardNeighbor {
  const { l10n } = source.context;
  const status = cardState(source, subtask);
  return { id: subtask.id, title: headline(subtask.title), status, state: stateWord(l10n, status) };
}

const ATTEMPT_STATE_OF = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const satisfies Record<AgentRunStatus, string>;

function attemptOf(source: CardSource, attempt: AgentRun): BoardAttempt {
  const { context, record } = source;
  const { l10n, formats } = context;
  const { dispatchId, startedAt, endedAt } = attempt;
  const dispatch = dispatchId === null ? undefined : record.dispatches.get(dispatchId);
  const tokens = tokensOfAttempts(record, [attempt]);
  const facts = [
    attemptWord(l10n, attempt.status),
    endedAt === null ? l10n.t('since {0}', formats.time(startedAt)) : formats.duration(endedAt - startedAt),
    dispatch?.model ?? dispatch?.agentType,
    tokens === 0 ? undefined : inWords(l10n, '{0} tokens', formats.amount(tokens)),
    costOf(source, [attempt]),
  ];
  return {
    id: attempt.id,
    name: l10n.t('Attempt {0}', attempt.attempt),
    status: ATTEMPT_STATE_OF[attempt.status],
    facts: facts.filter((fact) => fact !== undefined),
    error: shownReason(l10n, attempt.errorMessage ?? ''),
    dispatchId: dispatch === undefined ? null : dispatch.id,
  };
}

/** As far as agents reported it; undefined if none did. */
function costOf({ context: { formats }, record }: CardSource, attempts: readonly AgentRun[]): string | undefined {
  const costs = attempts.flatMap(({ dispatchId }) => {
    const cost = dispatchId === null ? undefined : record.read((r) => dispatchProcess(r, dispatchId))?.costUsd;
    return cost === undefined || cost === null ? [] : [cost];
  });
  return costs.length === 0 ? undefined : formats.dollars(costs.reduce((sum, cost) => sum + cost, 0));
}

function factsOf(facts: readonly (readonly [string, string | null | undefined])[]): BoardDetail['facts'] {
  return facts.flatMap(([name, value]) => (value === null || value === undefined ? [] : [{ name, value }]));
}

function textsOf(texts: readonly (readonly [string, string])[]): BoardDetail['texts'] {
  let room = MOST_TEXT;
  const written = texts.filter(([, text]) => text.trim() !== '');
  return written.slice(0, MOST_TEXTS).map(([name, text]) => {
    const markdown = startOf(text, room) || '…';
    room -= Math.min(room, text.length);
    return { name, markdown };
  });
}
