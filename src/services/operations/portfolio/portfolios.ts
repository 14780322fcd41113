/** Operations on portfolios: runs over runs in the folders of a workspace file (`docs/design/portfolios.md`). */
import path from 'node:path';
import type { RelayInfo } from '../../../contract/results/portfolios';
import type { GateTier } from '../../../kernel/gate/model';
import { checkGate } from '../../../kernel/gate/service';
import type { DependencyEdge } from '../../../kernel/portfolio/model';
import { addDependency, listDependencies, removeDependency, topologicalOrder } from '../../../kernel/portfolio/service';
import { overrideGate } from '../../../kernel/run/override';
import { setRun } from '../../../kernel/run/record/runs';
import { defined } from '../../../kernel/defined';
import { advancePortfolioRun, planPortfolioAdvance } from '../../portfolio/advance';
import { cancelPortfolioRun, planPortfolioCancel } from '../../portfolio/cancel';
import { createPortfolioRun } from '../../portfolio/create';
import { edgeBetween } from '../../portfolio/projects';
import { activePortfolios, portfolioRuns, portfolioSnapshot } from '../../portfolio/snapshot/snapshot';
import type { OperationHost } from '../host';
import type { Implementation, Implement } from '../implementation';
import { getPortfolio, holderOf, portfoliosOf, projectsOf } from '../portfolioHost';
import {
  advanceOutcomeInfo,
  advancePlanInfo,
  cancelOutcomeInfo,
  cancelPlanInfo,
  portfolioInfo,
  relayInfo,
} from './portfolioInfo';
import { endDispatches } from '../run/processes';
import { contentHash } from '../../../host/files/contentHash';
import { isInside } from '../../../host/files/paths';
import { KernelError } from '../../../kernel/errors/errors';
import { addFiles } from '../run/records';

/** Adds all files or none. A directory or a missing file is recorded without a hash. */
const addPortfolioArtifacts: Implement<'portfolios.addArtifact'> = async (host, args) => {
  const { portfolioId, paths, phase, type } = args;
  const { home } = await holderOf(host, portfolioId, 'add artifacts');
  const inside = paths.map((file) => insideWorkspace(host, file));
  const hashed = await Promise.all(inside.map(async (file) => ({ file, hash: await contentHash(file) })));
  return await home.kernel.write((unit) => addFiles(unit, getPortfolio(unit, portfolioId), { phase, type }, hashed));
};

