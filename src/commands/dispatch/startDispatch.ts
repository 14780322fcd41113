/** Start Dispatch: agent kind, run, prompt, name and model, with Back between them. */
import path from 'node:path';
import * as vscode from 'vscode';
import { withBuiltIns } from '../../contract/agentKinds';
import { MAX_PROMPT_LENGTH } from '../../contract/operations/dispatches';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { isLimit } from '../../kernel/dispatch/limit';
import type { Dispatch } from '../../kernel/dispatch/model';
import type { Run } from '../../kernel/run/record/model';
import { Dismissed, askInSteps, choose, enter, type StepPosition } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import type { CommandDeps } from '../shared/deps';
import type { Invocation } from '../shared/invocation';
import { plain } from '../../window/dialogs/labels';
import { kernelOf } from '../../services/operations/host';
import { pickFolder } from '../shared/pickers';
import { offerQueue } from './queue';

type Draft = CommandArgs<'intercore.dispatch.start'>;

export async function startDispatch(deps: CommandDeps, args: Draft, caller: Invocation['caller']): Promise<Dispatch> {
  const folder = await folderFor(deps, args);
  const draft: Draft = { ...args, folder };
  if (args.prompt === undefined && args.promptFile === undefined) await complete(deps, folder, args, draft);
  if (caller === 'person') {
    const kind = draft.kind ?? deps.host.setting('intercore.agents.default', folder);
    await deps.host.taskServices.allowAgents(folder, undefined, kind);
  }
  try {
    return await deps.api.dispatches.start(draft);
  } catch (error) {
    if (caller === 'program' || !isLimit(error)) throw error;
    inBackground(deps.log, 'offering to queue a dispatch', () => offerQueue(deps, error, draft));
    throw new Dismissed();
  }
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

/** Newest active runs to choose from; the menu of an older one starts a dispatch for it. */
const MOST_RUNS = 200;

/** Asks for all that the caller did not give. */
async function complete(deps: CommandDeps, folder: string, args: Draft, draft: Draft): Promise<void> {
  const { runs } = await deps.api.runs.list({ folder, status: 'active', limit: MOST_RUNS });
  const named = args.runId === undefined ? undefined : await deps.api.runs.get({ folder, runId: args.runId });
  let source: PromptSource = 'text';
  await askInSteps([
    {
      applies: () => args.kind === undefined,
      ask: async (place) => {
        draft.kind = await chooseKind(deps, folder, draft.kind, place);
      },
    },
    {
      applies: () => args.runId === undefined && runs.length > 0,
      ask: async (place) => {
        draft.runId = await chooseRun(runs, draft.runId, place);
      },
    },
    {
      applies: () => true,
      ask: async (place) => {
        source = await chooseSource(source, place);
        draft.promptFile = await fileOf(source, folder);
        if (source !== 'text') draft.prompt = undefined;
      },
    },
    {
      applies: () => source === 'text',
      ask: async (place) => {
        const goal = (named ?? runs.find(({ id }) => id === draft.runId))?.goal;
        draft.prompt = await enterPrompt(draft.prompt ?? goal, place);
      },
    },
    {
      applies: () => args.name === undefined,
      ask: async (place) => {
        draft.name = await enterOptional(vscode.l10n.t('Dispatch name (optional)'), draft.name, place);
      },
    },
    {
      applies: () => args.model === undefined,
      ask: async (place) => {
        draft.model = await enterOptional(
          vscode.l10n.t("Model (leave empty for the agent's default)"),
          draft.model,
          place,
        );
      },
    },
  ]);
}

async function chooseKind(
  { host }: CommandDeps,
  folder: string,
  value: string | undefined,
  place: StepPosition,
): Promise<string> {
  const usual = host.setting('intercore.agents.default', folder);
  const kinds = withBuiltIns(host.setting('intercore.agents.kinds'));
  const sorted = [...kinds].sort((a, b) => Number(b.name === usual) - Number(a.name === usual));
  return await choose(
    { title: title(), placeholder: vscode.l10n.t('Select an agent'), value: value ?? usual },
    sorted.map(({ name, command }) => ({ label: name, description: command, value: name })),
    place,
  );
}

async function chooseRun(
  runs: readonly Run[],
  value: string | undefined,
  place: StepPosition,
): Promise<string | undefined> {
  const choices = runs.map((run) => ({
    label: plain(run.goal),
    description: `${run.phase} · ${run.id}`,
    value: run.id,
  }));
  const question = { title: title(), placeholder: vscode.l10n.t('Select a run for the dispatch (optional)') };
  return await choose<string | undefined>(
    value === undefined ? question : { ...question, value },
    [...choices, { label: vscode.l10n.t('No run'), value: undefined }],
    place,
  );
}

/** A prompt that is typed, a file to choose, or this file: the one in the editor. */
type PromptSource = 'text' | 'file' | vscode.Uri;

async function chooseSource(value: PromptSource, place: StepPosition): Promise<PromptSource> {
  const open = vscode.window.activeTextEditor?.document;
  const current = open?.uri.scheme === 'file' && !open.isDirty ? open.uri : undefined;
  return await choose<PromptSource>(
    { title: title(), placeholder: vscode.l10n.t('Select the source of the prompt'), value },
    [
      { label: vscode.l10n.t('Enter Text'), value: 'text' },
      ...(current === undefined
        ? []
        : [{ label: vscode.l10n.t('Use {file}', { file: path.basename(current.fsPath) }), value: current }]),
      { label: vscode.l10n.t('Choose File…'), value: 'file' },
    ],
    place,
  );
}

/** The file the prompt is read from, asked for where need be; undefined for a prompt that is typed. */
async function fileOf(source: PromptSource, folder: string): Promise<string | undefined> {
  if (source === 'text') return undefined;
  return source === 'file' ? await chooseFile(folder) : source.fsPath;
}

async function enterPrompt(value: string | undefined, place: StepPosition): Promise<string> {
  return await enter(
    {
      title: title(),
      placeholder: vscode.l10n.t('What should the agent do?'),
      value: value ?? '',
      problem: (text) => {
        if (text.trim() === '') return vscode.l10n.t('The prompt must not be empty.');
        return text.length > MAX_PROMPT_LENGTH
          ? vscode.l10n.t('The prompt is too long. Save it in a file instead.')
          : undefined;
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
  place: StepPosition,
): Promise<string | undefined> {
  const text = await enter(
    {
      title: title(),
      placeholder,
      value: value ?? '',
      problem: (given) => (given.length > 200 ? vscode.l10n.t('The text is too long.') : undefined),
    },
    place,
  );
  return text.trim() === '' ? undefined : text.trim();
}
