/**
 * Creates a portfolio over several projects: a run in the portfolio's database, and one in each project's database with
 * a mirror under the same id. All or nothing, even if a step fails or the process dies
 * (`docs/design/portfolios.md#creation`).
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';
import { ifThere } from '../../host/files/fileErrors';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { because, foreignText, type Problem } from '../../kernel/errors/reasons/problem';
import { ID_LENGTH, runId, type RunId } from '../../kernel/ids';
import { parseInput } from '../../kernel/input';
import { findCycle } from '../../kernel/portfolio/graph';
import { homeMetadata } from '../../kernel/portfolio/home';
import { declareCreation, finishCreation, type IntendedChild } from '../../kernel/portfolio/intents';
import { mirrorPortfolioInput, type DependencyEdge, type PortfolioOutcome } from '../../kernel/portfolio/model';
import { addDependency, circleError, mirrorPortfolio } from '../../kernel/portfolio/service';
import { checkChain } from '../../kernel/run/record/chain';
import { createRun } from '../../kernel/run/record/runs';
import { defined } from '../../kernel/defined';
import { refusalOf } from '../record/kernelState';
import type { PortfolioHome } from './home/home';
import { undoCreation, thisMaker } from './home/intents';
import { edgeBetween, sameFolder } from './projects';

const facts = mirrorPortfolioInput.omit({ id: true, children: true, metadata: true, scopeId: true });

export interface CreatePortfolioRun extends z.input<typeof facts> {
  /** Absolute, two or more, all different on disk. A folder without a record gets one. */
  readonly folders: readonly string[];
  /** Between the folders, in any spelling of their paths. */
  readonly dependencies?: readonly DependencyEdge[];
}

interface Plan {
  readonly id: RunId;
  readonly facts: z.output<typeof facts>;
  readonly metadata: string;
  readonly children: readonly IntendedChild[];
  readonly dependencies: readonly DependencyEdge[];
}

/**
 * Creates the portfolio and its children's runs. Budget and limit apply to the portfolio only.
 * @throws KernelError `INVALID_ARGUMENT`, `FOLDER_UNUSABLE`, `DEPENDENCY_CYCLE`, and the failure of the first database
 * that cannot be read or written, as `ProjectKernel.write` with its path. Nothing is left behind then. Parts that could
 * not be removed are removed at the next load of the portfolio's database.
 */
export async function createPortfolioRun(home: PortfolioHome, input: CreatePortfolioRun): Promise<PortfolioOutcome> {
  await home.load();
  const plan = await planCreation(home, input);
  const { id, metadata } = plan;
  const isNewHome = home.kernel.state.kind === 'missing';
  if (isNewHome) await home.kernel.initialize();
  const intent = { portfolioId: id, children: [...plan.children], isNewHome, maker: await thisMaker() };
  try {
    await home.kernel.write((u) => declareCreation(u, intent));
    for (const child of plan.children) await createChild(home, plan, child);
    return await home.kernel.write((u) => {
      finishCreation(u, id);
      const outcome = mirrorPortfolio(u, { ...plan.facts, id, metadata, children: plan.children.map(identityOf) });
      for (const edge of plan.dependencies) addDependency(u, id, edge);
      return outcome;
    });
  } catch (error) {
    const left = await undoCreation(home, intent);
    if (left !== undefined) home.log.warn('A failed portfolio could not be undone yet', { error: left });
    throw error;
  }
}

function identityOf({ id, projectDir }: IntendedChild): Pick<IntendedChild, 'id' | 'projectDir'> {
  return { id, projectDir };
}

async function createChild(home: PortfolioHome, plan: Plan, child: IntendedChild): Promise<void> {
  const kernel = home.childKernel(child.projectDir);
  if (kernel.state.kind === 'missing') await kernel.initialize();
  const { goal, phases, complexity, budgetWarnPct } = plan.facts;
  await kernel.write((u) => {
    createRun(u, {
      ...identityOf(child),
      goal,
      parentRunId: plan.id,
      metadata: plan.metadata,
      ...defined({ phases, complexity, budgetWarnPct }),
    });
  });
}

/** Detects as many failures as possible before anything is written. */
async function planCreation(home: PortfolioHome, input: CreatePortfolioRun): Promise<Plan> {
  const { folders: given, dependencies: edges = [], ...rest } = input;
  const checked = parseInput(facts, rest, 'portfolio');
  if (checked.phases !== undefined) checkChain(checked.phases);
  const folders = await checkFolders(given);
  const id = newId(home);
  const dependencies = await Promise.all(edges.map((edge) => edgeBetween(folders, edge)));
  checkDependencies(id, folders, dependencies);
  const children: IntendedChild[] = [];
  for (const projectDir of folders) {
    children.push({ id: newId(home), projectDir, isNewRecord: await hasNoRecord(home, projectDir) });
  }
  return { id, facts: checked, metadata: homeMetadata(home.kernel.path), children, dependencies };
}

function newId(home: PortfolioHome): RunId {
  return runId.parse(home.ids.newId(ID_LENGTH));
}

/** The folders as absolute, normalized paths. */
async function checkFolders(given: readonly string[]): Promise<readonly string[]> {
  for (const folder of given) await checkFolder(folder);
  const same = await sameFolder(given);
  if (same !== undefined)
    throw unusable(same.folder, because('it is the same folder as {other}', { other: same.other }));
  if (given.length < 2) {
    throw new KernelError('INVALID_ARGUMENT', {
      argument: 'folders',
      problem: because('a portfolio needs at least 2 projects'),
    });
  }
  return given.map((folder) => path.resolve(folder));
}

async function checkFolder(folder: string): Promise<void> {
  if (!path.isAbsolute(folder)) throw unusable(folder, because('its path is not absolute'));
  let found: Awaited<ReturnType<typeof stat>> | undefined;
  try {
    found = await ifThere(stat(folder));
  } catch (error) {
    throw unusable(folder, foreignText(problemOf(error)));
  }
  if (found === undefined) throw unusable(folder, because('it does not exist'));
  if (!found.isDirectory()) throw unusable(folder, because('it is not a folder'));
}

/** @throws KernelError if the folder's record could not store a run. */
async function hasNoRecord(home: PortfolioHome, projectDir: string): Promise<boolean> {
  const kernel = home.childKernel(projectDir);
  await kernel.load();
  await kernel.refresh();
  if (kernel.state.kind === 'missing') return true;
  if (kernel.state.kind === 'ready') return false;
  throw refusalOf(kernel.state, kernel.path);
}

function checkDependencies(id: RunId, folders: readonly string[], edges: readonly DependencyEdge[]): void {
  for (const project of edges.flatMap((edge) => [edge.upstream, edge.downstream])) {
    if (folders.includes(project)) continue;
    throw new KernelError('INVALID_ARGUMENT', {
      argument: 'dependencies',
      problem: because('{project} is not one of the folders', { project }),
    });
  }
  const cycle = findCycle(edges);
  if (cycle !== undefined) throw circleError(id, cycle);
}

function unusable(folder: string, problem: Problem<'FOLDER_UNUSABLE'>): KernelError {
  return new KernelError('FOLDER_UNUSABLE', { path: folder, problem });
}
