/** A fault in every stage of the declaration, with a real leader: nothing is stuck, nothing is silent. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { stageFailures, type StageFailure } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import {
  holdsWork,
  JOB_STAGES,
  STAGE_NAMES,
  STAGE_SPECS,
  STAGE_TRIES,
  type StageName,
} from '../../../../src/kernel/tasks/stage/stages';
import { listProjects } from '../../../../src/kernel/tasks/service';
import { stageItems } from '../../../../src/services/attention/items/stageItems';
import { runUpkeep } from '../../../../src/services/tasks/stageRunner';
import { planned } from '../../../support/tasks/taskRecord';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

const FAKE: AgentKind = { name: 'fake', command: 'sh', args: ['${promptFile}'], promptBy: 'file', parser: 'claude' };

/** What a subtask on this machine does not come to: a merge by a person, GitHub, and Beads. They are run apart. */
const APART: readonly StageName[] = [
  ...(['cleanUp', 'pullRequest', 'pullRequests', 'syncIssues', 'sweepIssues', 'retention', 'recovery'] as const),
  ...JOB_STAGES,
];

const ALWAYS_DUE = { baseSeconds: 0, capSeconds: 0, jitter: 0 };

describe('every stage, where it fails', function () {
  this.timeout(180_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  const fault = (stage: StageName) => new KernelError('KERNEL_CLOSED', { path: `/of/${stage}` });

  it('is held with its reason, its count, and the next try, and the work is done all the same', async () => {
    const met = new Set<StageName>();
    const seen = new Map<StageName, StageFailure>();
    fixture.beforeStage = (stage) => {
      if (met.has(stage)) return;
      met.add(stage);
      throw fault(stage);
    };
    fixture.kernel.onDidChange(() => {
      for (const failure of fixture.kernel.read(stageFailures)) seen.set(failure.stage, failure);
    });
    const marker = path.join(fixture.stage.root, 'tries');
    const broken = 'API Error: Connection error.';
    /** A broken connection first, then what is wrong, then what is right. */
    const agent = (file: string, wrong: string, right: string): string =>
      `echo try >> ${file}; case "$(wc -l < ${file} | tr -d ' ')" in
      1) echo '{"type":"result","subtype":"success","is_error":true,"result":"${broken}"}'; exit 1;;
      2) ${wrong};;
      *) ${right};;
      esac`;
    fixture.settings = { ...fixture.settings, planner: 'fake', worker: 'fake' };
    const closed = 'ic subtask close --reason=done';
    await fixture.agents(
      agent(`${marker}-plan`, SINGLE_PLANNER, SINGLE_PLANNER),
      // Closed without a commit: the check refuses it, and the subtask is reopened.
      agent(marker, closed, GOOD_WORKER.trim().replaceAll('\n', ';')),
    );
    fixture.start(fixture.dispatcher([FAKE]));
    const task = await fixture.task({ autoStart: true });
    await fixture.when('done', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
    for (const stage of STAGE_NAMES.filter((name) => !APART.includes(name))) {
      const failure = seen.get(stage);
      assert.ok(failure, `${stage} was not reached, or its fault left no state`);
      assert.ok(failure.reason !== '' && failure.tries >= 1 && failure.nextAt !== null, stage);
    }
    assert.deepEqual(
      fixture.kernel.read(stageFailures).filter(({ stage }) => holdsWork(stage)),
      [],
    );
  });

  it('is counted, and needs a person after three of the same, where it is run apart', async () => {
    const { A } = (await fixture.kernel.write((u) => planned(u, { A: [] }))).subtasks;
    assert.ok(A);
    const deps = { ...fixture.deps(fixture.dispatcher()), settings: () => ({ backoff: ALWAYS_DUE }) };
    const subjects = {
      task: A.taskId,
      folder: '',
      project: fixture.kernel.read(listProjects)[0]?.id ?? '',
      subtask: A.id,
    };
    for (const stage of APART) {
      const subject = subjects[STAGE_SPECS[stage].of];
      for (let tries = 1; tries <= STAGE_TRIES; tries += 1) {
        const result = await runUpkeep(deps, stage, subject, () => Promise.reject(fault(stage)));
        assert.equal(result.kind, 'held', stage);
      }
    }
    const cases = fixture.kernel.read(stageItems);
    assert.deepEqual(
      cases.map(({ key, facts }) => [key, facts?.['tries']]).sort(),
      APART.map((stage) => [stage, STAGE_TRIES]).sort(),
    );
  });
});
