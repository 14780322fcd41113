import assert from 'node:assert/strict';
import { createDispatch } from '../../../../src/kernel/dispatch/service';
import { dispatchId } from '../../../../src/kernel/ids';
import { enqueue, leaveQueue, setQueuedProblem } from '../../../../src/kernel/queue/service';
import { createRun } from '../../../../src/kernel/run/record/runs';
import { failStage } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { stageFailures } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import { DispatchesProjection } from '../../../../src/views/projections/dispatch/dispatches';
import type { Row } from '../../../../src/views/rows/row';
import { openTestFolder, viewContextOf, type TestFolder } from '../../../support/records/viewFixture';
import { defined } from '../../../../src/kernel/defined';

describe('the Dispatches view with a queue', () => {
  let api: TestFolder;
  let web: TestFolder;
  let view: DispatchesProjection;

  beforeEach(async () => {
    api = await openTestFolder('/projects/api');
    web = await openTestFolder('/projects/web');
    view = new DispatchesProjection(viewContextOf(api, web));
  });

  const queue = (folder: TestFolder, id: string, queuedAtMs: number, name?: string) =>
    folder.write((u) => {
      const run = createRun(u, { projectDir: folder.folder, goal: `Goal of ${id}` });
      const request = {
        kind: 'codex',
        prompt: { file: '/storage/prompt.md' },
        ...defined({ name }),
      };
      return enqueue(u, { id: dispatchId.parse(id), runId: run.id, projectDir: folder.folder, request, queuedAtMs });
    });
  const rowsOf = (kind: string): Row[] => view.roots().filter((row) => row.ref.kind === kind);

  it('has one line over all folders at the top, in the order of queueing', () => {
    web.write((u) => createDispatch(u, { agentType: 'codex', name: 'Live', projectDir: web.folder }));
    queue(web, 'aaaaaaaa', 2000, 'Second');
    queue(api, 'bbbbbbbb', 1000);
    const rows = view.roots();
    assert.deepEqual(
      rows.map(({ ref, label }) => [ref.kind, label]),
      [
        ['queued', 'codex'],
        ['queued', 'Second'],
        ['dispatch', 'Live'],
      ],
    );
    assert.match(rows[1]?.description ?? '', /^queued since .* · codex · web · Goal of aaaaaaaa$/);
    assert.equal(rows[1]?.contextValue, 'intercore.queued+waiting+writable');
    assert.deepEqual(
      view.tooltip(rows[1].ref)?.facts.map(([name]) => name),
      ['Dispatch', 'Agent', 'Run', 'Queued', 'Prompt'],
    );
  });

  it('says why one cannot start, and forgets those that have left', () => {
    const { id } = queue(api, 'aaaaaaaa', 1000);
    api.write((u) => setQueuedProblem(u, id, 'there is no folder later'));
    const [stuck] = rowsOf('queued');
    assert.match(stuck?.description ?? '', /cannot start: there is no folder later/);
    assert.match(stuck?.contextValue ?? '', /\+problem\+writable$/);
    api.isTrusted = false;
    assert.equal(rowsOf('queued')[0]?.contextValue, 'intercore.queued+problem');
    api.write((u) => leaveQueue(u, id));
    assert.deepEqual(rowsOf('queued'), []);
  });

  it('says why one was not started and when it is tried again, until it leaves the queue', () => {
    const { id } = queue(api, 'aaaaaaaa', 1000);
    const failed = { stage: 'queue', subject: id, reason: 'The database is locked.', code: null } as const;
    api.write((u) => failStage(u, { ...failed, failure: 'passes', passesAt: u.now + 60, pause: () => 0 }));
    const [row] = rowsOf('queued');
    assert.match(row?.description ?? '', /queued, not started, next try at .+: The database is locked\./);
    assert.match(row?.contextValue ?? '', /\+waiting\+writable$/);
    const facts = new Map(row === undefined ? [] : view.tooltip(row.ref)?.facts);
    assert.equal(facts.get('Error'), 'The database is locked.');
    api.write((u) => leaveQueue(u, id));
    assert.deepEqual(api.kernel.read(stageFailures), []);
  });

  it('says of one that came with its folder that it waits for the person', () => {
    queue(api, 'aaaaaaaa', 1000);
    view = new DispatchesProjection({ ...viewContextOf(api, web), isQueuedHere: () => false });
    const [foreign] = rowsOf('queued');
    assert.match(foreign?.description ?? '', /not queued in this window: waits until you allow agents/);
    assert.match(foreign?.contextValue ?? '', /\+problem\+writable$/);
  });

  it('shows a row that cannot be read, so that it can be removed, and nothing for a record without a queue', () => {
    queue(api, 'aaaaaaaa', 1000);
    api.exec("UPDATE queued_dispatches SET request = '{}' WHERE id = 'aaaaaaaa'");
    const [broken] = rowsOf('queued');
    assert.equal(broken?.label, 'aaaaaaaa');
    assert.match(broken.description ?? '', /cannot be read: request\.kind/);
    api.exec('DROP TABLE queued_dispatches');
    assert.deepEqual(rowsOf('queued'), []);
  });
});
