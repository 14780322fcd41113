/** How portfolios and their children stand, in words. */
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import type { GateConditionResult } from '../../../kernel/gate/model';
import type { ChildSnapshot, PortfolioSnapshot } from '../../../services/portfolio/home/model';
import { problemOfChild } from '../../../services/portfolio/snapshot/snapshot';
import { isBlocked, type GateView } from '../record/folderRecord';
import { explain } from '../folderRow';
import { recordOf, type ViewContext } from '../viewContext';

/** The name of a project as people know it. */
export type ProjectNames = (projectDir: string) => string;

/** Names of a portfolio's projects: those of the workspace, and whole paths where two would be called the same. */
export function projectNames({ nameOf }: ViewContext, { children, edges }: PortfolioSnapshot): ProjectNames {
  const projects = new Set([
    ...children.map(({ projectDir }) => projectDir),
    ...edges.flatMap(({ upstream, downstream }) => [upstream, downstream]),
  ]);
  const names = new Map([...projects].map((project) => [project, nameOf(project)]));
  const counts = new Map<string, number>();
  for (const name of names.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return (projectDir) => {
    const name = names.get(projectDir) ?? nameOf(projectDir);
    return (counts.get(name) ?? 0) > 1 || name === '' ? projectDir : name;
  };
}

/** A child's project as the window would name its folder. */
export function folderOf({ projectDir }: Pick<ChildSnapshot, 'projectDir'>): string {
  return path.isAbsolute(projectDir) ? path.resolve(projectDir) : projectDir;
}

/** The upstream projects of a child and the phases it needs them in. */
export function waitsWords({ l10n }: ViewContext, names: ProjectNames, child: ChildSnapshot): string | undefined {
  const [first, ...others] = child.waitsFor;
  if (first === undefined) return undefined;
  const name = names(first.projectDir);
  return others.length === 0
    ? l10n.t('waits for {0} (at {1}, needs {2})', name, first.phase, first.needs)
    : l10n.t('waits for {0} (at {1}, needs {2}) and {3} more', name, first.phase, first.needs, others.length);
}

/** Where a child's state comes from, where that is not simply its own database. */
export function sourceWords({ l10n }: ViewContext, { source }: ChildSnapshot): string | undefined {
  switch (source.kind) {
    case 'own':
      return undefined;
    case 'row':
      return l10n.t('no record of its own');
    case 'unreadable':
      if (source.problem.code === 'DATABASE_LOADING') return l10n.t('loading');
      return source.problem.code === 'DATABASE_MISSING' || source.problem.code === 'NOT_FOUND'
        ? l10n.t('its record is missing')
        : l10n.t('cannot be read');
  }
}

/** The failed conditions of a child's own gate that its row does not show otherwise; known if its folder is open. */
export function missingWords(context: ViewContext, child: ChildSnapshot): string | undefined {
  const record = child.source.kind === 'own' ? recordOf(context, folderOf(child)) : undefined;
  const run = record?.isReadable === true ? record.runs.get(child.run.id) : undefined;
  if (record === undefined || run?.status !== 'active') return undefined;
  const gate = record.gate(run);
  if (gate instanceof KernelError || !isBlocked(gate)) return undefined;
  const said: readonly string[] = ['upstreams_at_phase', ...(child.activeDispatches > 0 ? ['agents_complete'] : [])];
  const missing = failing(gate).filter(({ check }) => !said.includes(check));
  return missing.length === 0 ? undefined : missing.map(({ check }) => context.words.missing(check)).join(', ');
}

/** Children that hold a portfolio's gate, and what else it lacks; undefined where nothing holds it. */
export function blockWords(context: ViewContext, names: ProjectNames, gate: GateView): string | undefined {
  if (!isBlocked(gate)) return undefined;
  if (gate instanceof KernelError) return explain(context.l10n, gate);
  return failing(gate)
    .map((condition) => behindWords(context, names, condition) ?? context.words.missing(condition.check))
    .join(', ');
}

function behindWords({ l10n }: ViewContext, names: ProjectNames, { behind }: GateConditionResult): string | undefined {
  const [first, ...others] = behind ?? [];
  if (first === undefined) return undefined;
  const name = names(first.project);
  return others.length === 0
    ? l10n.t('waits for {0}', name)
    : l10n.t('waits for {0} and {1} more', name, others.length);
}

/** How many children have reached the next phase of the portfolio; undefined if its gate does not require it. */
export function thereCount({ children }: PortfolioSnapshot, gate: GateView): number | undefined {
  const asked =
    gate instanceof KernelError ? undefined : gate.conditions.find(({ check }) => check === 'children_at_phase');
  return asked && children.length - (asked.behind?.length ?? 0);
}

/** Children of an active portfolio that cannot continue automatically: they wait for others or cannot be read. */
export function blockedChildren({ run, children }: PortfolioSnapshot): readonly ChildSnapshot[] {
  if (run.status !== 'active') return [];
  return children.filter((child) => {
    return child.run.status === 'active' && (child.waitsFor.length > 0 || problemOfChild(child) !== undefined);
  });
}

function failing(gate: Exclude<GateView, KernelError>): readonly GateConditionResult[] {
  return gate.conditions.filter((condition) => condition.result === 'fail');
}
