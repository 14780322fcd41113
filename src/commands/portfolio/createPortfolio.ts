/** Create Portfolio Run: goal, folders, phase chain, limit, budget and dependencies, with Back between them. */
import { shownReason } from '../../kernel/errors/shownReason';
import path from 'node:path';
import * as vscode from 'vscode';
import type { FolderInfo } from '../../contract/results/records';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import { findCycle } from '../../kernel/portfolio/graph';
import type { DependencyEdge, PortfolioOutcome } from '../../kernel/portfolio/model';
import { askInSteps, chooseSome, enter, type Choice, type StepPosition, type Step } from '../../window/dialogs/ask';
import { chainSteps, enterBudget, enterGoal } from '../run/createRun';
import type { CommandDeps } from '../shared/deps';
import { plain } from '../../window/dialogs/labels';
import { portfoliosOf } from '../../services/operations/portfolioHost';
import { edgeLabel } from './portfolioPickers';

type Draft = CommandArgs<'intercore.portfolio.create'>;

export async function createPortfolio(deps: CommandDeps, args: Draft): Promise<PortfolioOutcome> {
  // Refused before the first question.
  portfoliosOf(deps.host, 'create a portfolio');
  const draft: Draft = { ...args };
  // If the caller gave the goal, omitted arguments take their defaults.
  await askInSteps(stepsOf(deps, args, draft, args.goal === undefined));
  const { goal, folders, ...rest } = draft;
  if (goal === undefined) throw missing('goal');
  if (folders === undefined) throw missing('folders');
  return await deps.api.portfolios.create({ ...rest, goal, folders });
}

function missing(argument: string): KernelError {
  return new KernelError('INVALID_ARGUMENT', { argument, problem: because('it is missing') });
}

function stepsOf(deps: CommandDeps, args: Draft, draft: Draft, asksAll: boolean): Step[] {
  const title = vscode.l10n.t('Create Portfolio Run');
  return [
    {
      applies: () => args.goal === undefined,
      ask: async (place) => {
        draft.goal = await enterGoal(title, draft.goal, place);
      },
    },
    {
      applies: () => args.folders === undefined,
      ask: async (place) => {
        draft.folders = await chooseFolders(deps, title, draft.folders, place);
        // Dependencies on a folder that is left out fall away with it.
        draft.dependencies = draft.dependencies?.filter((edge) => isBetween(edge, draft.folders ?? []));
      },
    },
    ...chainSteps(deps, { title, folder: undefined, asks: asksAll && args.phases === undefined }, draft),
    {
      applies: () => asksAll && args.maxDispatches === undefined,
      ask: async (place) => {
        draft.maxDispatches = await enterLimit(title, draft.maxDispatches, place);
      },
    },
    {
      applies: () => asksAll && args.tokenBudget === undefined,
      ask: async (place) => {
        draft.tokenBudget = await enterBudget(title, draft.tokenBudget, place);
      },
    },
    {
      applies: () => asksAll && args.dependencies === undefined,
      ask: async (place) => {
        draft.dependencies = await chooseDependencies(title, draft, place);
      },
    },
  ];
}

/** The folders of the workspace; all that will do are chosen at first. */
async function chooseFolders(
  { api }: CommandDeps,
  title: string,
  value: readonly string[] | undefined,
  place: StepPosition,
): Promise<string[]> {
  const all = await Promise.all(api.folders().map(async (info) => ({ ...info, isThere: await isThere(info.folder) })));
  if (all.length < 2) throw new KernelError('NO_PORTFOLIO_HOME', { action: 'create a portfolio' });
  return await chooseSome(
    {
      title,
      placeholder: vscode.l10n.t('Select the folders of the portfolio'),
      values: value ?? all.filter(isUsable).map(({ folder }) => folder),
      problem: (folders) => {
        const gone = all.find((info) => !info.isThere && folders.includes(info.folder));
        if (gone !== undefined)
          return vscode.l10n.t('The folder {folder} is not on disk.', { folder: path.basename(gone.folder) });
        return folders.length < 2 ? vscode.l10n.t('Select at least two folders.') : undefined;
      },
    },
    all.map(folderChoice),
    place,
  );
}

/** A workspace may name folders that are not on disk any more. */
async function isThere(folder: string): Promise<boolean> {
  try {
    const { type } = await vscode.workspace.fs.stat(vscode.Uri.file(folder));
    return (type & vscode.FileType.Directory) !== 0;
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return false;
    throw error;
  }
}

type ListedFolder = FolderInfo & { readonly isThere: boolean };

function isUsable({ state, isThere: isOnDisk }: ListedFolder): boolean {
  if (!isOnDisk) return false;
  return state === 'ready' || state === 'missing' || state === 'loading';
}

function folderChoice(info: ListedFolder): Choice<string> {
  return {
    label: plain(path.basename(info.folder)),
    description: stateOf(info),
    detail: plain(info.folder),
    value: info.folder,
  };
}

function stateOf({ state, problem, isThere: isOnDisk }: ListedFolder): string {
  if (!isOnDisk) return vscode.l10n.t('not on disk');
  switch (state) {
    case 'ready':
      return vscode.l10n.t('has a record');
    case 'missing':
      return vscode.l10n.t('no record yet; one will be created');
    case 'loading':
      return vscode.l10n.t('opening');
    case 'readOnly':
    case 'failed':
      return shownReason(vscode.l10n, problem?.message ?? '');
  }
}

/** Concurrent dispatches of all children, or undefined for no limit. */
export async function enterLimit(
  title: string,
  value: number | undefined,
  place?: StepPosition,
): Promise<number | undefined> {
  const text = await enter(
    {
      title,
      placeholder: vscode.l10n.t('Maximum concurrent dispatches in all folders (leave empty for no limit)'),
      value: value ? String(value) : '',
      problem: (given) =>
        /^([1-9]\d{0,5})?$/.test(given.trim()) ? undefined : vscode.l10n.t('Enter a whole number greater than 0.'),
    },
    place,
  );
  return text.trim() === '' ? undefined : Number(text);
}

/** All that can be between the folders, as one list; a circle among the chosen ones is shown and not taken. */
async function chooseDependencies(title: string, draft: Draft, place: StepPosition): Promise<DependencyEdge[]> {
  const { folders = [], dependencies = [] } = draft;
  const edges = folders.flatMap((downstream) =>
    folders.filter((folder) => folder !== downstream).map((upstream) => ({ upstream, downstream })),
  );
  return await chooseSome(
    {
      title,
      placeholder: vscode.l10n.t('Select dependencies between folders (optional)'),
      values: edges.filter((edge) => dependencies.some((known) => sameEdge(known, edge))),
      problem: (chosen) => {
        const circle = findCycle(chosen)
          ?.map((folder) => path.basename(folder))
          .join(' → ');
        return circle === undefined ? undefined : vscode.l10n.t('Circular dependency: {circle}', { circle });
      },
    },
    edges.map((edge) => ({ label: edgeLabel(edge), value: edge })),
    place,
  );
}

function isBetween({ upstream, downstream }: DependencyEdge, folders: readonly string[]): boolean {
  return folders.includes(upstream) && folders.includes(downstream);
}

function sameEdge(one: DependencyEdge, other: DependencyEdge): boolean {
  return one.upstream === other.upstream && one.downstream === other.downstream;
}
