import assert from 'node:assert/strict';
import { inTurns, type Steps } from '../../../src/host/turns';
import { budgetState } from '../../../src/kernel/budget/budgetState';
import { createDispatch, endDispatch, listDispatches, markRunning } from '../../../src/kernel/dispatch/service';
import { listEvents } from '../../../src/kernel/events/service';
import type { Run } from '../../../src/kernel/run/record/model';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { phaseEvents } from '../../../src/kernel/run/record/queries';
import { addArtifact, listArtifacts } from '../../../src/kernel/tracking/service';
import { report } from '../../../src/views/documents/reports';
import { timelineFacts } from '../../../src/views/timeline/facts';
import { timelinePicture } from '../../../src/views/timeline/picture';
import { timelineMarkdown, timelineSvg } from '../../../src/views/timeline/exportedFiles';
import { noReads } from '../../support/records/countedReads';
import { openTestFolder, viewContextOf, type TestFolder } from '../../support/records/viewFixture';
import { atOnce } from '../../support/tasks/steps';

const PROCESS = { pid: 1, argv: ['agent'], cwd: '/p', logFile: '/l', exitFile: '/e', startToken: null, host: 'h' };
/** A chunk of each of two kinds of events, and what each read asks besides. */
const MOST_ROWS = 210;

/** A run with 260 dispatches, some still running, 270 phase events and 220 artifacts. */
function longRun(folder: TestFolder): Run {
  const run = folder.write((u) => createRun(u, { projectDir: folder.folder, goal: 'Long', tokenBudget: 100_000 }));
  for (let part = 0; part < 10; part++) {
    folder.kernel.clock.advance(7);
    folder.write((u) => {
      for (let n = 0; n < 26; n++) {
        const { id } = createDispatch(u, { agentType: 'claude', projectDir: folder.folder, scopeId: run.id });
        if (n % 3 > 0) markRunning(u, id, PROCESS);
        if (n % 3 > 1) endDispatch(u, id, { status: 'completed', exitCode: 0 });
      }
      for (let n = 0; n < 27; n++) setRun(u, run.id, { goal: `Long ${part} ${n}` });
      for (let n = 0; n < 22; n++) addArtifact(u, { runId: run.id, phase: 'planned', path: `docs/${part}-${n}.md` });
    });
  }
  return run;
}

describe('a timeline far longer than what one step reads', () => {
  let folder: TestFolder;
  let run: Run;

  beforeEach(async () => {
    folder = await openTestFolder();
    run = longRun(folder);
  });

  const facts = (at = run): ReturnType<typeof timelineFacts> =>
    timelineFacts((work) => folder.record.read(work), at, folder.kernel.clock.now);

  it('holds what one read of everything gives, in its order', () => {
    const { events, dispatches, artifacts, budget, usage } = atOnce(facts());
    const whole = folder.kernel.read((r) => ({
      events: phaseEvents(r, run.id),
      dispatches: listDispatches(r, { scopeId: run.id }).dispatches.toReversed(),
      artifacts: listArtifacts(r, run.id),
      budget: budgetState(r, run.id),
    }));
    const begin = ({ startedAt, createdAt }: (typeof dispatches)[number]): number => startedAt ?? createdAt;
    assert.deepEqual(events, whole.events);
    assert.deepEqual(
      dispatches,
      [...whole.dispatches].sort((one, other) => begin(one) - begin(other)),
    );
    assert.deepEqual(artifacts, whole.artifacts);
    assert.deepEqual(budget, whole.budget);
    assert.equal(usage.length, 260);
  });

  it('reads a bounded number of rows in each step, for the panel and for its files', () => {
    const context = viewContextOf(folder);
    const steps = [
      facts(),
      timelinePicture(context, atOnce(facts())),
      report(context, { kind: 'events', folder: folder.folder, runId: run.id }),
    ];
    for (const work of steps) {
      let count = 0;
      for (let isDone = false; !isDone; count += 1) {
        folder.counts = noReads();
        isDone = (work as Steps<unknown>).next().done === true;
        // The first two steps list the ids.
        if (count > 1) assert.ok(folder.counts.rows <= MOST_ROWS, `${folder.counts.rows} rows in step ${count}`);
      }
      assert.ok(count > 5, `${count} steps`);
    }
  });

  it('has no half of what happens between two steps', () => {
    const steps = facts();
    // The ids are listed in two steps.
    steps.next();
    steps.next();
    const late = folder.write((u) => {
      setRun(u, run.id, { goal: 'Changed' });
      return createDispatch(u, { agentType: 'claude', projectDir: folder.folder, scopeId: run.id });
    });
    const { dispatches, usage, events } = atOnce(steps);
    assert.deepEqual(
      { dispatchesCount: dispatches.length, usageCount: usage.length, eventsCount: events.length },
      { dispatchesCount: 260, usageCount: 260, eventsCount: 270 },
    );
    assert.ok(dispatches.every(({ id }) => id !== late.id));
  });

  it('lists the events of a run in the order of one read of them all', () => {
    const lines = atOnce(report(viewContextOf(folder), { kind: 'events', folder: folder.folder, runId: run.id })).split(
      '\n',
    );
    const events = folder.kernel.read((r) => listEvents(r, { runId: run.id, limit: 10_000 }));
    const shown = lines.slice(3, -1);
    assert.equal(shown.length, events.length);
    for (const [index, { dispatchId, type }] of events.entries())
      assert.ok(shown[index]?.includes(dispatchId ?? type), `line ${index}`);
  });

  it('is read and drawn in many steps, with the same files as at once', async () => {
    const context = viewContextOf(folder);
    let steps = 0;
    const counted = function* <T>(work: Steps<T>): Steps<T> {
      for (;;) {
        const step = work.next();
        if (step.done === true) return step.value;
        steps += 1;
        yield;
      }
    };
    const read = await inTurns(counted(facts()));
    const picture = await inTurns(counted(timelinePicture(context, read)));
    const files = await Promise.all([
      inTurns(counted(timelineSvg(picture, String, 'en'))),
      inTurns(counted(timelineMarkdown(context, picture, () => []))),
    ]);
    assert.ok(steps > 50, `${steps} steps`);
    assert.deepEqual(picture, atOnce(timelinePicture(context, atOnce(facts()))));
    assert.deepEqual(files, [
      atOnce(timelineSvg(picture, String, 'en')),
      atOnce(timelineMarkdown(context, picture, () => [])),
    ]);
  });
});
