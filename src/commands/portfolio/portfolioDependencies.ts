/** Commands on the dependencies between the projects of a portfolio. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { findPath } from '../../kernel/portfolio/graph';
import type { DependencyEdge } from '../../kernel/portfolio/model';
import type { Run } from '../../kernel/run/record/model';
import type { CommandDeps } from '../shared/deps';
import { pickDependency, pickPortfolio, pickProject } from './portfolioPickers';
import type { PortfolioInfo } from '../../contract/results/portfolios';

const isActive = ({ status }: Run) => status === 'active';

/** Two pickers: which project waits, and for which. Those that would close a circle are left out of the second. */
export async function addDependency(
  deps: CommandDeps,
  args: CommandArgs<'intercore.portfolio.addDependency'>,
): Promise<unknown> {
  const title = vscode.l10n.t('Add Dependency');
  const info = await pickPortfolio(deps, args.portfolioId, { title, action: 'add a dependency to', suits: isActive });
  const projects = info.children.map(({ projectDir }) => projectDir);
  const downstream =
    args.downstream ??
    (await pickProject(
      projects.filter((project) => project !== args.upstream),
      { title, placeholder: vscode.l10n.t('Select the downstream project') },
    ));
  const upstream =
    args.upstream ??
    (await pickProject(possibleUpstreams(info, downstream), {
      title,
      placeholder: vscode.l10n.t('Select the project that {project} depends on', {
        project: path.basename(downstream),
      }),
    }));
  return await deps.api.portfolios.addDependency({ portfolioId: info.portfolio.id, upstream, downstream });
}

function possibleUpstreams({ children, dependencies }: PortfolioInfo, downstream: string): string[] {
  return children
    .map(({ projectDir }) => projectDir)
    .filter((project) => project !== downstream)
    .filter((project) => !dependencies.some((edge) => edge.upstream === project && edge.downstream === downstream))
    .filter((project) => findPath(dependencies, downstream, project) === undefined);
}

export async function removeDependency(
  deps: CommandDeps,
  args: CommandArgs<'intercore.portfolio.removeDependency'>,
): Promise<unknown> {
  const title = vscode.l10n.t('Remove Dependency');
  const info = await pickPortfolio(deps, args.portfolioId, {
    title,
    action: 'remove a dependency of',
    suits: isActive,
  });
  const fits = (edge: DependencyEdge): boolean =>
    (args.upstream ?? edge.upstream) === edge.upstream && (args.downstream ?? edge.downstream) === edge.downstream;
  const { upstream, downstream } =
    args.upstream !== undefined && args.downstream !== undefined
      ? { upstream: args.upstream, downstream: args.downstream }
      : await pickDependency(info.dependencies.filter(fits), title);
  return await deps.api.portfolios.removeDependency({ portfolioId: info.portfolio.id, upstream, downstream });
}
