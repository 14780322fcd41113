/** Start Dispatch: agent kind, run, prompt, name and model, with Back between them. */
import path from 'node:path';
import * as vscode from 'vscode';
import { withBuiltIns } from '../contract/agentKinds';
import { MAX_PROMPT_LENGTH } from '../contract/api';
import type { CommandArgs } from '../contract/commands';
import type { Dispatch } from '../kernel/dispatch/model';
import type { Run } from '../kernel/run/model';
import { Dismissed, askInSteps, choose, enter, type Place } from './ask';
import type { CommandDeps } from './deps';
import { plain } from './labels';
import { kernelOf } from './operations/host';
import { pickFolder } from './pickers';

type Draft = CommandArgs<'intercore.dispatch.start'>;

export async function startDispatch(deps: CommandDeps, args: Draft): Promise<Dispatch> {
  const folder = await folderFor(deps, args);
  const draft: Draft = { ...args, folder };
  if (args.prompt === undefined && args.promptFile === undefined) await complete(deps, folder, args, draft);
  return await deps.api.dispatches.start(draft);
}

async function folderFor(deps: CommandDeps, args: Draft): Promise<string> {
  const purpose = {
    title: title(),
    action: 'start agents in',
    suits: ({ state }: { state: string }) => state === 'ready',
  };
  if (args.folder === undefined && args.runId !== undefined)
    return (await kernelOf(deps.host, args, purpose.action)).folder;
  return await pickFolder(deps, args.folder, purpose);
}

const title = () => vscode.l10n.t('Start Dispatch');

/** Asks for all that the caller did not give. */
async function complete(deps: CommandDeps, folder: string, args: Draft, draft: Draft): Promise<void> {
  const { runs } = await deps.api.runs.list({ folder, status: 'active' });
  await askInSteps([
    {
      applies: args.kind === undefined,
      ask: async (place) => {
        draft.kind = await chooseKind(deps, folder, place);
      },
    },
    {
      applies: args.runId === undefined && runs.length > 0,
      ask: async (place) => {
        draft.runId = await chooseRun(runs, place);
      },
    },
    {
      applies: true,
      ask: async (place) => {
        Object.assign(draft, await askPrompt(runs.find(({ id }) => id === draft.runId)?.goal, folder, place));
      },
    },
    {
      applies: args.name === undefined,
      ask: async (place) => {
        draft.name = await enterOptional(vscode.l10n.t('Name of the dispatch; may be empty'), draft.name, place);
      },
    },
    {
      applies: args.model === undefined,
      ask: async (place) => {
        draft.model = await enterOptional(vscode.l10n.t("Model; empty for the agent's own choice"), draft.model, place);
      },
    },
  ]);
}

async function chooseKind({ host }: CommandDeps, folder: string, place: Place): Promise<string> {
  const usual = host.setting('intercore.agents.default', folder);
  const kinds = withBuiltIns(host.setting('intercore.agents.kinds'));
  const sorted = [...kinds].sort((a, b) => Number(b.name === usual) - Number(a.name === usual));
  return await choose(
    { title: title(), placeholder: vscode.l10n.t('Which agent?') },
    sorted.map(({ name, command }) => ({ label: name, description: command, value: name })),
    place,
  );
}

async function chooseRun(runs: readonly Run[], place: Place): Promise<string | undefined> {
  const choices = runs.map((run) => ({
    label: plain(run.goal),
    description: `${run.phase} · ${run.id}`,
    value: run.id,
  }));
  return await choose<string | undefined>(
    { title: title(), placeholder: vscode.l10n.t('For which run?') },
    [...choices, { label: vscode.l10n.t('No run'), value: undefined }],
    place,
  );
}

type Prompt = Pick<Draft, 'prompt' | 'promptFile'>;

async function askPrompt(goal: string | undefined, folder: string, place: Place): Promise<Prompt> {
  const open = vscode.window.activeTextEditor?.document;
  const current = open?.uri.scheme === 'file' && !open.isDirty ? open.uri.fsPath : undefined;
  const source = await choose<'text' | 'file' | 'current'>(
    { title: title(), placeholder: vscode.l10n.t('Where does the prompt come from?') },
    [
      { label: vscode.l10n.t('Type it'), value: 'text' },
      ...(current === undefined
        ? []
        : [{ label: vscode.l10n.t('Use {file}', { file: path.basename(current) }), value: 'current' as const }]),
      { label: vscode.l10n.t('Choose a file…'), value: 'file' },
    ],
    place,
  );
  if (source === 'current' && current !== undefined) return { prompt: undefined, promptFile: current };
  if (source === 'file') return { prompt: undefined, promptFile: await chooseFile(folder) };
  return { prompt: await enterPrompt(goal, place), promptFile: undefined };
}

async function enterPrompt(goal: string | undefined, place: Place): Promise<string> {
  return await enter(
    {
      title: title(),
      placeholder: vscode.l10n.t('What should the agent do?'),
      value: goal ?? '',
      problem: (text) => {
        if (text.trim() === '') return vscode.l10n.t('The prompt must not be empty.');
        return text.length > MAX_PROMPT_LENGTH ? vscode.l10n.t('Put so long a prompt into a file.') : undefined;
      },
    },
    place,
  );
}

async function chooseFile(folder: string): Promise<string> {
  const files = await vscode.window.showOpenDialog({ title: title(), defaultUri: vscode.Uri.file(folder) });
  const file = files?.[0];
  if (file === undefined) throw new Dismissed();
  return file.fsPath;
}

async function enterOptional(
  placeholder: string,
  value: string | undefined,
  place: Place,
): Promise<string | undefined> {
  const text = await enter(
    {
      title: title(),
      placeholder,
      value: value ?? '',
      problem: (given) => (given.length > 200 ? vscode.l10n.t('That is too long.') : undefined),
    },
    place,
  );
  return text.trim() === '' ? undefined : text.trim();
}
