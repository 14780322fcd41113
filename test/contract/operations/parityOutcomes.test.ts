/** The same operations over API, `ic` and `ic mcp`, on equal records: the same outcomes and the same refusals. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as z from 'zod';
import { openProgramHost } from '../../../src/cli/mcp/host';
import { EXIT } from '../../../src/cli/command/command';
import { exitCodeOf } from '../../../src/cli/command/failures';
import { silentLog } from '../../../src/host/log';
import { isKernelError, type KernelError } from '../../../src/kernel/errors/errors';
import { createApi } from '../../../src/services/operations/api/api';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { IcProject } from '../../support/records/icProject';
import { McpSession } from '../../support/ic/mcp';

/** A step over all three, on the run that each has made. */
interface Step {
  readonly name: string;
  readonly api: (api: IntercoreApi, runId: string) => Promise<unknown>;
  readonly tool: readonly [string, (runId: string) => Readonly<Record<string, unknown>>];
  readonly ic: (runId: string) => readonly string[];
}

const STEPS: readonly Step[] = [
  {
    name: 'a gate that blocks is an outcome',
    api: (api, runId) => api.runs.advance({ runId }),
    tool: ['runs_advance', (runId) => ({ runId })],
    ic: (runId) => ['run', 'advance', runId, '--priority=0'],
  },
  {
    name: 'a gate is overridden with a reason',
    api: (api, runId) => api.gates.override({ runId, reason: 'seen' }),
    tool: ['gates_override', (runId) => ({ runId, reason: 'seen' })],
    ic: (runId) => ['gate', 'override', runId, '--reason=seen'],
  },
  {
    name: 'a phase to come is skipped',
    api: (api, runId) => api.runs.skip({ runId, phase: 'review', reason: 'small' }),
    tool: ['runs_skip', (runId) => ({ runId, phase: 'review', reason: 'small' })],
    ic: (runId) => ['run', 'skip', runId, 'review', '--reason=small'],
  },
  {
    name: 'a phase that is behind is not skipped',
    api: (api, runId) => api.runs.skip({ runId, phase: 'planned', reason: 'late' }),
    tool: ['runs_skip', (runId) => ({ runId, phase: 'planned', reason: 'late' })],
    ic: (runId) => ['run', 'skip', runId, 'planned', '--reason=late'],
  },
  {
    name: 'a run goes back',
    api: (api, runId) => api.runs.rollback({ runId, toPhase: 'planned', reason: 'again' }),
    tool: ['runs_rollback', (runId) => ({ runId, toPhase: 'planned', reason: 'again' })],
    ic: (runId) => ['run', 'rollback', runId, '--to-phase=planned', '--reason=again'],
  },
  {
    name: 'a run that is not there is not found',
    api: (api) => api.runs.advance({ runId: 'nobody00' }),
    tool: ['runs_advance', () => ({ runId: 'nobody00' })],
    ic: () => ['run', 'advance', 'nobody00'],
  },
  {
    name: 'a run ends',
    api: (api, runId) => api.runs.cancel({ runId }),
    tool: ['runs_cancel', (runId) => ({ runId })],
    ic: (runId) => ['run', 'cancel', runId],
  },
  {
    name: 'a run that has ended goes no further',
    api: (api, runId) => api.runs.advance({ runId }),
    tool: ['runs_advance', (runId) => ({ runId })],
    ic: (runId) => ['run', 'advance', runId],
  },
];

const PHASES = ['planned', 'executing', 'review', 'done'];
const idOf = z.object({ id: z.string() });
const blocked = z.object({ advanced: z.literal(false) });

/** Who decided differs from surface to surface, and the tier that `ic` was given is the editor's. */
async function stateOf(project: IcProject, runId: string): Promise<string[]> {
  const rows = await project.rows(
    `SELECT event_type, from_phase, to_phase, coalesce(gate_result, ''), coalesce(gate_tier, ''),
       replace(replace(coalesce(reason, ''), 'actor=test: ', ''), 'actor=mcp:test-client: ', '')
     FROM phase_events WHERE run_id = '${runId}' ORDER BY id`,
  );
  return [...rows, ...(await project.rows(`SELECT status, phase FROM runs WHERE id = '${runId}'`))];
}

describe('an operation over API, ic and ic mcp', function () {
  this.timeout(120_000);

  it('leaves the same record, and is refused by the same code', async () => {
    const projects = await Promise.all([IcProject.open(), IcProject.open(), IcProject.open()]);
    const [byApi, byIc, byMcp] = projects;
    const served = { folders: [byApi.folder], workspaceFile: undefined, dispatchId: undefined };
    const host = await openProgramHost({ served, env: { ...byApi.env }, log: silentLog, actor: () => 'test' });
    const session = await McpSession.open({ cwd: byMcp.folder, env: byMcp.env });
    try {
      const api = createApi(host.operations);
      const runs = [
        (await api.runs.create({ goal: 'g', phases: PHASES })).id,
        await byIc.ok('run', 'create', '--goal=g', `--phases=${JSON.stringify(PHASES)}`),
        (await session.ok(idOf, 'runs_create', { goal: 'g', phases: PHASES })).id,
      ] as const;
      for (const { name, api: call, tool, ic } of STEPS) {
        const refusal = await call(api, runs[0]).then(
          (result) => (blocked.safeParse(result).success ? 'no' : 'yes'),
          failure,
        );
        const answer = await session.call(tool[0], tool[1](runs[2]));
        const { code } = await byIc.run([...ic(runs[1])]);
        if (typeof refusal === 'string') {
          assert.ok('result' in answer, name);
          assert.equal(code, refusal === 'yes' ? EXIT.ok : EXIT.negative, name);
        } else {
          assert.deepEqual(answer, { code: refusal.code }, name);
          assert.equal(code, exitCodeOf(refusal), name);
        }
        const [a, b, c] = await Promise.all(projects.map((project, i) => stateOf(project, runs[i] ?? '')));
        assert.deepEqual(b, a, `${name}: ic`);
        assert.deepEqual(c, a, `${name}: ic mcp`);
      }
    } finally {
      await session.close();
      await host.dispose();
      await Promise.all(projects.map((project) => project.close()));
    }
  });
});

function failure(error: unknown): KernelError {
  if (isKernelError(error)) return error;
  throw error;
}
