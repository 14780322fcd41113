/** One task or subtask as the board's detail panel shows it (`docs/board.md`). Reads the present record. */
import type { BoardAttempt, BoardDetail, BoardNeighbour, DetailTarget } from '../../contract/pages/board';
import { dispatchProcess } from '../../kernel/dispatch/service';
import type { AgentRunStatus } from '../../kernel/tasks/record/machine';
import type { AgentRun, Subtask } from '../../kernel/tasks/record/model';
import { listNotes } from '../../kernel/tasks/subtask/subtasks';
import { headline } from '../format';
import type { FolderRecord } from '../projections/folderRecord';
import type { Scene } from '../projections/scene';
import { planWaiting, subtaskWaiting, waitingFacts } from '../projections/dispatch/heldWords';
import { locationFact } from '../projections/task/subtaskRow';
import { tokensOf, tokensOfAttempts } from '../projections/task/taskRow';
import { attemptWord, failureWord, issueWords, proofWord, stageWord } from '../projections/task/taskWords';
import { forecastWords } from '../projections/budget/budgetWords';
import { gaugesOf, taskBudget } from './boardBudget';
import {
  cardStanding,
  isWebAddress,
  reasonOf,
  standingWord,
  subtaskActions,
  taskActions,
  taskStanding,
  taskStandingWord,
  type CardSource,
} from './boardCards';
import { startOf } from '../../kernel/text/storableText';

/** All texts together are cut at so many characters, so that a message stays small; the report has them whole. */
const MOST_TEXT = 100_000;
const MOST_TEXTS = 200;

/** Undefined where it is gone. */
export function boardDetail(scene: Scene, record: FolderRecord, target: DetailTarget): BoardDetail | undefined {
  if (target.kind === 'task') {
    const task = record.tasks.task(target.id);
    return task && taskDetail({ scene, record, task }, target);
  }
  const found = record.tasks.find(target.id);
  return found && subtaskDetail({ scene, record, task: found.task }, found.subtask, target);
}

function taskDetail(source: CardSource, target: DetailTarget): BoardDetail {
  const { scene, record, task } = source;
  const { l10n, formats } = scene;
  const contents = record.tasks.contentsOf(task);
  const standing = taskStanding(source);
  const project = record.tasks.projects().find(({ id }) => id === task.projectId);
  const tokens = tokensOf(record, task);
  const budget = taskBudget(record, task);
  return {
    target,
    title: headline(task.title, 300),
    subtitle: l10n.t('Task'),
    standing,
    state: taskStandingWord(l10n, standing),
    reason: task.planningError ?? '',
    actions: taskActions(source),
    branch: '',
    pullRequest: '',
    facts: factsOf([
      [l10n.t('Project'), project?.name],
      ...waitingFacts(scene, planWaiting(scene, record, task)),
      [l10n.t('Subtasks'), contents.counts.all === 0 ? undefined : String(contents.counts.all)],
      [l10n.t('Workers start'), task.autoStart ? l10n.t('by themselves') : l10n.t('when they are told to')],
      [l10n.t('Tokens'), tokens === 0 ? undefined : formats.count(tokens)],
      [l10n.t('To finish'), budget?.forecast && forecastWords(scene, budget.forecast)],
      [l10n.t('Created'), formats.moment(task.createdAt)],
    ]),
    gauges: gaugesOf(scene, budget),
    texts: textsOf([[l10n.t('Description'), task.description]]),
    waitsFor: [],
    dependents: [],
    attempts: contents.attempts(null).map((attempt) => attemptOf(source, attempt)),
  };
}

function subtaskDetail(source: CardSource, subtask: Subtask, target: DetailTarget): BoardDetail {
  const { scene, record, task } = source;
  const { l10n, formats } = scene;
  const contents = record.tasks.contentsOf(task);
  const attempts = contents.attempts(subtask.id);
  const standing = cardStanding(source, subtask);
  const issue = contents.issue(subtask.id);
  const tokens = tokensOfAttempts(record, attempts);
  const notes = record.read((r) => listNotes(r, subtask.id));
  return {
    target,
    title: headline(subtask.title, 300),
    subtitle: l10n.t('Subtask {0} of “{1}”', subtask.number, headline(task.title, 80)),
    standing,
    state: standingWord(l10n, standing),
    reason: subtask.blockedReason === 'DEPENDENCY' ? reasonOf(source, subtask) : (subtask.lastError ?? ''),
    actions: subtaskActions(source, subtask),
    branch: subtask.branchName ?? '',
    pullRequest: isWebAddress(subtask.prUrl) ? (subtask.prUrl ?? '') : '',
    facts: factsOf([
      [l10n.t('Now'), stageWord(scene, subtask, contents.failure(subtask.id))],
      ...waitingFacts(scene, subtaskWaiting(scene, record, task, subtask)),
      [l10n.t('Failure'), failureWord(scene, contents.failure(subtask.id))],
      [l10n.t('Retries'), attempts.length < 2 ? undefined : String(attempts.length - 1)],
      [l10n.t('Tokens'), tokens === 0 ? undefined : formats.count(tokens)],
      [l10n.t('Cost'), costOf(source, attempts)],
      [l10n.t('Worktree'), subtask.worktreePath],
      [l10n.t('Location'), locationFact(scene, subtask)],
      [l10n.t('Began at'), subtask.baseSha?.slice(0, 12)],
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
    waitsFor: contents.dependsOn(subtask.id).map((one) => neighbourOf(source, one)),
    dependents: contents.dependents(subtask.id).map((one) => neighbourOf(source, one)),
    attempts: attempts.map((attempt) => attemptOf(source, attempt)),
  };
}

function neighbourOf(source: CardSource, subtask: Subtask): BoardNeighbour {
  const { l10n } = source.scene;
  const standing = cardStanding(source, subtask);
  return { id: subtask.id, title: headline(subtask.title), standing, state: standingWord(l10n, standing) };
}

const ATTEMPT_STANDING = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const satisfies Record<AgentRunStatus, string>;

function attemptOf(source: CardSource, attempt: AgentRun): BoardAttempt {
  const { scene, record } = source;
  const { l10n, formats } = scene;
  const { dispatchId, startedAt, endedAt } = attempt;
  const dispatch = dispatchId === null ? undefined : record.dispatches.get(dispatchId);
  const tokens = tokensOfAttempts(record, [attempt]);
  const facts = [
    attemptWord(l10n, attempt.status),
    endedAt === null ? l10n.t('since {0}', formats.time(startedAt)) : formats.duration(endedAt - startedAt),
    dispatch?.model ?? dispatch?.agentType,
    tokens === 0 ? undefined : l10n.t('{0} tokens', formats.amount(tokens)),
    costOf(source, [attempt]),
  ];
  return {
    id: attempt.id,
    name: l10n.t('Attempt {0}', attempt.attempt),
    standing: ATTEMPT_STANDING[attempt.status],
    facts: facts.filter((fact) => fact !== undefined),
    error: attempt.errorMessage ?? '',
    dispatchId: dispatch === undefined ? null : dispatch.id,
  };
}

/** As far as agents told it; undefined where none did. */
function costOf({ scene: { formats }, record }: CardSource, attempts: readonly AgentRun[]): string | undefined {
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
