/** Works on rows of a record, which other programs may have written: a failure of one does not stop the others. */
import { KernelError, problemOf } from '../../kernel/errors/errors';
import type { Project } from '../../kernel/tasks/record/model';
import type { SkippedProject } from '../../contract/results/worktrees';

/** Sequential. If some fail, the first failure is thrown after all have run. */
export async function eachAlone<T>(rows: readonly T[], work: (row: T) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const row of rows) {
    try {
      await work(row);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** The results of some projects, and the projects that could not be read. */
export async function ofProjects<T>(
  projects: readonly Project[],
  work: (project: Project) => Promise<readonly T[]>,
): Promise<{ readonly found: T[]; readonly skipped: SkippedProject[] }> {
  const skipped: SkippedProject[] = [];
  const lists = await Promise.all(
    projects.map(async (project) => {
      try {
        return await work(project);
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        skipped.push({ projectId: project.id, name: project.name, problem: problemOf(error) });
        return [];
      }
    }),
  );
  return { found: lists.flat(), skipped };
}
