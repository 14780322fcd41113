/**
 * Portfolios that move: from the storage of an unsaved workspace to beside its file, or with the folder of a saved one.
 * Their children name the database by its path, so they are told (`docs/design/portfolios.md#creation`).
 */
import { stat } from 'node:fs/promises';
import { ifThere } from '../../host/files/fileErrors';
import type { Log } from '../../host/log';
import { portfolioLocationAt } from '../../host/database/paths';
import { isKernelError } from '../../kernel/errors/errors';
import { portfolioDatabaseOf } from '../../kernel/portfolio/home';
import { moveHome } from '../../kernel/portfolio/service';
import type { Run } from '../../kernel/run/record/model';
import { findRun, listRuns } from '../../kernel/run/record/queries';
import { refusalOf } from '../record/kernelState';
import type { PortfolioKernels } from './snapshot/authority';
import type { PortfolioHome } from './home';

/**
 * Moves the portfolios of a database at an absolute path into this home, which has none yet: all of them or, where
 * that fails, none. Children that cannot be written now are told at a later `load`.
 * @throws KernelError `DATABASE_PATH` where the home has a database, and as `ProjectKernel.initializeFrom`.
 */
export async function adoptPortfolio(home: PortfolioHome, from: string): Promise<void> {
  const old = portfolioLocationAt(from);
  await home.kernel.initializeFrom(old);
  const source = home.kernelAt(old);
  try {
    await source.load();
    await source.remove();
  } catch (error) {
    // Everything is in the new place; what stays in the old one is no longer checked.
    if (!isKernelError(error)) throw error;
    home.log.warn('The database of the unsaved workspace stays where it was', { path: from, error });
  } finally {
    await source.dispose();
  }
  await reportMove(home, home.log, from);
}

/**
 * Tells children that name another database than this one, unless that is still there: a copied workspace does not
 * take the children of the first away. `from` is known to be given up. Never throws for what is wrong with files.
 */
export async function reportMove(home: PortfolioKernels, log: Log, from?: string): Promise<void> {
  const { kernel } = home;
  if (kernel.state.kind !== 'ready') return;
  const elsewhere = new Map<string, Run[]>();
  for (const run of kernel.read((r) => listRuns(r, { isChild: true })).runs) {
    const database = portfolioDatabaseOf(run);
    if (database === undefined || database === kernel.path) continue;
    elsewhere.set(database, [...(elsewhere.get(database) ?? []), run]);
  }
  for (const [database, rows] of elsewhere) {
    if (database !== from && (await isThere(database))) continue;
    for (const row of rows) await tell(home, row, log);
  }
}

async function tell(home: PortfolioKernels, row: Run, log: Log): Promise<void> {
  const { kernel } = home;
  const child = home.childKernel(row.projectDir);
  try {
    await child.load();
    await child.refresh();
    if (child.state.kind !== 'ready') throw refusalOf(child.state, child.path);
    const isOurs = child.read((r) => findRun(r, row.id))?.parentRunId === row.parentRunId;
    if (isOurs) await child.write((u) => moveHome(u, row.id, kernel.path));
    await kernel.write((u) => moveHome(u, row.id, kernel.path));
  } catch (error) {
    if (!isKernelError(error)) throw error;
    log.warn('A child could not be told where its portfolio is now', { run: row.id, error });
  }
}

/** What cannot be checked may be there. */
async function isThere(file: string): Promise<boolean> {
  try {
    return (await ifThere(stat(file))) !== undefined;
  } catch {
    return true;
  }
}
