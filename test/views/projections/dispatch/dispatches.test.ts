import assert from 'node:assert/strict';
import { createDispatch, endDispatch, markRunning, recordProgress } from '../../../../src/kernel/dispatch/service';
import { createRun } from '../../../../src/kernel/run/record/runs';
import { alteredFacts } from '../../../../src/views/projections/dispatch/dispatchRow';
import type { SessionPause } from '../../../../src/services/attention/items/agentItems';
import { DispatchesProjection } from '../../../../src/views/projections/dispatch/dispatches';
import { PROCESS } from '../../../support/dispatch/dispatches';
import { openTestFolder, viewContextOf, type TestFolder } from '../../../support/records/viewFixture';
import { defined } from '../../../../src/kernel/defined';

describe('the Dispatches view', () => {
  let folder: TestFolder;
  let view: DispatchesProjection;

  beforeEach(async () => {
    folder = await openTestFolder();
    view = new DispatchesProjection(viewContextOf(folder));
  });

  const dispatch = (name: string, scopeId?: string) =>
    folder.write((u) =>
      createDispatch(u, {
        agentType: 'codex',
        name,
        projectDir: folder.folder,
        ...defined({ scopeId }),
      }),
    );

  it('shows live dispatches first and ended ones under their day', () => {
    const ended = dispatch('Ended');
    folder.write((u) => endDispatch(u, ended.id, { status: 'failed', exitCode: 3, errorMessage: 'no key' }));
    dispatch('Live');
    const [live, day] = view.roots();
    assert.equal(live?.label, 'Live');
    assert.match(live.description ?? '', /^codex · starting since \d/);
    assert.match(live.contextValue, /\+spawned\+live.*\+writable$/);
    assert.equal(day?.description, '1 dispatch');
    const [row] = view.children(day.ref);
    assert.match(row?.contextValue ?? '', /\+failed\+ended/);
    assert.notEqual(row?.icon.id, live.icon.id);
  });

  it('shows what waits for an agent in a session, and whether it is paused', () => {
    const { id } = dispatch('Worker');
    const waitingText = { id: 'w1', text: 'Then the docs.' };
    const session = { isTalking: true, requests: [], waiting: [waitingText], activity: '', plan: null };
    const shown = (pause: SessionPause) =>
      new DispatchesProjection({
        ...viewContextOf(folder),
        sessions: () => new Map([[id, { ...session, rulesDigest: undefined, pause }]]),
      });
    const [row] = shown('wanted').roots();
    assert.ok(row !== undefined);
    assert.equal(row.description, 'codex · pauses after this turn');
    assert.match(row.contextValue, /\+live\+session\+paused/);
    const [waiting] = shown('wanted').children(row.ref);
    assert.equal(waiting?.description, 'Then the docs.');
    assert.deepEqual(waiting.ref, { ...waiting.ref, kind: 'waitingText', dispatchId: id, waitingId: 'w1' });
    assert.equal(shown('paused').roots()[0]?.description, 'codex · paused');
    assert.doesNotMatch(shown('none').roots()[0]?.contextValue ?? '', /paused/);
  });

  it('shows what an agent in a session is doing, and how far its plan is', () => {
    const { id } = dispatch('Worker');
    const shown = (activity: string, plan: { done: number; all: number } | null): string | undefined => {
      const session = {
        isTalking: true,
        requests: [],
        waiting: [],
        pause: 'none' as const,
        rulesDigest: undefined,
        activity,
        plan,
      };
      return new DispatchesProjection({ ...viewContextOf(folder), sessions: () => new Map([[id, session]]) }).roots()[0]
        ?.description;
    };
    assert.equal(shown('Reading src/a.ts\nand more', { done: 3, all: 5 }), 'codex · Plan: 3 of 5 · Reading src/a.ts');
    assert.equal(shown('Reading src/a.ts', null), 'codex · Reading src/a.ts');
    assert.match(shown('', { done: 0, all: 2 }) ?? '', /^codex · starting since .* · Plan: 0 of 2$/);
  });

  it('shows that an agent in a session waits for a person, also before a pause', () => {
    const { id } = dispatch('Worker');
    const request = { number: 1, kind: 'permissionAsked', facts: {}, since: 0, action: 'allowRequest' } as const;
    const session = { isTalking: false, waiting: [], rulesDigest: undefined, activity: '', plan: { done: 2, all: 3 } };
    const shown = (isAsking: boolean) =>
      new DispatchesProjection({
        ...viewContextOf(folder),
        sessions: () => new Map([[id, { ...session, pause: 'wanted', requests: isAsking ? [request] : [] }]]),
      }).roots()[0];
    assert.equal(shown(true)?.description, 'codex · waits for you · Plan: 2 of 3');
    assert.notEqual(shown(true)?.icon.id, shown(false)?.icon.id);
    folder.write((u) => endDispatch(u, id, { status: 'completed', exitCode: 0 }));
    assert.equal(shown(true)?.icon.id, shown(false)?.icon.id);
  });

  it('lets a session that has ended be continued, where its kind can', () => {
    const { id } = dispatch('Worker');
    folder.write((u) => markRunning(u, id, PROCESS));
    folder.write((u) => recordProgress(u, id, { sessionId: 'session-1' }));
    folder.write((u) => endDispatch(u, id, { status: 'completed', exitCode: 0 }));
    const flags = (isSessionKind: boolean): string | undefined => {
      const ended = new DispatchesProjection({ ...viewContextOf(folder), runsInSession: () => isSessionKind });
      const [day] = ended.roots();
      return day && ended.children(day.ref)[0]?.contextValue;
    };
    assert.match(flags(true) ?? '', /\+ended\+session/);
    assert.doesNotMatch(flags(false) ?? '', /session/);
  });

  it('says what it works for, how long it took, what it used and what came out', () => {
    const run = folder.write((u) => createRun(u, { projectDir: folder.folder, goal: 'Ship it' }));
    const { id } = dispatch('Reviewer', run.id);
    folder.write((u) => markRunning(u, id, PROCESS));
    folder.write((u) => recordProgress(u, id, { inputTokens: 11_000, outputTokens: 1_500 }));
    folder.kernel.clock.advance(185);
    folder.write((u) => endDispatch(u, id, { status: 'completed', exitCode: 0, verdictStatus: 'approve' }));
    const day = view.roots()[0];
    assert.ok(day !== undefined);
    const row = view.children(day.ref)[0];
    assert.equal(row?.description, 'codex · completed · 3 min 5 s · 12.5K tokens · verdict approve · Ship it');
    assert.match(row.contextValue, /\+inRun\+verdict/);
    assert.equal(row.spoken, `Dispatch Reviewer, ${row.description}`);
    const details = new Map(view.children(row.ref).map((child) => [child.label, child.description]));
    assert.equal(details.get('Exit code'), '0');
    assert.equal(details.get('Tokens'), '11,000 in, 1,500 out, 0 from cache');
    assert.equal(details.has('Error'), false);
  });

  it('never shows the arguments of a process, which may hold the prompt', () => {
    const { id } = dispatch('Builder');
    folder.write((u) => markRunning(u, id, PROCESS));
    const row = view.roots()[0];
    assert.ok(row !== undefined);
    const shown = JSON.stringify([view.tooltip(row.ref), view.children(row.ref)]);
    assert.match(shown, /Program: claude/);
    assert.doesNotMatch(shown, /say/);
  });

  it('names the folder where there are several, and lists their days together', async () => {
    const other = await openTestFolder('/projects/beta');
    const both = new DispatchesProjection(viewContextOf(folder, other));
    for (const one of [folder, other]) {
      const made = one.write((u) => createDispatch(u, { agentType: 'shell', projectDir: one.folder }));
      one.write((u) => endDispatch(u, made.id, { status: 'cancelled' }));
    }
    const [day, ...others] = both.roots();
    assert.equal(others.length, 0);
    assert.equal(day?.description, '2 dispatches');
    const rows = both.children(day.ref);
    assert.deepEqual(
      rows.map((row) => row.description?.split(' · ').at(-1)),
      ['alpha', 'beta'],
    );
    assert.equal(new Set(rows.map((row) => row.ref.id)).size, 2);
  });

  it('shows a stored dispatch that cannot be read, and says why', () => {
    const { id } = dispatch('Builder');
    folder.exec(`UPDATE dispatches SET status = 'asleep' WHERE id = '${id}'`);
    const [row] = view.roots();
    assert.equal(row?.contextValue, 'intercore.invalidDispatch');
    assert.match(row.description ?? '', /^cannot be read: status/);
  });

  it('names the files of a dispatch that were changed later', () => {
    const context = viewContextOf(folder);
    assert.deepEqual(alteredFacts(context, ['log', 'exit']), [
      ['Changed later', 'log'],
      ['Changed later', 'exit record'],
    ]);
    assert.deepEqual(alteredFacts(context, []), []);
  });
});
