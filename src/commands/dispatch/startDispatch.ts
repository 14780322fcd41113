/** Start Dispatch: the prompt, with agent, run, name and model as rows that can be changed. Enter starts the agent. */
import path from 'node:path';
import * as vscode from 'vscode';
import { runsInSession } from '../../contract/agentKinds';
import { MAX_PROMPT_LENGTH } from '../../contract/operations/dispatches';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { isLimit } from '../../kernel/dispatch/limit';
import type { Dispatch } from '../../kernel/dispatch/model';
import type { Run } from '../../kernel/run/record/model';
import { Dismissed, choose, confirm, enter, type StepPosition } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import { fillIn, type FormRow } from '../../window/dialogs/form';
import type { CommandDeps } from '../shared/deps';
import type { Invocation } from '../shared/invocation';
import { plain } from '../../window/dialogs/labels';
import { kernelOf } from '../../services/operations/host';
import { chooseKind } from '../shared/kindPicker';
import { pickFolder } from '../shared/pickers';
import { AttachmentRows } from './attachmentRows';
import { choosePolicy, policyRow } from '../shared/policyChoice';
import { offerQueue } from './queue';

type Draft = CommandArgs<'intercore.dispatch.start'>;

export async function startDispatch(deps: CommandDeps, args: Draft, caller: Invocation['caller']): Promise<Dispatch> {
  const folder = await folderFor(deps, args);
  const draft: Draft = { ...args, folder };
  if (args.prompt === undefined && args.promptFile === undefined) await complete(deps, folder, args, draft);
  await confirmPolicy(deps, draft.permissions);
  if (caller === 'person') {
    draft.kind ??= await usualKind(deps, folder);
    await deps.host.taskServices.allowAgents(folder, undefined, draft.kind);
  }
  try {
    return await deps.api.dispatches.start(draft);
  } catch (error) {
    if (caller === 'program' || !isLimit(error)) throw error;
    inBackground(deps.log, 'offering to queue a dispatch', () =>
      offerQueue(error, () => deps.api.dispatches.queue(draft)),
    );
    throw new Dismissed();
  }
}

async function usualKind({ host }: CommandDeps, folder: string): Promise<string> {
  return (await host.defaultKind(folder)).kind;
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

/** An agent that may do everything unasked needs a person's consent, unless the settings allow it. */
async function confirmPolicy({ host }: CommandDeps, policy: Draft['permissions']): Promise<void> {
  if (policy !== 'allowAll' || host.setting('intercore.agents.permissions') === 'allowAll') return;
  await confirm(undefined, {
    message: vscode.l10n.t('Allow this agent everything?'),
    detail: vscode.l10n.t('It runs commands and changes files anywhere without asking you.'),
    verb: vscode.l10n.t('Allow Everything'),
  });
}

const title = () => vscode.l10n.t('Start Dispatch');

/** Newest active runs to choose from; the menu of an older one starts a dispatch for it. */
const MOST_RUNS = 200;

/** Asks for the prompt. All else that the caller did not give has a default: the usual agent, for the newest active run. */
async function complete(deps: CommandDeps, folder: string, args: Draft, draft: Draft): Promise<void> {
  const { l10n } = vscode;
  const { runs } = await deps.api.runs.list({ folder, status: 'active', limit: MOST_RUNS });
  const named = args.runId === undefined ? undefined : await deps.api.runs.get({ folder, runId: args.runId });
  draft.kind ??= await usualKind(deps, folder);
  if (args.runId === undefined) draft.runId = runs[0]?.id;
  const goalOf = (): string => (named ?? runs.find(({ id }) => id === draft.runId))?.goal ?? '';
  const attached = new AttachmentRows(folder, args.attachments);
  /** Others would not know a permission policy. */
  const asks = (name: string): boolean =>
    deps.host.dispatcher.kinds().some((kind) => kind.name === name && runsInSession(kind));
  const rows = (): FormRow[] => {
    const { kind = '', name, model } = draft;
    const goal = plain(goalOf());
    const start = goal === '' ? l10n.t('Start {0} without a run', kind) : l10n.t('Start {0} for “{1}”', kind, goal);
    return [
      { icon: 'play', text: start },
      ...fileRows(folder, draft),
      ...optional(args.kind, 'hubot', l10n.t('Agent: {0}', kind), async (place) => {
        const usual = await usualKind(deps, folder);
        const question = { title: title(), placeholder: l10n.t('Select an agent'), value: draft.kind ?? usual };
        draft.kind = await chooseKind(deps, question, { first: usual }, place);
        if (!asks(draft.kind)) draft.permissions = args.permissions;
      }),
      ...(runs.length === 0
        ? []
        : optional(
            args.runId,
            'target',
            goal === '' ? l10n.t('Run: none') : l10n.t('Run: {0}', goal),
            async (place) => {
              draft.runId = await chooseRun(runs, draft.runId, place);
            },
          )),
      ...optional(args.name, 'tag', l10n.t('Name: {0}', name ?? kind), async (place) => {
        draft.name = await enterOptional(l10n.t('Dispatch name (optional)'), draft.name, place);
      }),
      ...optional(
        args.model,
        'settings',
        model === undefined ? l10n.t("Model: the agent's default") : l10n.t('Model: {0}', model),
        async (place) => {
          draft.model = await enterOptional(l10n.t("Model (leave empty for the agent's default)"), draft.model, place);
        },
      ),
      ...attached.rows(),
      ...(asks(kind)
        ? optional(args.permissions, 'shield', policyRow(draft.permissions), async (place) => {
            draft.permissions = await choosePolicy(title(), draft.permissions, place);
          })
        : []),
    ];
  };
  const prompt = await fillIn({
    title: title(),
    placeholder:
      goalOf() === ''
        ? l10n.t('What should the agent do?')
        : l10n.t('What should the agent do? (leave empty for the goal of the run)'),
    problem: (text) => promptProblem(text.trim() === '' ? goalOf() : text),
    rows,
  });
  if (draft.promptFile !== undefined) return;
  draft.prompt = prompt.trim() === '' ? goalOf() : prompt;
  draft.attachments = attached.attachments;
}

/** A row for what the caller left out. */
function optional(given: string | undefined, icon: string, text: string, change: FormRow['change']): FormRow[] {
  return given === undefined && change !== undefined ? [{ icon, text, change }] : [];
}

/** Prompts that are read from a file: the one in the editor, or one to choose. */
function fileRows(folder: string, draft: Draft): FormRow[] {
  const open = vscode.window.activeTextEditor?.document;
  const current = open?.uri.scheme === 'file' && !open.isDirty ? open.uri.fsPath : undefined;
  const give = (file: () => Promise<string>) => async (): Promise<string> => (draft.promptFile = await file());
  return [
    ...(current === undefined
      ? []
      : [
          {
            icon: 'file',
            text: vscode.l10n.t('Use {file} as the prompt', { file: path.basename(current) }),
            give: give(() => Promise.resolve(current)),
          },
        ]),
    {
      icon: 'folder-opened',
      text: vscode.l10n.t('Choose a file as the prompt…'),
      give: give(() => chooseFile(folder)),
    },
  ];
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

function promptProblem(text: string): string | undefined {
  if (text.trim() === '') return vscode.l10n.t('The prompt must not be empty.');
  return text.length > MAX_PROMPT_LENGTH
    ? vscode.l10n.t('The prompt is too long. Save it in a file instead.')
    : undefined;
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
