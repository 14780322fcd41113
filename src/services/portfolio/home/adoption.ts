/**
 * Moves portfolios: from the storage of an unsaved workspace to its file, or with the folder of a saved one. Their
 * children name the database by its path, so they are updated (`docs/design/portfolios.md#creation`).
 */
import { stat } from 'node:fs/promises';
import { ifThere } from '../../../host/files/fileErrors';
import type { Log } from '../../../host/log';
import { portfolioLocationAt, type DatabaseLocation } from '../../../host/files/paths';
import { isKernelError } from '../../../kernel/errors/errors';
import { portfolioDatabaseOf } from '../../../kernel/portfolio/home';
import { moveHome } from '../../../kernel/portfolio/service';
import type { Run } from '../../../kernel/run/record/model';
import { findRun, listRuns } from '../../../kernel/run/record/queries';
import { refusalOf } from '../../record/kernelState';
import type { ProjectKernel } from '../../record/projectKernel';
import type { PortfolioKernels } from './authority';

/**
 * Moves the portfolios of a database at an absolute path into this home, which has none yet: all of them, or none on
 * failure. Children that cannot be written now are updated at a later `load`.
 * @throws KernelError `DATABASE_PATH` if the home has a database, and as `ProjectKernel.initializeFrom`.
 */
/** The new home of an adopted portfolio. */
interface AdoptingHome extends PortfolioKernels {
  readonly log: Log;
  kernelAt(location: DatabaseLocation): ProjectKernel;
}

export async function adoptPortfolio(home: AdoptingHome, from: string): Promise<void> {
  const old = portfolioLocationAt(from);
  await home.kernel.initializeFrom(old);
  const source = home.kernelAt(old);
  try {
    await source.load();
    await source.remove();
  } catch (error) {
    // Everything was moved; the old database is no longer used.
    if (!isKernelError(error)) throw error;
    home.log.warn('The database of the unsaved workspace was not removed', { path: from, error });
  } finally {
    await source.dispose();
  }
  await reportMove(home, home.log, from);
}

/**
 * Updates children that name another database than this one, unless that one still exists: a copied workspace does not
 * take over the children of the original. `from` is known to be abandoned. Never throws for problems with files.
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
    for (const row of rows) await updateChild(home, row, log);
  }
}

async function updateChild(home: PortfolioKernels, row: Run, log: Log): Promise<void> {
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
    log.warn('The portfolio path of a child was not updated', { run: row.id, error });
  }
}

/** A database that cannot be checked may exist. */
async function isThere(file: string): Promise<boolean> {
  try {
    return (await ifThere(stat(file))) !== undefined;
  } catch {
    return true;
  }
}
