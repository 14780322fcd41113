/** A record of years: far more rows than any list shows at once. */
import type { TestKernel } from './kernel';

export const MANY = { runs: 10_000, dispatches: 20_000, events: 50_000, ofRun: 5_000 } as const;

/** Adds them to a record that has `run`, which gets half of the dispatches, most of the events, and all agents and artifacts. */
export function lengthen(kernel: TestKernel, folder: string, run: string): void {
  const upTo = (n: number): string => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})`;
  kernel.exec(`
    ${upTo(MANY.runs)} INSERT INTO runs (id, project_dir, goal, status, phase, scope_id, created_at, updated_at)
      SELECT printf('r%07d', i), '${folder}', 'Goal ' || i, iif(i % 100 = 0, 'active', 'completed'), 'brainstorm',
        printf('r%07d', i), 1700000000 + i / 3, 1700000000 + i FROM n;
    ${upTo(MANY.dispatches)} INSERT INTO dispatches
      (id, agent_type, status, project_dir, name, created_at, completed_at, scope_id)
      SELECT printf('d%07d', i), 'claude', 'completed', '${folder}', 'Agent ' || i, 1700000000 + i / 3, 1700000000 + i,
        iif(i % 2 = 0, '${run}', printf('r%07d', 1 + i % ${MANY.runs})) FROM n;
    ${upTo(MANY.events / 2)} INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, reason, created_at)
      SELECT iif(i % 5 = 0, printf('r%07d', 1 + i % ${MANY.runs}), '${run}'), 'brainstorm', 'planned', 'advance',
        'Reason ' || i, 1700000000 + i FROM n;
    ${upTo(MANY.events / 2)} INSERT INTO dispatch_events (dispatch_id, run_id, from_status, to_status, created_at)
      SELECT printf('d%07d', 1 + i % ${MANY.dispatches}), '${run}', 'spawned', 'running', 1700000000 + i FROM n;
    ${upTo(MANY.ofRun)} INSERT INTO run_artifacts (id, run_id, phase, path, type, created_at)
      SELECT printf('a%07d', i), '${run}', iif(i % 2 = 0, 'brainstorm', 'planned'), 'docs/' || i || '.md', 'file',
        1700000000 + i / 3 FROM n;
    ${upTo(MANY.ofRun)} INSERT INTO run_agents (id, run_id, agent_type, name, created_at, updated_at)
      SELECT printf('g%07d', i), '${run}', 'claude', 'Agent ' || i, 1700000000 + i / 3, 1700000000 + i FROM n`);
}
