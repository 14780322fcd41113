/** Rows, cards and what needs a person while a limit holds the account of agents. */
import assert from 'node:assert/strict';
import type { AccountHold } from '../../../src/host/state/accountHolds';
import { dispatchId } from '../../../src/kernel/ids';
import { enqueue } from '../../../src/kernel/queue/service';
import { startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { acceptPlan, addProject, createTask } from '../../../src/kernel/tasks/service';
import { handOverPlan, handOverWork } from '../../../src/kernel/tasks/upkeep/stageFailures';
import { addSubtask } from '../../../src/kernel/tasks/subtask/subtasks';
import { startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import { callOf } from '../../../src/views/board/boardActions';
import { boardDetail } from '../../../src/views/board/boardDetail';
import { BoardModel } from '../../../src/views/board/boardModel';
import { DispatchesProjection } from '../../../src/views/projections/dispatch/dispatches';
import { countdown } from '../../../src/views/projections/heldWords';
import type { ViewContext } from '../../../src/views/projections/viewContext';
import { TasksProjection } from '../../../src/views/projections/task/tasks';
import type { Row } from '../../../src/views/rows/row';
import { attentionIn } from '../../support/views/attention';
import { openTestFolder, viewContextOf, type TestFolder } from '../../support/records/viewFixture';

const MINUTE_MS = 60_000;

describe('what waits for a held account', () => {
  let folder: TestFolder;
  let hold: AccountHold | undefined;
  let nowMs: number;
  let context: ViewContext;

  beforeEach(async () => {
    folder = await openTestFolder();
    nowMs = Date.parse('2026-03-04T02:48:00');
    hold = {
      account: 'a'.repeat(32),
      kind: 'claude',
      reason: "You've hit your session limit · resets 3am",
      sinceMs: nowMs,
      untilMs: nowMs + 12 * MINUTE_MS,
      tries: 2,
    };
    const plain = viewContextOf(folder);
    const of = (kind: string): AccountHold | undefined => (kind === 'claude' ? hold : undefined);
    context = { ...plain, held: { ...plain.held, hold: of, nowMs: () => nowMs } };
  });

  const queue = () =>
    folder.write((u) =>
      enqueue(u, {
        id: dispatchId.parse('aaaaaaaa'),
        projectDir: folder.folder,
        request: { kind: 'claude', prompt: { file: '/storage/prompt.md' } },
        queuedAtMs: nowMs,
      }),
    );
  const task = () =>
    folder.write((u) => {
      const project = addProject(u, { name: 'parcels', clonePath: '/clones/parcels', defaultBranch: 'main' });
      return createTask(u, { projectId: project.id, title: 'Late parcels', description: 'Tell people.' });
    });
  const work = () => {
    const { id } = task();
    return folder.write((u) => {
      const subtask = addSubtask(u, { taskId: id, title: 'Write A' });
      acceptPlan(u, id, { path: '/plans/plan.md' });
      return startSubtask(u, subtask.id);
    });
  };
  const rowsOf = (kind: Row['ref']['kind']): Row[] => {
    const views = [new DispatchesProjection(context), new TasksProjection(context)];
    const below = (view: (typeof views)[number], rows: readonly Row[]): Row[] =>
      rows.flatMap((row) => [row, ...below(view, view.children(row.ref))]);
    return views.flatMap((view) => below(view, view.roots())).filter(({ ref }) => ref.kind === kind);
  };
  const needs = () => attentionIn(folder, { held: { kinds: new Map(hold === undefined ? [] : [['claude', hold]]) } });

  it('is counted down to the reset, minute by minute, in the row of a queued dispatch', () => {
    queue();
    const said = () => rowsOf('queued')[0]?.description ?? '';
    assert.match(said(), /waits for claude until 3:00.AM, in 12 minutes/);
    nowMs += 11 * MINUTE_MS + 1;
    assert.match(said(), /in 1 minute\b/);
    assert.match(rowsOf('queued')[0]?.contextValue ?? '', /\+accountHeld\b/);
    hold = undefined;
    assert.match(said(), /queued since/);
  });

  it('names the account, the text of the agent, and the tries in the tooltip', () => {
    queue();
    const [row] = rowsOf('queued');
    assert.ok(row);
    const facts = new Map(new DispatchesProjection(context).tooltip(row.ref)?.facts);
    assert.match(facts.get('Limit') ?? '', /in 12 minutes/);
    assert.match(facts.get('Account') ?? '', /^claude, a{32}$/);
    assert.equal(facts.get('Agent reported'), "You've hit your session limit · resets 3am");
    assert.equal(facts.get('Tries'), '2');
  });

  it('is said in the row of a subtask, and not while its agent runs', () => {
    const { id } = work();
    assert.match(rowsOf('subtask')[0]?.description ?? '', /waits for claude until/);
    assert.match(rowsOf('subtask')[0]?.contextValue ?? '', /\+accountHeld\b/);
    folder.write((u) => startAgentRun(u, { subtaskId: id }));
    assert.doesNotMatch(rowsOf('subtask')[0]?.description ?? '', /waits for claude/);
  });

  it('is no subtask that was handed over to a kind whose account is free', () => {
    const { id } = work();
    folder.write((u) => handOverWork(u, id, 'codex-acp'));
    assert.doesNotMatch(rowsOf('subtask')[0]?.description ?? '', /waits for/);
    assert.deepEqual(needs(), []);
  });

  it('is no plan that was handed over to a kind whose account is free', () => {
    const { id } = task();
    assert.match(rowsOf('task')[0]?.contextValue ?? '', /\+accountHeld\b/);
    assert.deepEqual(
      needs().map(({ offers }) => offers),
      [['heldPlan']],
    );
    folder.write((u) => handOverPlan(u, id, 'codex-acp'));
    assert.doesNotMatch(rowsOf('task')[0]?.description ?? '', /waits for/);
    assert.deepEqual(needs(), []);
  });

  it('says at its account whether a plan or a subtask waits', () => {
    queue();
    assert.deepEqual(
      needs().map(({ offers }) => offers),
      [[]],
    );
    work();
    assert.deepEqual(
      needs().map(({ offers }) => offers),
      [['heldSubtask']],
    );
  });

  it('is said in the row and on the card of a task whose plan waits', () => {
    task();
    const { parts } = new BoardModel(context).board(folder.record);
    assert.deepEqual(
      { status: parts[0]?.task.status, state: parts[0]?.task.state },
      { status: 'accountHeld', state: 'Planning Held' },
    );
    assert.match(rowsOf('task')[0]?.description ?? '', /waits for claude until/);
  });

  it('shows each minute on its card of the board, which has the sign of what waits', () => {
    const { id } = work();
    const model = new BoardModel(context);
    const card = () => model.board(folder.record).parts[0]?.cards[0] ?? assert.fail('no card');
    assert.deepEqual({ status: card().status, state: card().state }, { status: 'accountHeld', state: 'Held' });
    assert.match(card().facts.join(' · '), /^claude: 12 min/);
    nowMs += MINUTE_MS;
    assert.match(card().facts.join(' · '), /^claude: 11 min/);
    const details = boardDetail(context, folder.record, { kind: 'subtask', id }) ?? assert.fail('no details');
    assert.equal(details.status, 'accountHeld');
    assert.match(details.facts.find(({ name }) => name === 'Limit')?.value ?? '', /^waits for claude until/);
  });

  it('offers Resume Now first on the cards of the board, and Do Not Resume until it is chosen', () => {
    const { id } = work();
    const model = new BoardModel(context);
    const actions = () => model.board(folder.record).parts[0]?.cards[0]?.actions ?? [];
    assert.equal(actions()[0], 'resumeAccount');
    assert.ok(actions().includes('pauseAccount'));
    const details = boardDetail(context, folder.record, { kind: 'subtask', id });
    assert.equal(details?.actions[0], 'resumeAccount');
    const target = { kind: 'subtask', id } as const;
    const call = callOf('/f', { type: 'act', request: 1, action: 'resumeAccount', target });
    assert.deepEqual(call, { command: 'intercore.account.resume', args: { folder: '/f', subtaskId: id } });
    hold = hold && { ...hold, untilMs: null };
    assert.deepEqual(
      { firstActions: actions()[0], actionsIncludes: actions().includes('pauseAccount') },
      { firstActions: 'resumeAccount', actionsIncludes: false },
    );
    hold = undefined;
    assert.ok(!actions().includes('resumeAccount'));
  });

  it('offers Resume Now on the card of a task whose plan waits', () => {
    const { id } = task();
    const actions = () => new BoardModel(context).board(folder.record).parts[0]?.task.actions ?? [];
    assert.deepEqual(
      { firstActions: actions()[0], actionsIncludes: actions().includes('pauseAccount') },
      { firstActions: 'resumeAccount', actionsIncludes: true },
    );
    const target = { kind: 'task', id } as const;
    const call = callOf('/f', { type: 'act', request: 1, action: 'pauseAccount', target });
    assert.deepEqual(call, { command: 'intercore.account.pause', args: { folder: '/f', taskId: id } });
  });

  it('says the day of a reset that is not today, and hours before minutes', () => {
    queue();
    hold = hold && { ...hold, untilMs: nowMs + 49 * 60 * MINUTE_MS + 1 };
    assert.match(rowsOf('queued')[0]?.description ?? '', /until Mar 6, 2026, .*, in 49 h 1 min/);
    const waiting = hold && { kind: 'claude', hold };
    assert.equal(waiting && countdown(context, waiting), 'claude: 49 h 1 min');
  });

  it('needs a person as one item for each account, with Resume Now', () => {
    assert.deepEqual(needs(), []);
    queue();
    work();
    const [item, ...others] = needs();
    assert.equal(others.length, 0);
    assert.deepEqual(
      {
        kind: item?.kind,
        severity: item?.severity,
        count: item?.facts['count'],
        command: item?.action.command,
        agentKind: item?.action.args.agentKind,
      },
      { kind: 'accountHeld', severity: 'warning', count: 2, command: 'intercore.account.resume', agentKind: 'claude' },
    );
    hold = hold && { ...hold, untilMs: null };
    assert.deepEqual(
      { kind: needs()[0]?.kind, severity: needs()[0]?.severity },
      { kind: 'accountStopped', severity: 'blocking' },
    );
    assert.match(rowsOf('queued')[0]?.description ?? '', /waits until claude is resumed/);
  });
});
