/** A task of agents in sessions that report with `bd`: no command of their prompts waits for a person. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { listDecisions } from '../../../../src/kernel/dispatch/decisions';
import { bdIn } from '../../../support/beads/programs';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';
import { scriptedKind } from '../../../support/sessions/scriptedKind';
import { TaskFixture } from '../../../support/tasks/taskFixture';

const PROMPTS = path.resolve(__dirname, '../../../../../prompts');

describe('a task with Beads of agents in sessions', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  it('is planned and built without a person', async () => {
    const bd = await bdIn(path.join(fixture.stage.root, 'bin'), '1.x');
    const kind = await scriptedKind(fixture.stage.root, {
      turns: [[]],
      turnsOf: {
        '# Planning task': [
          [
            { run: 'echo "## Spec" > body.md; echo "It says (a)." >> body.md' },
            {
              does: `${bd} create --type task --parent {INTERCORE_EPIC} --title="Write A" --body-file=body.md --silent`,
            },
            {
              does: `${bd} create --type task --parent {INTERCORE_EPIC} --title="Not (b)" --body-file=body.md --silent`,
            },
            { does: `${bd} list --parent {INTERCORE_EPIC} --all --limit 0` },
            { does: `${bd} delete {INTERCORE_EPIC}.2 --force` },
          ],
        ],
        '# Implementation task': [
          [
            { does: 'git log --oneline main..HEAD' },
            { run: 'echo a > a.txt; echo Almost. > note.md' },
            { does: 'git add a.txt' },
            { does: 'git commit -m "Write A"' },
            { does: `${bd} comments add {INTERCORE_ISSUE} --file=note.md` },
            { run: 'rm note.md' },
            { does: `${bd} close {INTERCORE_ISSUE} --reason "Implementation complete"` },
          ],
        ],
      },
    });
    fixture.settings = {
      ...fixture.settings,
      planner: kind.name,
      worker: kind.name,
      tracker: 'beads',
      beadsPath: bd,
      beadsSyncSeconds: 5,
      plannerPrompt: path.join(PROMPTS, 'planner.md'),
      workerPrompt: path.join(PROMPTS, 'worker.md'),
    };
    const permissions = () => ({ policy: 'denyAsked', rules: [] }) as const;
    fixture.start(fixture.dispatcher([kind], { sessionHostPath: SESSION_HOST, permissions }));
    const task = await fixture.task({ autoStart: true });
    await fixture.when('built', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
    const { subtasks } = fixture.read(task);
    assert.deepEqual(
      subtasks.map(({ title }) => title),
      ['Write A'],
    );
    const ids = [...fixture.attempts(task), ...fixture.attempts(task, subtasks[0]?.id)].map(
      ({ dispatchId }) => dispatchId,
    );
    const decisions = fixture.kernel.read((r) => ids.flatMap((id) => listDecisions(r, id ?? '').sound));
    assert.deepEqual(
      decisions.map(({ answer, by }) => `${answer} by ${by}`),
      Array.from({ length: 9 }, () => 'allow by policy'),
    );
  });
});
