/** Commands on what runs gather: artifacts and agents. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/reasons/problem';
import { AGENT_STATUSES, type Artifact } from '../../kernel/tracking/model';
import { defined } from '../../kernel/defined';
import { Dismissed, choose, enter } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { insideFolder } from '../../services/operations/run/projectPath';
import { pickAgent, pickArtifact, pickRun, type RunTarget } from '../shared/pickers';
import type { RecordSelector } from '../../services/operations/host';

export function artifactCommands(deps: CommandDeps): HandlersOf<'artifact'> {
  const { api } = deps;
  return {
    'intercore.artifact.add': async (args) => {
      const { folder, run } = await runForFiles(deps, args, args.paths !== undefined);
      const paths = args.paths ?? (await chooseFiles(vscode.l10n.t('Add Artifact'), folder));
      return await api.artifacts.add({ ...args, folder, runId: run.id, paths });
    },
    'intercore.artifact.open': async (args) => {
      const title = vscode.l10n.t('Open Artifact');
      const { folder, run } = await pickRun(deps, args, { title, action: 'open an artifact of' });
      const artifacts = await api.artifacts.list({ folder, runId: run.id });
      const artifact =
        args.artifactId === undefined ? await pickArtifact(artifacts, title) : byId(artifacts, args.artifactId);
      await openFile(folder, artifact);
      return artifact;
    },
  };
}

export function agentCommands(
  deps: CommandDeps,
): Omit<HandlersOf<'agent'>, 'intercore.agent.addKind' | 'intercore.agent.removeKind'> {
  const { api } = deps;
  return {
    'intercore.agent.add': async (args) => {
      const title = vscode.l10n.t('Add Agent');
      const { folder, run } = await pickRun(deps, args, {
        title,
        action: 'add an agent to',
        status: 'active' as const,
      });
      const asked = args.agentType === undefined && args.name === undefined && args.dispatchId === undefined;
      const name = asked ? await enterName(title) : args.name;
      return await api.agents.add({ ...args, folder, runId: run.id, ...defined({ name }) });
    },
    'intercore.agent.update': async (args) => {
      const title = vscode.l10n.t('Set Agent Status');
      const { folder, agentId } = await agentTarget(deps, args, title);
      const status =
        args.status ??
        (await choose(
          { title, placeholder: vscode.l10n.t('Select the status of the agent') },
          AGENT_STATUSES.map((value) => ({ label: value, value })),
        ));
      return await api.agents.update({ ...defined({ folder }), agentId, status });
    },
  };
}

async function agentTarget(
  deps: CommandDeps,
  args: RecordSelector & { readonly agentId?: string | undefined },
  title: string,
): Promise<{ readonly folder: string | undefined; readonly agentId: string }> {
  if (args.agentId !== undefined) return { folder: args.folder, agentId: args.agentId };
  const { folder, run } = await pickRun(deps, args, { title, action: 'change an agent of', status: 'active' as const });
  return { folder, agentId: await pickAgent(await deps.api.agents.list({ folder, runId: run.id }), title) };
}

/** Files that are given go to the folder's current run without a question; otherwise the run is picked. */
async function runForFiles(deps: CommandDeps, where: RecordSelector, given: boolean): Promise<RunTarget> {
  const purpose = { title: vscode.l10n.t('Add Artifact'), action: 'add artifacts to', status: 'active' as const };
  if (given && where.runId === undefined && where.folder !== undefined) {
    const run = await deps.api.runs.current({ folder: where.folder });
    if (run !== null) return { folder: where.folder, run };
  }
  return await pickRun(deps, where, purpose);
}

export async function chooseFiles(title: string, folder: string | undefined): Promise<string[]> {
  const files = await vscode.window.showOpenDialog({
    title,
    openLabel: vscode.l10n.t('Add'),
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.file(folder) }),
    canSelectMany: true,
  });
  if (files === undefined) throw new Dismissed();
  return files.map(({ fsPath }) => fsPath);
}

async function enterName(title: string): Promise<string | undefined> {
  const name = await enter({
    title,
    placeholder: vscode.l10n.t('Agent name (optional)'),
    problem: (text) => (text.length > 200 ? vscode.l10n.t('The name is too long.') : undefined),
  });
  return name.trim() === '' ? undefined : name.trim();
}

function byId(artifacts: readonly Artifact[], id: string): Artifact {
  const artifact = artifacts.find((candidate) => candidate.id === id);
  if (artifact === undefined) throw new KernelError('NOT_FOUND', { what: 'artifact', id });
  return artifact;
}

/** The path is a stored one, which another program may have written: only a file inside the folder is opened. */
async function openFile(folder: string, artifact: Artifact): Promise<void> {
  const file = path.join(folder, insideFolder(folder, artifact.path));
  const uri = vscode.Uri.file(file);
  const facts = await stat(file).catch((error: unknown) => {
    throw new KernelError('FILE_UNREADABLE', { path: file, problem: foreignText(problemOf(error)) });
  });
  await vscode.commands.executeCommand(facts.isDirectory() ? 'revealInExplorer' : 'vscode.open', uri);
}
