/** *Add Agent Kind…* and *Remove Agent Kind…*: known agents that are installed for this user. */
import * as vscode from 'vscode';
import { LIST_PROBLEMS, NOT_ADDABLE, type ListedAgent } from '../../contract/agentList';
import type { AgentAddition, AgentRemoval } from '../../contract/results/agentKinds';
import { addedAgents } from '../../host/state/addedAgents';
import { removeAgent } from '../../services/agents/acp/installation/removeAgent';
import { addForUser, dispatchesOf } from '../../services/operations/api/agentKinds';
import { KernelError } from '../../kernel/errors/errors';
import { noneAvailable } from '../shared/noneAvailable';
import { ADDABLE_AGENTS } from '../../services/agents/acp/installation/adapters';
import { fetchedList, listedAgents, type FetchedList } from '../../services/agents/acp/installation/agentList';
import { refreshList } from '../../services/agents/acp/installation/refreshList';
import type { AgentRecipe } from '../../services/agents/acp/recipes';
import { choose, confirm, Dismissed, separator, type Choice } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import { plain } from '../../window/dialogs/labels';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { offerNext } from './addedAgent';

export function agentKindCommands(
  deps: CommandDeps,
): Pick<HandlersOf<'agent'>, 'intercore.agent.addKind' | 'intercore.agent.removeKind'> {
  return {
    'intercore.agent.removeKind': async ({ kind, confirm: confirmed }) => {
      const all = deps.host.kernels.all();
      if (all.length === 0) throw new KernelError('NO_FOLDER', { action: 'remove an agent kind' });
      return await removeKind(deps, kind ?? (await pickAdded()), confirmed);
    },
    'intercore.agent.addKind': async ({ kind }, caller) => {
      const added = await addWithProgress(deps, kind ?? (await pickAgent(deps)));
      if (caller === 'person') inBackground(deps.log, 'offering what follows', () => offerNext(deps, added));
      return added;
    },
  };
}

async function pickAdded(): Promise<string> {
  const added = addedAgents(process.env);
  if (added.length === 0) throw noneAvailable('addedAgent');
  return await choose(
    { title: vscode.l10n.t('Remove Agent Kind'), placeholder: vscode.l10n.t('Select an agent to remove') },
    added.map(({ kind: { name }, version }) => ({ label: name, description: version, value: name })),
  );
}

async function removeKind({ host }: CommandDeps, kind: string, confirmed: true | undefined): Promise<AgentRemoval> {
  await confirm(confirmed, {
    message: vscode.l10n.t('Remove the agent kind {kind}?', { kind }),
    detail: vscode.l10n.t('Its package is deleted. Dispatches that wait for it fail. You can add it again.'),
    verb: vscode.l10n.t('Remove'),
  });
  return await removeAgent(process.env, kind, dispatchesOf(host.kernels.all(), kind));
}

/** Again after a refresh of the list, and after a choice of an agent that cannot be added. */
async function pickAgent(deps: CommandDeps): Promise<string> {
  const versions = new Map(addedAgents(process.env).map(({ kind, version }) => [kind.name, version]));
  for (let value: string | undefined; ;) {
    const list = await fetchedList(process.env);
    value = await choose<string | undefined>(
      { title: vscode.l10n.t('Add Agent Kind'), placeholder: vscode.l10n.t('Select an agent to install with npm') },
      [
        ...ADDABLE_AGENTS.map((recipe) => choiceOf(recipe, versions.get(recipe.name))),
        { label: vscode.l10n.t('Refresh List'), detail: sourceOf(list), value: REFRESH },
        separator(vscode.l10n.t('Listed, but cannot be added')),
        ...listedAgents(list).map((agent) => listedChoice(agent)),
      ],
    );
    if (value === REFRESH) await refresh(deps);
    else if (value !== undefined) return value;
  }
}

/** Not the name of a kind. */
const REFRESH = '\0';

function listedChoice({ id, title, version, license, because }: ListedAgent): Choice<undefined> {
  const facts = [license === null ? '' : vscode.l10n.t('License {license}', { license }), version ?? ''];
  const reason = vscode.l10n.t(NOT_ADDABLE[because]);
  const detail = plain([reason, ...facts.filter((fact) => fact !== '')].join(' '));
  return { label: plain(title), description: plain(id), detail, value: undefined };
}

function sourceOf(list: FetchedList | undefined): string {
  if (list === undefined) return vscode.l10n.t('The list that comes with Intercore is shown.');
  const date = new Date(list.fetchedAtMs).toLocaleString(vscode.env.language);
  return plain(vscode.l10n.t('Fetched {date} from {address}', { date, address: list.address }));
}

async function refresh({ services, log }: CommandDeps): Promise<void> {
  const address = services.settings.get('intercore.agents.listAddress');
  const title = vscode.l10n.t('Fetching the list of agents…');
  const location = vscode.ProgressLocation.Notification;
  const refreshed = await vscode.window.withProgress({ location, title }, () =>
    refreshList({ stateEnvironment: process.env, address, nowMs: Date.now() }),
  );
  if (refreshed.kind !== 'failed') return;
  const { problem, said } = refreshed;
  log.warn('list of agents not fetched', { address, problem, said });
  const facts = { address, problem: vscode.l10n.t(LIST_PROBLEMS[problem]) };
  inBackground(log, 'reporting a list that was not fetched', () =>
    vscode.window.showWarningMessage(
      vscode.l10n.t('The list of agents was not fetched from {address}. {problem} The earlier list is shown.', facts),
    ),
  );
}

function choiceOf(recipe: AgentRecipe, installed: string | undefined): Choice<string> {
  const { name, title, version, license, installedMb, session } = recipe;
  const facts = { license, package: recipe.package, version, size: installedMb };
  const detail =
    installed === undefined
      ? vscode.l10n.t('License {license}, {size} MB, {package} {version}', facts)
      : vscode.l10n.t('Installed: {installed}. License {license}, {size} MB, {package} {version}', {
          ...facts,
          installed,
        });
  const asks = session.askMode !== undefined;
  const description = asks ? name : vscode.l10n.t('{kind}, runs without permission prompts', { kind: name });
  return { label: title, description, detail, value: name };
}

async function addWithProgress({ host }: CommandDeps, kind: string): Promise<AgentAddition> {
  const title = vscode.l10n.t('Installing {kind}…', { kind });
  const location = vscode.ProgressLocation.Notification;
  return await vscode.window.withProgress({ location, title, cancellable: true }, async (_progress, token) => {
    const stop = new AbortController();
    const watching = token.onCancellationRequested(() => stop.abort(new Dismissed()));
    try {
      return await addForUser({ ...(await host.installation()), stopped: stop.signal }, kind);
    } finally {
      watching.dispose();
    }
  });
}
