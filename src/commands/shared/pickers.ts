/** Finds what a command is about: what its arguments name, the only candidate, or the one a person picks. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { FolderInfo } from '../../contract/results/records';
import { runsInSession } from '../../contract/agentKinds';
import type { Dispatch } from '../../kernel/dispatch/model';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import type { Run, RunStatus } from '../../kernel/run/record/model';
import type { Agent, Artifact } from '../../kernel/tracking/model';
import { choose, separator, type Choice } from '../../window/dialogs/ask';
import { chooseGrowing, type GrowingList } from '../../window/dialogs/growingPick';
import { defined } from '../../kernel/defined';
import type { CommandDeps } from './deps';
import { plain } from '../../window/dialogs/labels';
import { hasContinuableSession } from '../../services/agents/session';
import { promptStarts } from '../../services/dispatch/start/promptLocation';
import { kernelOf, type RecordSelector } from '../../services/operations/host';
import { noneAvailable, type Choosable } from './noneAvailable';

/** What a picker is for. */
export interface Purpose<T> {
  readonly title: string;
  /** For programs and the log: `cancel`. */
  readonly action: string;
  readonly suits?: (candidate: T) => boolean;
}

/** What a run is picked for; `status` leaves out all others before a row is read. */
export interface RunPurpose extends Purpose<Run> {
  readonly status?: RunStatus;
}

/**
 * What a dispatch is picked for; `active` leaves out the ended ones, or the others, before a row is read. `session` leaves
 * out those whose kind has no sessions, or without a session to continue.
 */
export interface DispatchPurpose extends Purpose<Dispatch> {
  readonly active?: boolean;
  readonly session?: 'any' | 'continuable';
}

export interface RunTarget {
  readonly folder: string;
  readonly run: Run;
}

export interface DispatchTarget {
  readonly folder: string;
  readonly dispatch: Dispatch;
}

/** A folder. `suits` leaves out those where the command cannot work. */
export async function pickFolder(
  { api }: CommandDeps,
  folder: string | undefined,
  purpose: Purpose<FolderInfo>,
): Promise<string> {
  if (folder !== undefined) return path.resolve(folder);
  const { title, action, suits = () => true } = purpose;
  const all = api.folders();
  if (all.length === 0) throw new KernelError('NO_FOLDER', { action });
  const choices = all.filter(suits).map((info) => ({
    label: path.basename(info.folder),
    description: info.folder,
    value: info.folder,
  }));
  return await only(choices, { title, placeholder: vscode.l10n.t('Select a folder') }, 'folder');
}

/** A run: the one named, or one of those that suit in the folder named or in all. */
export async function pickRun(
  { api, host }: CommandDeps,
  where: RecordSelector,
  purpose: RunPurpose,
): Promise<RunTarget> {
  const { title, action, status, suits = () => true } = purpose;
  const { runId } = where;
  if (runId !== undefined) {
    const { folder } = await kernelOf(host, where, action);
    return { folder, run: await api.runs.get({ folder, runId }) };
  }
  const pages: PagedChoices<RunTarget> = async (folder, page) => {
    const { runs, nextFrom } = await api.runs.list({ folder, ...defined({ status }), ...page });
    const choices = runs.filter(suits).map((run) => ({
      label: plain(run.goal),
      description: `${run.phase} · ${run.status} · ${run.id}`,
      value: { folder, run },
    }));
    return { choices, hasOlder: nextFrom !== null };
  };
  const question: PagedQuestion = { title, placeholder: vscode.l10n.t('Select a run'), what: 'run', action };
  return await onePaged({ api, host }, where.folder, question, pages);
}

/** A dispatch: the one named, or one of those that suit. */
export async function pickDispatch(
  { api, host }: CommandDeps,
  where: RecordSelector,
  purpose: DispatchPurpose,
): Promise<DispatchTarget> {
  const { title, action, active } = purpose;
  const { dispatchId } = where;
  if (dispatchId !== undefined) {
    const { folder } = await kernelOf(host, where, action);
    return { folder, dispatch: await api.dispatches.get({ folder, dispatchId }) };
  }
  const pages: PagedChoices<DispatchTarget> = async (folder, page) => {
    const filter = active === undefined ? {} : { active };
    const { dispatches, nextFrom } = await api.dispatches.list({ folder, ...filter, ...page });
    const suiting = dispatches.filter((dispatch) => isWanted(host, folder, dispatch, purpose));
    const prompts = await promptStarts(host.dispatcher.storages, folder, suiting);
    const choices = suiting.map((dispatch) => ({
      ...dispatchLabels(dispatch, prompts.get(dispatch.id) ?? ''),
      value: { folder, dispatch },
    }));
    return { choices, hasOlder: nextFrom !== null };
  };
  const question: PagedQuestion = { title, placeholder: vscode.l10n.t('Select a dispatch'), what: 'dispatch', action };
  return await onePaged({ api, host }, where.folder, question, pages);
}

function isWanted(
  { dispatcher, kernels }: CommandDeps['host'],
  folder: string,
  dispatch: Dispatch,
  { session, suits = () => true }: DispatchPurpose,
): boolean {
  if (!suits(dispatch)) return false;
  if (session === undefined) return true;
  const isSessionKind = (name: string): boolean =>
    dispatcher.kinds().some((kind) => kind.name === name && runsInSession(kind));
  if (session === 'any') return isSessionKind(dispatch.agentType);
  return kernels.get(folder)?.read((r) => hasContinuableSession(r, dispatch, isSessionKind)) === true;
}

