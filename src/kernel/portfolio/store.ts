/** SQL of dependencies between the projects of a portfolio (`docs/design/portfolios.md#dependencies`). */
import type { RunId } from '../ids';
import type { Reader, Unit } from '../unit';
import { DEPENDENCIES, type Dependency, type DependencyEdge } from './model';

const upstreams = DEPENDENCIES.part('upstream');

/** Folders of the children, including unreadable ones. */
export function selectProjects(r: Reader, portfolioId: string): ReadonlySet<string> {
  const rows = r.db.rows('SELECT DISTINCT project_dir FROM runs WHERE parent_run_id = ?', [portfolioId]);
  return new Set(rows.map((row) => String(row['project_dir'])));
}

/** In the order in which they were added. */
export function selectDependencies(r: Reader, portfolioId: string): Dependency[] {
  return r.db.all(
    `SELECT ${DEPENDENCIES.columns} FROM project_deps WHERE portfolio_run_id = ? ORDER BY id`,
    [portfolioId],
    DEPENDENCIES,
  );
}

/** Upstream projects of one project, by name. */
export function selectUpstreams(r: Reader, portfolioId: string, projectDir: string): string[] {
  const rows = r.db.all(
    `SELECT ${upstreams.columns} FROM project_deps WHERE portfolio_run_id = ? AND downstream_project = ?
     ORDER BY upstream_project`,
    [portfolioId, projectDir],
    upstreams,
  );
  return rows.map(({ upstream }) => upstream);
}

export function insertDependency(u: Unit, portfolioId: RunId, edge: DependencyEdge): number {
  return u.db.insert(...DEPENDENCIES.insert({ ...edge, portfolioId, createdAt: u.now }));
}

/** The number of rows deleted. */
export function deleteDependency(u: Unit, portfolioId: RunId, edge: DependencyEdge): number {
  return u.db.run(
    'DELETE FROM project_deps WHERE portfolio_run_id = ? AND upstream_project = ? AND downstream_project = ?',
    [portfolioId, edge.upstream, edge.downstream],
  );
}

/** Deletes a child that has only its row. Returns the number of rows deleted. */
export function deleteUntouchedChild(u: Unit, portfolioId: RunId, id: RunId): number {
  return u.db.run(
    `DELETE FROM runs WHERE id = ?1 AND parent_run_id = ?2
       AND NOT EXISTS (SELECT 1 FROM phase_events WHERE run_id = ?1)
       AND NOT EXISTS (SELECT 1 FROM run_agents WHERE run_id = ?1)
       AND NOT EXISTS (SELECT 1 FROM run_artifacts WHERE run_id = ?1)
       AND NOT EXISTS (SELECT 1 FROM dispatches WHERE scope_id = ?1)`,
    [id, portfolioId],
  );
}

/** Removes a child from its portfolio and keeps the run. Returns the number of rows changed. */
export function detachChild(u: Unit, portfolioId: RunId, id: RunId): number {
  return u.db.run('UPDATE runs SET parent_run_id = NULL, metadata = NULL WHERE id = ? AND parent_run_id = ?', [
    id,
    portfolioId,
  ]);
}

export function updateMetadata(u: Unit, id: RunId, metadata: string): void {
  u.db.run('UPDATE runs SET metadata = ? WHERE id = ?', [metadata, id]);
}