export const portfolioOperations: Implementation<'portfolios'> = {
  'portfolios.create': async (host, { folders, dependencies = [], ...input }) => {
    const { home } = portfoliosOf(host, 'create portfolios');
    return await createPortfolioRun(home, {
      ...input,
      folders: folders.map((folder) => path.resolve(folder)),
      dependencies: dependencies.map(resolveEdge),
    });
  },
  'portfolios.list': async (host, { status }) => {
    const { home } = portfoliosOf(host, 'list portfolios');
    await home.load();
    // A database that cannot be read is a failure; a missing one has no portfolios.
    if (home.kernel.state.kind !== 'missing') home.kernel.read(() => undefined);
    return portfolioRuns(home).filter((run) => status === undefined || run.status === status);
  },
  'portfolios.get': async (host, { portfolioId }) => {
    const { home, relays } = await holderOf(host, portfolioId, 'view portfolios');
    const projects = home.kernel.read((reader) => projectsOf(reader, portfolioId));
    await Promise.all(projects.map((project) => home.childKernel(project).load()));
    return portfolioInfo(portfolioSnapshot(home, relays.state(portfolioId), portfolioId));
  },
  'portfolios.planAdvance': async (host, { portfolioId }) => {
    const { home } = await holderOf(host, portfolioId, 'plan an advance');
    return advancePlanInfo(await planPortfolioAdvance(home, portfolioId, tierOf(host)));
  },
  'portfolios.advance': async (host, { portfolioId, children = false, skipReason }) => {
    const { home } = await holderOf(host, portfolioId, 'advance portfolios');
    const options = { tier: tierOf(host), children, ...defined({ skipReason }) };
    return advanceOutcomeInfo(await advancePortfolioRun(home, portfolioId, options));
  },
  'portfolios.checkGate': async (host, { portfolioId }) => {
    const { home } = await holderOf(host, portfolioId, 'check gates');
    const tier = tierOf(host);
    const outsideFacts = await host.links.outsideFacts(home.kernel, portfolioId, tier);
    const options = { tier, applySkips: true, ...outsideFacts };
    return home.kernel.read((reader) => checkGate(reader, portfolioId, options));
  },
  'portfolios.overrideGate': async (host, { portfolioId, reason }) => {
    const { home } = await holderOf(host, portfolioId, 'override gates');
    return await home.kernel.write((unit) =>
      overrideGate(unit, portfolioId, { reason, actor: host.actor(), applySkips: true }),
    );
  },
  'portfolios.planCancel': async (host, { portfolioId }) => {
    const { home } = await holderOf(host, portfolioId, 'plan a cancel');
    return cancelPlanInfo(await planPortfolioCancel(home, portfolioId));
  },
  'portfolios.cancel': async (host, { portfolioId }) => {
    const { home } = await holderOf(host, portfolioId, 'cancel portfolios');
    const outcome = await cancelPortfolioRun(home, portfolioId, (kernel, ids, reason) =>
      endDispatches(host, kernel, ids, reason),
    );
    return cancelOutcomeInfo(outcome);
  },
  'portfolios.set': async (host, { portfolioId, ...changes }) => {
    const { home } = await holderOf(host, portfolioId, 'change portfolios');
    return await home.kernel.write((unit) => setRun(unit, portfolioId, changes));
  },
  'portfolios.addDependency': async (host, { portfolioId, ...given }) => {
    const { home } = await holderOf(host, portfolioId, 'add dependencies');
    const projects = home.kernel.read((reader) => projectsOf(reader, getPortfolio(reader, portfolioId).id));
    const edge = await edgeBetween(projects, resolveEdge(given));
    return await home.kernel.write((unit) => addDependency(unit, portfolioId, edge));
  },
  'portfolios.removeDependency': async (host, { portfolioId, ...given }) => {
    const { home } = await holderOf(host, portfolioId, 'remove dependencies');
    const edges = home.kernel.read((reader) => listDependencies(reader, portfolioId));
    const projects = edges.flatMap(({ upstream, downstream }) => [upstream, downstream]);
    const edge = await edgeBetween(projects, given);
    return await home.kernel.write((unit) => {
      removeDependency(unit, portfolioId, edge);
      return listDependencies(unit, portfolioId).map(({ upstream, downstream }) => ({ upstream, downstream }));
    });
  },
  'portfolios.order': async (host, { portfolioId }) => {
    const { home } = await holderOf(host, portfolioId, 'view dependencies');
    return home.kernel.read((reader) => topologicalOrder(reader, portfolioId));
  },
  'portfolios.addArtifact': addPortfolioArtifacts,
  'portfolios.relayNow': async (host, { portfolioId }) => {
    const { home, relays } = portfoliosOf(host, 'relay events');
    if (portfolioId !== undefined) await holderOf(host, portfolioId, 'relay events');
    await home.load();
    await relays.cycleNow(portfolioId);
    const ids = portfolioId === undefined ? activePortfolios(home).map(({ id }) => id) : [portfolioId];
    return ids.map((id) => relayInfo(id, relays.state(id)));
  },
  'portfolios.pauseRelay': async (host, { portfolioId }) => await setPaused(host, portfolioId, true),
  'portfolios.resumeRelay': async (host, { portfolioId }) => await setPaused(host, portfolioId, false),
};

async function setPaused(host: OperationHost, portfolioId: string, isPaused: boolean): Promise<RelayInfo> {
  const action = isPaused ? 'pause relays' : 'resume relays';
  const portfolios = await holderOf(host, portfolioId, action);
  await portfolios.setPaused(portfolioId, isPaused);
  return relayInfo(portfolioId, portfolios.relays.state(portfolioId));
}

function resolveEdge({ upstream, downstream }: DependencyEdge): DependencyEdge {
  return { upstream: path.resolve(upstream), downstream: path.resolve(downstream) };
}

/** Portfolios belong to no folder, so the window's tier counts. */
function tierOf(host: OperationHost): GateTier {
  return host.setting('intercore.gates.tier');
}

/** @throws KernelError `PATH_OUTSIDE` for paths outside the open folders, and for relative paths. */
function insideWorkspace({ kernels }: OperationHost, file: string): string {
  const folders = kernels.all().map(({ folder }) => folder);
  const normal = path.normalize(file);
  if (path.isAbsolute(file) && folders.some((folder) => isInside(folder, normal))) return normal;
  throw new KernelError('PATH_OUTSIDE', { path: file, folder: folders.join(', ') });
}
