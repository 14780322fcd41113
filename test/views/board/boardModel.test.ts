/** The board as a projection of the record: what a page is sent, and only what changed. */
import assert from 'node:assert/strict';
import type { AttentionItem } from '../../../src/contract/results/attention';
import { boardCommand, EVERYTHING, type BoardCard, type BoardTask } from '../../../src/contract/pages/board';
import {
  failSubtask,
  holdSubtask,
  mergeSubtask,
  recordProof,
  startSubtask,
} from '../../../src/kernel/tasks/subtask/progress';
import { clearStageFailure, failStage } from '../../../src/kernel/tasks/upkeep/stageFailures';
import { addSubtask, reorderSubtask } from '../../../src/kernel/tasks/subtask/subtasks';
import { removeSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { itemOf } from '../../../src/services/attention/items/item';
import { requestsOfTasks } from '../../../src/views/projections/needs';
import { boardDetail } from '../../../src/views/board/boardDetail';
import { BoardFeed } from '../../../src/views/board/boardFeed';
import { BoardModel } from '../../../src/views/board/boardModel';
import { taskRow } from '../../../src/views/projections/task/taskRow';
import { callOf } from '../../../src/views/board/boardActions';
import { isWebAddress } from '../../../src/views/board/boardCards';
import { loseUsage, openBoardFolder, setTaskBudget, TITLES } from '../../support/views/boardStage';
import { openTestFolder, viewContextOf, type TestFolder } from '../../support/records/viewFixture';
import { PROOF } from '../../support/tasks/taskRecord';
import { foreignText } from '../../../src/kernel/errors/reasons/problem';

const [, WRITE, SEND, SHOW, ONCE, CHOOSE, BOUNCED] = TITLES;

describe('the board of a folder', () => {
  let folder: TestFolder;
  let model: BoardModel;
  let feed: BoardFeed;

  beforeEach(async () => {
    folder = await openBoardFolder();
    model = new BoardModel(viewContextOf(folder));
    feed = new BoardFeed();
  });

  const board = () => model.board(folder.record);
  const cards = (): BoardCard[] => board().parts.flatMap((part) => part.cards);
  const card = (title: string): BoardCard => cards().find((one) => one.title === title) ?? assert.fail(title);
  const idOf = (title: string): string => card(title).id;
  const detail = (title: string) =>
    boardDetail(viewContextOf(folder), folder.record, { kind: 'subtask', id: idOf(title) }) ?? assert.fail(title);

  it('has a card for each subtask that is planned, with its reason and what can be done', () => {
    assert.equal(cards().length, TITLES.length + 2);
    assert.deepEqual(card(SEND), {
      id: idOf(SEND),
      taskId: card(SEND).taskId,
      title: SEND,
      status: 'waiting',
      state: 'Waiting on dependency',
      facts: [],
      reason: `Waits for ${WRITE}`,
      actions: ['showReport'],
      spoken: `${SEND}, Waiting on dependency, Waits for ${WRITE}`,
    });
    assert.equal(card(BOUNCED).status, 'broken');
    assert.match(card(BOUNCED).reason, /^The tests fail/);
    assert.deepEqual(card(BOUNCED).actions.slice(0, 3), ['retry', 'showChanges', 'showLog']);
    assert.match(card(SHOW).facts.join(), /^running agent,attempt 1 of 10,since .*,44\.2K tokens$/);
  });

  it('shows a worktree that is recorded elsewhere, and offers to trust its location', () => {
    const before = card(SHOW);
    const elsewhere = new Set<string>();
    model = new BoardModel({ ...viewContextOf(folder), isElsewhere: (place) => elsewhere.has(place) });
    assert.deepEqual(card(SHOW), before);
    const worktree = detail(SHOW).facts.find(({ name }) => name === 'Worktree')?.value ?? assert.fail();
    elsewhere.add(worktree);
    assert.ok(card(SHOW).facts.includes('recorded elsewhere, not opened'), 'cards know it later than the record');
    assert.ok(card(SHOW).actions.includes('trustLocation'));
    const call = callOf(folder.folder, {
      type: 'act',
      request: 1,
      action: 'trustLocation',
      target: { kind: 'subtask', id: idOf(SHOW) },
    });
    assert.equal(call?.command, 'intercore.subtask.trustLocation');
  });

  it('shows what the agent of a subtask asks, and offers to answer it', () => {
    const before = card(SHOW);
    const id = idOf(SHOW);
    let items: readonly AttentionItem[] = [];
    model = new BoardModel({ ...viewContextOf(folder), requestOf: requestsOfTasks(() => items) });
    assert.deepEqual(card(SHOW), before);
    const ids = { taskId: before.taskId, subtaskId: id };
    const asked = (number: number, request: string): AttentionItem =>
      itemOf(folder.folder, {
        kind: 'permissionAsked',
        title: SHOW,
        since: null,
        action: 'allowRequest',
        key: String(number),
        facts: { agent: 'Claude', request },
        ids: { ...ids, dispatchId: 'd1', number },
        place: { kind: 'subtask', ...ids },
      });
    items = [asked(1, '`npm test`'), asked(2, '`npm ci`')];
    assert.equal(card(SHOW).reason, '`npm test`, requested by Claude');
    assert.equal(card(SHOW).actions[0], 'answer');
    assert.equal(card(SHOW).status, 'asking');
    assert.equal(card(SHOW).state, 'Waiting for an answer');
    const call = callOf(folder.folder, {
      type: 'act',
      request: 1,
      action: 'answer',
      target: { kind: 'subtask', id },
    });
    assert.deepEqual(call, {
      command: 'intercore.session.answer',
      args: { folder: folder.folder, subtaskId: id },
    });
    items = [asked(2, '`npm ci`')];
    assert.equal(card(SHOW).reason, '`npm ci`, requested by Claude');
    items = [];
    assert.deepEqual(card(SHOW), before);
  });

  it('shows what the planner of a task asks, on its card and in its row', () => {
    let items: readonly AttentionItem[] = [];
    const context = { ...viewContextOf(folder), requestOf: requestsOfTasks(() => items) };
    model = new BoardModel(context);
    const task = (): BoardTask => board().parts[0]?.task ?? assert.fail();
    const before = task();
    const ids = { taskId: before.id };
    items = [
      itemOf(folder.folder, {
        kind: 'permissionAsked',
        title: before.title,
        since: null,
        action: 'allowRequest',
        key: '1',
        facts: { agent: 'Claude', request: '`npm ls`' },
        ids: { ...ids, dispatchId: 'd1', number: 1 },
        place: { kind: 'task', ...ids },
      }),
    ];
    assert.equal(task().reason, '`npm ls`, requested by Claude');
    assert.equal(task().actions[0], 'answer');
    const record = folder.record.tasks.task(before.id) ?? assert.fail();
    const row = taskRow(context, folder.record, record);
    assert.match(row.description ?? '', /^`npm ls`, requested by Claude · /);
    const target = { kind: 'task', id: before.id } as const;
    assert.equal(boardDetail(context, folder.record, target)?.reason, task().reason);
    assert.deepEqual(callOf(folder.folder, { type: 'act', request: 1, action: 'answer', target }), {
      command: 'intercore.session.answer',
      args: { folder: folder.folder, taskId: before.id },
    });
    assert.ok(
      cards().every(({ actions }) => !actions.includes('answer')),
      'it is no request of workers',
    );
    items = [];
    assert.deepEqual(task(), before);
  });

  it('shows a worktree that cannot be seen, and offers to clean up', () => {
    const before = card(SHOW);
    const unseen = new Set<string>();
    model = new BoardModel({
      ...viewContextOf(folder),
      unseen: (place) => (unseen.has(place) ? foreignText<string>('its disk is away') : undefined),
    });
    assert.deepEqual(card(SHOW), before);
    unseen.add(detail(SHOW).facts.find(({ name }) => name === 'Worktree')?.value ?? assert.fail());
    assert.ok(card(SHOW).facts.includes('its worktree cannot be seen'), 'cards know it later than the record');
    assert.ok(card(SHOW).actions.includes('cleanUp'));
    const call = callOf(folder.folder, {
      type: 'act',
      request: 1,
      action: 'cleanUp',
      target: { kind: 'subtask', id: idOf(SHOW) },
    });
    assert.deepEqual(call, {
      command: 'intercore.worktree.cleanUp',
      args: { folder: folder.folder, subtaskId: idOf(SHOW) },
    });
  });

  it('shows the pull request of what is completed (D29)', () => {
    assert.deepEqual(card(ONCE).actions.slice(0, 2), ['merge', 'openPullRequest']);
    assert.ok(card(ONCE).facts.includes('pull request #17'));
    assert.equal(detail(ONCE).pullRequest, 'https://github.com/harbor/parcels/pull/17');
  });

  it('opens nothing but addresses of the web', () => {
    assert.ok(isWebAddress('https://github.com/a/b/pull/1'));
    for (const bad of [null, '', 'javascript:alert(1)', 'file:///etc/passwd', 'command:x', 'not an address']) {
      assert.ok(!isWebAddress(bad), String(bad));
    }
  });

  it('puts what is being planned first and what is done last', () => {
    assert.deepEqual(
      board().parts.map(({ task }) => task.status),
      ['planningFailed', 'planning', 'active', 'done'],
    );
  });

  it('says nothing where nothing changed, and makes no task again that did not', () => {
    const before = board();
    feed.snapshot(before, EVERYTHING);
    folder.write((u) => startSubtask(u, idOf(WRITE)));
    const now = board();
    const same = now.parts.filter((part) => before.parts.includes(part));
    assert.equal(same.length, 3);
    assert.notEqual(feed.delta(now), undefined);
    assert.equal(feed.delta(board()), undefined);
  });

  it('sends what changed alone: the card, its task, not the others', () => {
    const { seq } = feed.snapshot(board(), EVERYTHING);
    const id = idOf(WRITE);
    folder.write((u) => startSubtask(u, id));
    const delta = feed.delta(board());
    assert.ok(boardCommand.safeParse(delta).success);
    assert.deepEqual(
      delta?.cards.map((one) => [one.id, one.status]),
      [[id, 'inProgress']],
    );
    assert.deepEqual(
      { seq: delta.seq, orders: delta.orders, gone: delta.gone, taskIds: delta.taskIds },
      { seq: seq + 1, orders: [], gone: [], taskIds: undefined },
    );
  });

  it('sends subtasks that are new and the ids of those that are gone (D22)', () => {
    feed.snapshot(board(), EVERYTHING);
    const { taskId } = card(WRITE);
    const gone = idOf(CHOOSE);
    folder.write((u) => addSubtask(u, { taskId, title: 'Thought of later' }));
    folder.write((u) => removeSubtask(u, gone));
    const delta = feed.delta(board());
    assert.ok(delta?.cards.some(({ title }) => title === 'Thought of later'));
    assert.deepEqual(delta?.gone, [gone]);
    assert.ok(delta.orders.every(({ ids }) => !ids.includes(gone)));
  });

  it("sends a new order without any card: positions are the kernel's (D22)", () => {
    feed.snapshot(board(), EVERYTHING);
    folder.write((u) => reorderSubtask(u, idOf(CHOOSE), idOf(WRITE)));
    const delta = feed.delta(board());
    assert.deepEqual(delta?.cards, []);
    const ids = delta.orders.flatMap((order) => order.ids);
    assert.equal(ids.indexOf(idOf(CHOOSE)) + 1, ids.indexOf(idOf(WRITE)));
  });

  it('frees in one delta what waited for a subtask that is merged', () => {
    feed.snapshot(board(), EVERYTHING);
    folder.write((u) => mergeSubtask(u, idOf(ONCE)));
    assert.equal(feed.delta(board())?.cards.find(({ id }) => id === idOf(ONCE))?.status, 'merged');
  });

  it('has the whole of a subtask: texts, attempts with cost, neighbors both ways', () => {
    const { texts, attempts, dependents, branch } = detail(ONCE);
    assert.deepEqual(
      texts.map(({ name }) => name),
      ['Specification', 'Implementation Plan', 'Acceptance Criteria'],
    );
    assert.deepEqual(
      attempts.map(({ name, status }) => [name, status]),
      [['Attempt 1', 'succeeded']],
    );
    assert.match(attempts[0]?.facts.join() ?? '', /claude,44\.2K tokens,\$0\.42$/);
    assert.deepEqual(
      dependents.map(({ title }) => title),
      ['Document the announcements'],
    );
    assert.equal(branch, 'branch-subtask-5');
    assert.deepEqual(
      detail(SEND).waitsFor.map(({ title, state }) => [title, state]),
      [[WRITE, 'Ready']],
    );
  });

  it('says that work is done which could not be brought out, and offers to try again', () => {
    folder.write((u) => {
      recordProof(u, idOf(SHOW), PROOF);
      holdSubtask(u, idOf(SHOW), 'GitHub refused the push');
    });
    const { status, state, reason, actions } = card(SHOW);
    assert.deepEqual(
      { status, state, reason },
      { status: 'held', state: 'Done, without its pull request', reason: 'GitHub refused the push' },
    );
    assert.deepEqual(actions.slice(0, 3), ['retryPullRequest', 'stop', 'markMerged']);
  });

  it('shows a step that waits for a person as held, and offers to retry it', () => {
    const fail = (stage: 'setup' | 'follow') =>
      folder.write((u) => {
        const facts = {
          reason: 'exit code 1',
          code: null,
          failure: 'unknown',
          passesAt: null,
          pause: () => 1,
        } as const;
        for (let tries = 0; tries < 3; tries += 1) failStage(u, { stage, subject: idOf(SHOW), ...facts });
      });
    fail('setup');
    const { status, state, facts, reason, actions } = card(SHOW);
    assert.deepEqual(
      { status, state, reason, firstActions: actions[0] },
      { status: 'stageHeld', state: 'Held', reason: 'exit code 1', firstActions: 'retrySetup' },
    );
    assert.equal(facts[0], 'its set-up failed, tries: 3');
    folder.write((u) => clearStageFailure(u, 'setup', idOf(SHOW)));
    fail('follow');
    assert.deepEqual(
      { status: card(SHOW).status, firstActions: card(SHOW).actions[0] },
      { status: 'stageHeld', firstActions: 'retry' },
    );
  });

  it('shows that a subtask waits for its turn, and no longer than it does', () => {
    const waiting = new Set([idOf(SHOW)]);
    model = new BoardModel({ ...viewContextOf(folder), waitsForTurn: (id) => waiting.has(id) });
    assert.match(card(SHOW).facts[0] ?? '', /^waits for checks/);
    waiting.clear();
    assert.match(card(SHOW).facts[0] ?? '', /^running agent/);
  });

  it('keeps details as the record is, not as it was when they were opened (D29)', () => {
    folder.write((u) => failSubtask(u, idOf(SHOW), 'Stopped by a person'));
    assert.deepEqual(
      { status: detail(SHOW).status, reason: detail(SHOW).reason },
      { status: 'broken', reason: 'Stopped by a person' },
    );
  });

  it('shows the budget of a task on its card: used, reserved, and unknown usage, which is not zero', () => {
    const taskId = card(WRITE).taskId;
    folder.write((u) => setTaskBudget(u, taskId, 1_000_000));
    const task = () => board().parts.find((part) => part.task.id === taskId)?.task ?? assert.fail();
    const details = boardDetail(viewContextOf(folder), folder.record, { kind: 'task', id: taskId });
    assert.deepEqual(details?.gauges, task().gauges);
    const [gauge] = task().gauges;
    assert.equal(gauge?.name, 'Token budget');
    assert.match(gauge.text, /^176,800 of 1,000,000/);
    assert.deepEqual({ budget: task().budget, isSure: gauge.isSure }, { budget: '176.8K of 1M tokens', isSure: true });
    folder.write((u) => loseUsage(u, idOf(WRITE)));
    assert.equal(task().budget, '176.8K of 1M tokens · usage of 1 dispatch unknown');
    assert.deepEqual(
      { isSure: task().gauges[0]?.isSure, used: task().gauges[0]?.used },
      { isSure: false, used: gauge.used },
    );
    assert.ok(task().spoken.includes('usage of 1 dispatch unknown'));
  });

  it('offers only to look where nothing may be changed, and says why', () => {
    folder.isTrusted = false;
    const changes = ['start', 'stop', 'retry', 'merge', 'delete', 'retryPlanning', 'stopPlanning'];
    assert.ok(cards().every(({ actions }) => !actions.some((action) => changes.includes(action))));
    assert.match(board().head.notices[0]?.text ?? '', /not trusted/);
  });

  it('leads from nothing to the first task', async () => {
    const empty = await openTestFolder('/projects/empty');
    const head = () => new BoardModel(viewContextOf(empty)).board(empty.record).head;
    assert.equal(head().notices[0]?.offer, 'useFolder');
    empty.state = { kind: 'missing' };
    assert.equal(head().notices[0]?.offer, 'useFolder');
    assert.match(new BoardModel(viewContextOf()).board(undefined).head.notices[0]?.text ?? '', /no longer open/);
  });

  it('does what buttons say by our commands, each with what it acts on', () => {
    const target = { kind: 'subtask', id: 's1' } as const;
    const call = callOf('/f', { type: 'act', request: 1, action: 'start', target });
    assert.deepEqual(call, { command: 'intercore.subtask.start', args: { folder: '/f', subtaskId: 's1' } });
    assert.equal(callOf('/f', { type: 'act', request: 1, action: 'retryPlanning', target }), undefined);
  });
});
