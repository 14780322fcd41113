/** Finds which portfolio, project or dependency a command is about: the one named, the only one, or one picked. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { PortfolioInfo } from '../../contract/results/portfolios';
import type { DependencyEdge } from '../../kernel/portfolio/model';
import type { Run } from '../../kernel/run/record/model';
import { choose, type Choice } from '../../window/dialogs/ask';
import type { CommandDeps } from '../shared/deps';
import { plain } from '../../window/dialogs/labels';
import { only, type Purpose } from '../shared/pickers';
import { noneAvailable } from '../shared/noneAvailable';

/** A portfolio with its children: the one named, or one of those that suit. */
export async function pickPortfolio(
  deps: CommandDeps,
  portfolioId: string | undefined,
  purpose: Purpose<Run>,
): Promise<PortfolioInfo> {
  const id = portfolioId ?? (await pickPortfolioId(deps, purpose));
  return await deps.api.portfolios.get({ portfolioId: id });
}

async function pickPortfolioId({ api }: CommandDeps, { title, suits }: Purpose<Run>): Promise<string> {
  const portfolios = await api.portfolios.list({});
  const choices = portfolios
    .filter((run) => suits?.(run) ?? true)
    .map((run) => ({
      label: plain(run.goal),
      description: `${run.phase} · ${run.status} · ${run.id}`,
      value: run.id,
    }));
  return await only(choices, { title, placeholder: vscode.l10n.t('Select a portfolio') }, 'portfolio');
}

/** One of some projects; none is a failure. */
export async function pickProject(
  projects: readonly string[],
  question: { readonly title: string; readonly placeholder: string },
): Promise<string> {
  if (projects.length === 0) throw noneAvailable('project');
  return await choose(question, projects.map(projectChoice));
}

export async function pickDependency(edges: readonly DependencyEdge[], title: string): Promise<DependencyEdge> {
  const choices = edges.map((edge) => ({
    label: edgeLabel(edge),
    detail: `${edge.upstream} → ${edge.downstream}`,
    value: edge,
  }));
  return await only(choices, { title, placeholder: vscode.l10n.t('Select a dependency') }, 'dependency');
}

export function projectChoice(projectDir: string): Choice<string> {
  return { label: plain(path.basename(projectDir)), description: plain(projectDir), value: projectDir };
}

/** “web waits for api”, in the projects' names. */
export function edgeLabel({ upstream, downstream }: DependencyEdge): string {
  const [first, then] = [path.basename(upstream), path.basename(downstream)];
  return plain(vscode.l10n.t('{downstream} depends on {upstream}', { downstream: then, upstream: first }));
}
