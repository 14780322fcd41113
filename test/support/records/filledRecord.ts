/** A record with two rows of each kind. */
import assert from 'node:assert/strict';
import { submitDiscovery } from '../../../src/kernel/discovery/service';
import { createDispatch, markRunning } from '../../../src/kernel/dispatch/service';
import { recordInterspect } from '../../../src/kernel/interspect/service';
import { addDependency, createPortfolio } from '../../../src/kernel/portfolio/service';
import { advanceRun } from '../../../src/kernel/run/advance';
import { createRun } from '../../../src/kernel/run/record/runs';
import { checkSentinel, setState } from '../../../src/kernel/state/service';
import { addAgent, addArtifact } from '../../../src/kernel/tracking/service';
import { startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import { startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { addNote } from '../../../src/kernel/tasks/subtask/subtasks';
import type { TestKernel } from './kernel';
import { planned } from '../tasks/taskRecord';

/** Of no process that could be running here. */
export const AGENT_PROCESS = {
  pid: 1,
  argv: ['x'],
  cwd: '/',
  logFile: '/log',
  exitFile: '/exit',
  startToken: null,
  host: 'h',
};

/** The names are of the second rows. */
export function fillRecord(kernel: TestKernel, folder: string): Record<string, string> {
  return kernel.write((u) => {
    const run = (goal: string): string => createRun(u, { projectDir: folder, goal, tokenBudget: 1000 }).id;
    const [bad, good] = [run('bad'), run('good')];
    const { portfolio } = createPortfolio(u, { goal: 'p', projects: ['/a', '/b', '/c'] });
    for (const downstream of ['/b', '/c']) addDependency(u, portfolio.id, { upstream: '/a', downstream });
    for (const scope of [bad, good]) {
      setState(u, { key: 'k', scopeId: scope, payload: '1' });
      checkSentinel(u, { name: 'n', scopeId: scope, intervalSec: 0 });
      for (const name of ['one', 'two']) {
        addAgent(u, { runId: scope, agentType: 'claude', name });
        addArtifact(u, { runId: scope, phase: 'brainstorm', path: `${name}.md` });
        const { id } = createDispatch(u, { agentType: 'claude', projectDir: folder, name, scopeId: scope });
        markRunning(u, id, AGENT_PROCESS);
      }
      recordInterspect(u, { agentName: 'a', eventType: 't', runId: scope });
      submitDiscovery(u, { source: 's', sourceId: scope, title: scope, score: 0.5 });
      advanceRun(u, scope, { tier: 'none' });
      u.db.run("INSERT INTO signed_writes (caller, operation, run_id) VALUES ('ic', 'x', ?)", [scope]);
    }
    const { task: first } = planned(u, { A: [], B: [] });
    const { task, subtasks } = planned(u, { C: [], D: [] });
    const id = subtasks['C']?.id ?? '';
    startSubtask(u, id);
    startAgentRun(u, { subtaskId: id });
    for (const text of ['x', 'y']) addNote(u, id, { author: 'a', text });
    assert.notEqual(first.id, task.id);
    u.db.run("INSERT INTO projects (id, name, default_branch, clone_path) VALUES ('project9', 'n', 'main', '/n')", []);
    const [dispatch, agent, discovery] = ['dispatches', 'run_agents', 'discoveries'].map((table) =>
      String(u.db.rows(`SELECT max(id) AS id FROM ${table}`, [])[0]?.['id']),
    );
    const subtask = subtasks['D']?.id ?? '';
    const made = { dispatch: dispatch ?? '', agent: agent ?? '', discovery: discovery ?? '', subtask };
    return { bad, good, portfolio: portfolio.id, task: task.id, project: task.projectId, ...made };
  });
}
