/** Create Run: the goal, with phases and budget as rows that can be changed. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import { chainProblem } from '../../kernel/run/record/phaseNames';
import { DEFAULT_CHAIN, MAX_GOAL_LENGTH, type Run } from '../../kernel/run/record/model';
import { askInSteps, choose, enter, type StepPosition, type Step } from '../../window/dialogs/ask';
import { failureText } from '../../window/dialogs/present';
import { editorRows, fillIn, type FormRow } from '../../window/dialogs/form';
import type { CommandDeps } from '../shared/deps';
import { pickFolder } from '../shared/pickers';

type Draft = CommandArgs<'intercore.run.create'>;

export async function createRun(deps: CommandDeps, args: Draft): Promise<Run> {
  const title = vscode.l10n.t('Create Run');
  const folder = await pickFolder(deps, args.folder, { title, action: 'create runs in', suits: isWritable });
  const draft: Draft = { ...args, folder };
  // What a caller with a goal left out takes its default.
  if (args.goal === undefined) draft.goal = await askAll(deps, { title, folder }, args, draft);
  const { goal, ...rest } = draft;
  if (goal === undefined)
    throw new KernelError('INVALID_ARGUMENT', { argument: 'goal', problem: because('it is missing') });
  return await deps.api.runs.create({ ...rest, goal });
}

/** The goal is enough: phases and budget have defaults. */
async function askAll(
  deps: CommandDeps,
  { title, folder }: { readonly title: string; readonly folder: string },
  args: Draft,
  draft: Draft,
): Promise<string> {
  const { l10n } = vscode;
  const phases: FormRow = {
    icon: 'git-commit',
    text: '',
    change: () => askInSteps(chainSteps(deps, { title, folder, asks: true }, draft), 'form'),
  };
  const budget: FormRow = {
    icon: 'dashboard',
    text: '',
    change: async (place) => {
      draft.tokenBudget = await enterBudget(title, draft.tokenBudget, place);
    },
  };
  return await fillIn({
    title,
    placeholder: l10n.t('What should be true when the run is done?'),
    problem: goalProblem,
    rows: () => {
      const chain = (draft.phases ?? DEFAULT_CHAIN).join(' → ');
      const { tokenBudget: tokens } = draft;
      const budgetText = tokens ? l10n.t('Token budget: {0}', tokens) : l10n.t('Token budget: none');
      return [
        { icon: 'add', text: l10n.t('Create the run') },
        ...(args.phases === undefined ? [{ ...phases, text: l10n.t('Phases: {0}', chain) }] : []),
        ...(args.tokenBudget === undefined ? [{ ...budget, text: budgetText }] : []),
        ...editorRows(),
      ];
    },
  });
}

function isWritable({ state }: { readonly state: string }): boolean {
  return state === 'ready' || state === 'loading';
}

export async function enterGoal(title: string, value: string | undefined, place?: StepPosition): Promise<string> {
  return await enter(
    {
      title,
      placeholder: vscode.l10n.t('What should be true when the run is done?'),
      value: value ?? '',
      problem: goalProblem,
    },
    place,
  );
}

function goalProblem(text: string): string | undefined {
  if (text.trim() === '') return vscode.l10n.t('The goal must not be empty.');
  return text.length > MAX_GOAL_LENGTH ? vscode.l10n.t('The goal is too long.') : undefined;
}

/** Asks for the phase chain: one of the presets, or phases of the person's own. */
export function chainSteps(
  deps: CommandDeps,
  { title, folder, asks }: { readonly title: string; readonly folder: string | undefined; readonly asks: boolean },
  draft: { phases?: string[] | undefined },
): Step[] {
  let chain: Chain;
  let custom = '';
  return [
    {
      applies: () => asks,
      ask: async (place) => {
        chain = await chooseChain(deps, folder, { title, value: chain }, place);
        draft.phases = chain === undefined || chain === CUSTOM ? undefined : [...chain];
      },
    },
    {
      applies: () => chain === CUSTOM,
      ask: async (place) => {
        custom = await enterChain(title, custom, place);
        draft.phases = phasesOf(custom);
      },
    },
  ];
}

const CUSTOM = Symbol('custom chain');
/** The phases of a preset, the question for others, or undefined for the full chain. */
type Chain = readonly string[] | typeof CUSTOM | undefined;

async function chooseChain(
  { host }: CommandDeps,
  folder: string | undefined,
  { title, value }: { readonly title: string; readonly value: Chain },
  place: StepPosition,
): Promise<Chain> {
  const presets = Object.entries(host.setting('intercore.runs.chains', folder));
  return await choose<Chain>(
    { title, placeholder: vscode.l10n.t('Select the phases of the run'), value },
    [
      { label: vscode.l10n.t('Full'), detail: DEFAULT_CHAIN.join(' → '), value: undefined },
      ...presets.map(([label, phases]) => ({ label, detail: phases.join(' → '), value: phases })),
      { label: vscode.l10n.t('Custom…'), detail: vscode.l10n.t('Enter Phases'), value: CUSTOM },
    ],
    place,
  );
}

async function enterChain(title: string, value: string, place: StepPosition): Promise<string> {
  return await enter(
    {
      title,
      placeholder: vscode.l10n.t('Phases in order, separated by spaces or commas'),
      value,
      problem: (given) => {
        const problem = chainProblem(phasesOf(given));
        return problem && failureText(new KernelError('INVALID_ARGUMENT', { argument: 'phases', problem }));
      },
    },
    place,
  );
}

function phasesOf(text: string): string[] {
  return text.split(/[\s,\u2192>]+/u).filter((phase) => phase !== '');
}

/** Tokens, or undefined for an empty line. */
export async function enterBudget(
  title: string,
  value: number | null | undefined,
  place?: StepPosition,
): Promise<number | undefined> {
  const text = await enter(
    {
      title,
      placeholder: vscode.l10n.t('Token budget (leave empty for none)'),
      value: value ? String(value) : '',
      problem: (given) =>
        given.trim() === '' || Number.isSafeInteger(budgetOf(given))
          ? undefined
          : vscode.l10n.t('Enter a whole number greater than 0.'),
    },
    place,
  );
  return text.trim() === '' ? undefined : budgetOf(text);
}

/** NaN where the text is not a whole number above zero. */
function budgetOf(text: string): number {
  const digits = text.replace(/[\s_.,]/g, '');
  return /^[1-9]\d*$/.test(digits) ? Number(digits) : Number.NaN;
}