/** Dispatches of one kind often have the same name: the time and the start of the prompt tell them apart. */
function dispatchLabels(
  { id, name, agentType, status, startedAt, createdAt }: Dispatch,
  prompt: string,
): Pick<vscode.QuickPickItem, 'label' | 'description' | 'detail'> {
  const time = new Date((startedAt ?? createdAt) * 1000).toLocaleString(vscode.env.language);
  const detail = plain(prompt.trimStart().replace(/^#+ /, ''));
  return {
    label: plain(name ?? agentType),
    description: [agentType, status, time, id].join(' · '),
    ...(detail === '' ? {} : { detail }),
  };
}

/** One of some phases of a run. */
export async function pickPhase(
  phases: readonly string[],
  question: { readonly title: string; readonly placeholder: string },
): Promise<string> {
  const choices = phases.map((phase) => ({ label: phase, value: phase }));
  if (choices.length === 0) throw noneAvailable('phase');
  return await choose(question, choices);
}

export async function pickAgent(agents: readonly Agent[], title: string): Promise<string> {
  const choices = agents.map((agent) => ({
    label: plain(agent.name ?? agent.agentType),
    description: `${agent.agentType} · ${agent.status} · ${agent.id}`,
    value: agent.id,
  }));
  return await only(choices, { title, placeholder: vscode.l10n.t('Select an agent') }, 'agent');
}

export async function pickArtifact(artifacts: readonly Artifact[], title: string): Promise<Artifact> {
  const choices = artifacts.map((artifact) => ({
    label: plain(artifact.path),
    description: `${artifact.phase} · ${artifact.type}`,
    value: artifact,
  }));
  return await only(choices, { title, placeholder: vscode.l10n.t('Select an artifact') }, 'artifact');
}

/**
 * The candidates of the folder named, or of every folder whose record can be read, under a separator each. Where none
 * can be read, the failure of the first is the answer.
 */
export async function inFolders<T>(
  { api, host }: Pick<CommandDeps, 'api' | 'host'>,
  folder: string | undefined,
  action: string,
  list: (folder: string) => Promise<Choice<T>[]>,
): Promise<(Choice<T> | vscode.QuickPickItem)[]> {
  if (folder !== undefined) return await list(path.resolve(folder));
  await Promise.all(host.kernels.all().map((kernel) => kernel.load()));
  const all = api.folders();
  const readable = all.filter(({ state }) => state === 'ready' || state === 'readOnly');
  const [first] = all;
  if (first === undefined) throw new KernelError('NO_FOLDER', { action });
  if (readable.length === 0) return await list(first.folder);
  const listed = await Promise.allSettled(
    readable.map(async (info) => ({ name: path.basename(info.folder), choices: await list(info.folder) })),
  );
  const groups = listed.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failures = listed.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
  if (groups.length === 0) throw failures[0];
  for (const failure of failures) host.log.warn('folder left out of a choice', { problem: problemOf(failure) });
  const filled = groups.filter(({ choices }) => choices.length > 0);
  if (filled.length === 1) return filled[0]?.choices ?? [];
  return filled.flatMap(({ name, choices }) => [separator(name), ...choices]);
}

/** The only choice without asking, else the one picked. */
export async function only<T>(
  items: readonly (Choice<T> | vscode.QuickPickItem)[],
  question: { readonly title: string; readonly placeholder: string },
  what: Choosable,
): Promise<T> {
  const [first, second] = items;
  if (first === undefined) throw noneAvailable(what);
  if (second === undefined && 'value' in first) return first.value;
  return await choose(question, items);
}

/** Rows of a folder that are read first; as many as a person scrolls through. */
const FIRST_ROWS = 200;
/** Rows of a folder that are read at once where a person asks for more. */
const MORE_ROWS = 1000;

/** The choices among the rows of a page, and whether there are rows after it. */
type PagedChoices<T> = (
  folder: string,
  page: { readonly from: number; readonly limit: number },
) => Promise<{ readonly choices: Choice<T>[]; readonly hasOlder: boolean }>;

interface PagedQuestion {
  readonly title: string;
  readonly placeholder: string;
  readonly what: Choosable;
  readonly action: string;
}

/** As `only`, among rows of long lists: a page of each folder is read, older rows when the person asks for them or types. */
async function onePaged<T extends object>(
  deps: Pick<CommandDeps, 'api' | 'host'>,
  folder: string | undefined,
  question: PagedQuestion,
  choicesOf: PagedChoices<T>,
): Promise<T> {
  const read = new Map<string, { readonly choices: readonly Choice<T>[]; readonly hasOlder: boolean }>();
  let from = 0;
  const readOn = async (limit: number): Promise<GrowingList<T>> => {
    const items = await inFolders(deps, folder, question.action, async (each) => {
      const { choices, hasOlder } = read.get(each) ?? { choices: [], hasOlder: true };
      if (!hasOlder) return [...choices];
      const page = await choicesOf(each, { from, limit });
      const all = [...choices, ...page.choices];
      read.set(each, { choices: all, hasOlder: page.hasOlder });
      return all;
    });
    from += limit;
    return { items, hasMore: [...read.values()].some(({ hasOlder }) => hasOlder) };
  };
  let list = await readOn(FIRST_ROWS);
  // Rows that do not suit may fill whole pages.
  while (list.hasMore && list.items.length === 0) list = await readOn(MORE_ROWS);
  if (!list.hasMore) return await only(list.items, question, question.what);
  return await chooseGrowing({ ...question, more: vscode.l10n.t('Show Older…') }, list, () => readOn(MORE_ROWS));
}
