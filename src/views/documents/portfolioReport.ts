/** A portfolio in readable text: its children, dependencies, relay and events; and the gate before it. */
import { inWords } from '../../kernel/errors/reasons/fill';
import type { DocumentTarget } from '../../contract/pages/documents';
import { readAmong, type Steps } from '../../host/turns';
import { isKernelError, KernelError } from '../../kernel/errors/errors';
import { ARTIFACT_LIST } from '../../kernel/tracking/longLists';
import type { ChildSnapshot, PortfolioSnapshot } from '../../services/portfolio/home/model';
import { explain } from '../projections/folderRow';
import type { PortfolioRecord } from '../projections/record/portfolioRecord';
import { portfolioTooltip } from '../projections/portfolio/portfolioRow';
import { projectNames, sourceWords, waitsWords, type ProjectNames } from '../projections/portfolio/portfolioWords';
import { eventWords } from '../projections/portfolio/portfolioRelay';
import type { ViewContext } from '../projections/viewContext';
import { eventLines } from './eventReport';
import { aligned, gateLines, heading, section, type Line } from './reportText';
import { dispatchWords, joined } from '../projections/words';

export type PortfolioTarget = Extract<DocumentTarget, { kind: 'portfolio' | 'portfolioGate' }>;

/** The text of a document now, or why it cannot be shown. */
export function* portfolioReport(context: ViewContext, { kind, portfolioId }: PortfolioTarget): Steps<string> {
  const { l10n, portfolios } = context;
  if (portfolios === undefined) return `${l10n.t('This window has no portfolios.')}\n`;
  try {
    const snapshot = portfolios.snapshots.of(portfolioId);
    const lines =
      kind === 'portfolio' ? yield* wholeLines(context, portfolios, snapshot) : gateOf(context, portfolios, snapshot);
    return `${lines.join('\n')}\n`;
  } catch (error) {
    if (isKernelError(error)) return `${explain(l10n, error)}\n`;
    throw error;
  }
}

function* wholeLines(context: ViewContext, portfolios: PortfolioRecord, snapshot: PortfolioSnapshot): Steps<string[]> {
  const { l10n } = context;
  const { run, children, edges, cycle } = snapshot;
  const names = projectNames(context, snapshot);
  const artifactKeys = portfolios.readHome((r) => ARTIFACT_LIST.keys(r, { runId: run.id }));
  const artifacts = yield* readAmong(artifactKeys, (keys) =>
    portfolios.readHome((r) => ARTIFACT_LIST.at(r, keys).sound).map((one): Line => [one.phase, one.path]),
  );
  const dependencies = edges.map(({ upstream, downstream }) =>
    l10n.t('{0} waits for {1}', names(downstream), names(upstream)),
  );
  const circle = cycle === undefined ? [] : [l10n.t('Circular dependency: {0}', cycle.map(names).join(' → '))];
  return [
    ...heading(run.goal.trim()),
    ...aligned(portfolioTooltip(context, snapshot).facts),
    ...section(l10n.t('Children, in order'), aligned(children.map((child) => childLine(context, names, child)))),
    ...section(l10n.t('Dependencies'), [...dependencies, ...circle]),
    ...section(l10n.t('Relay'), aligned(relayLines(context, portfolios, snapshot))),
    ...section(l10n.t('Artifacts'), aligned(artifacts)),
    ...section(
      l10n.t('Events'),
      yield* eventLines(
        context,
        (work) => portfolios.readHome(work),
        run,
        (event) => eventWords(context, names, event),
      ),
    ),
  ];
}

function childLine(context: ViewContext, names: ProjectNames, child: ChildSnapshot): Line {
  const { l10n, formats, words } = context;
  return [
    names(child.projectDir),
    joined([
      child.run.phase,
      words.run(child.run.status),
      waitsWords(context, names, child),
      dispatchWords(context, child.activeDispatches),
      child.tokens === 0 ? undefined : inWords(l10n, '{0} tokens', formats.count(child.tokens)),
      sourceWords(context, child),
      child.source.kind === 'unreadable' ? explain(l10n, child.source.problem) : undefined,
      l10n.t('run {0}', child.run.id),
    ]),
  ];
}

function relayLines({ l10n, formats }: ViewContext, portfolios: PortfolioRecord, { run }: PortfolioSnapshot): Line[] {
  const { isPaused, lastCycleAt, relayed, error } = portfolios.snapshots.relay(run.id);
  return [
    [l10n.t('State'), isPaused ? l10n.t('paused') : l10n.t('running')],
    [l10n.t('Last cycle'), lastCycleAt === undefined ? l10n.t('none yet') : formats.moment(lastCycleAt)],
    [l10n.t('Relayed events'), l10n.t('{0} since this window opened', formats.count(relayed))],
    ...(error === undefined ? [] : [[l10n.t('Problem'), explain(l10n, error)] as const]),
  ];
}

function gateOf(context: ViewContext, portfolios: PortfolioRecord, snapshot: PortfolioSnapshot): string[] {
  const { l10n, words } = context;
  const { run } = snapshot;
  const title = heading(run.goal.trim());
  if (run.status !== 'active') {
    return [...title, l10n.t('This run is {0}, so no gate follows.', words.run(run.status))];
  }
  const gate = portfolios.gate(snapshot);
  return gate instanceof KernelError ? [...title, explain(l10n, gate)] : gateLines(context, run.goal, gate);
}
