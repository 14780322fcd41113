/** *Add Agent Kind…*: installs a known agent for this user, and offers to sign in. */
import * as vscode from 'vscode';
import type { AgentAddition, AgentRemoval } from '../../contract/results/agentKinds';
import { addedAgents } from '../../host/state/addedAgents';
import { addAgent } from '../../services/agents/acp/installation/addAgent';
import { removeAgent } from '../../services/agents/acp/installation/removeAgent';
import { dispatchesOf } from '../../services/operations/api/agentKinds';
import { KernelError } from '../../kernel/errors/errors';
import { noneAvailable } from '../shared/noneAvailable';
import { ADDABLE_AGENTS, shellLine } from '../../services/agents/acp/installation/adapters';
import type { AgentRecipe } from '../../services/agents/acp/recipes';
import { choose, confirm, Dismissed, type Choice } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';

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
      const added = await addWithProgress(deps, kind ?? (await pickAgent()));
      if (caller === 'person') inBackground(deps.log, 'offering a sign-in', () => offerSignIn(added));
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

async function pickAgent(): Promise<string> {
  const versions = new Map(addedAgents(process.env).map(({ kind, version }) => [kind.name, version]));
  return await choose(
    { title: vscode.l10n.t('Add Agent Kind'), placeholder: vscode.l10n.t('Select an agent to install with npm') },
    ADDABLE_AGENTS.map((recipe) => choiceOf(recipe, versions.get(recipe.name))),
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
      return await addAgent({ ...(await host.installation()), stopped: stop.signal }, kind);
    } finally {
      watching.dispose();
    }
  });
}

async function offerSignIn({ kind, title, version, signIn }: AgentAddition): Promise<void> {
  const message = vscode.l10n.t('{title} {version} was added as the agent kind {kind}.', { title, version, kind });
  const action = vscode.l10n.t('Sign In');
  const chosen = await vscode.window.showInformationMessage(message, ...(signIn === null ? [] : [action]));
  if (chosen !== action || signIn === null) return;
  const line = shellLine(signIn);
  const terminal = vscode.window.createTerminal({ name: title });
  terminal.show();
  // Typed only: a person runs it.
  terminal.sendText(line, false);
}
