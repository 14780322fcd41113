/** What helps against an item of `ic needs`, in a shell: commands, and the fields of a question. */
import type { AttentionItem, AttentionKind } from '../../../contract/results/attention';
import type { FormField } from '../../../contract/sessions';
import { findDispatchFiles } from '../../../host/launcher/dispatchFiles';
import { currentState } from '../../../host/session/files/sessionFiles';
import { readAgentKinds } from '../../../host/state/agentKindsFile';
import { knownStorages } from '../../../host/state/storages';
import { isSentenceOf } from '../../../kernel/errors/errors';
import { isAddable } from '../../../services/agents/acp/installation/adapters';
import { withBuiltIns } from '../../../services/agents/builtInKinds';
import { signInCommand } from '../../../services/agents/signIn';
import type { CliContext } from '../../command/command';
import { kindsNotInstalled, missingPermissions } from '../../dispatching/agentPermissions';
import { answerTo } from '../../output/answerCommand';

export interface Remedy {
  /** A label, as in `allow`, with its command line. */
  readonly commands: readonly (readonly [label: 'allow' | 'answer' | 'install' | 'sign in' | 'start', line: string])[];
  readonly fields: readonly FormField[];
}

const NONE: Remedy = { commands: [], fields: [] };

const FINDERS: { readonly [K in AttentionKind]?: (item: AttentionItem, context: CliContext) => Promise<Remedy> } = {
  consentNeeded: async (_, context) => await allowed(context),
  agentsNotInstalled: async (_, context) => {
    const { commands: allowances, fields } = await allowed(context);
    return { commands: [...(await installations(context)), ...allowances], fields };
  },
  workToAllow: ({ action }) => Promise.resolve(commands('start', [startOf(action.args)])),
  dispatchNotStarted: async (item, context) => {
    const { commands: allowances } = await notAllowed(item, context);
    return { commands: [...allowances, ['start', startOf(item.action.args)]], fields: [] };
  },
  permissionAsked: answered,
  questionAsked: answered,
  agentSignInNeeded: async ({ action }, { env }) => {
    const kinds = withBuiltIns(await readAgentKinds(env), env);
    const kind = kinds.find(({ name }) => name === action.args.agentKind);
    return kind === undefined ? NONE : commands('sign in', [signInCommand(kind) ?? kind.command]);
  },
};

async function allowed(context: CliContext): Promise<Remedy> {
  const { kernel } = await context.session();
  const { kinds, tasks } = await missingPermissions(context.env, kernel);
  const lines = [...kinds.map(allowance), ...(tasks ? ['ic lead --allow-tasks'] : [])];
  // A leader that waits was started with other settings than the editor's.
  return commands('allow', lines.length === 0 ? [allowance('KIND')] : lines);
}

/** An adapter is installed as an agent kind, and the programs that it starts by their own lines. */
async function installations(context: CliContext): Promise<Remedy['commands']> {
  const { kernel } = await context.session();
  const found = await kindsNotInstalled(context.env, kernel);
  const lines = found.flatMap(({ kind, missing }) =>
    missing.flatMap(({ program, install }) =>
      isAddable(kind) && program === kind.command ? [`ic agent add ${kind.name}`] : (install ?? []),
    ),
  );
  return commands('install', [...new Set(lines)]).commands;
}

export async function remedyOf(item: AttentionItem, context: CliContext): Promise<Remedy> {
  return await (FINDERS[item.kind] ?? notAllowed)(item, context);
}

function commands(label: Remedy['commands'][number][0], lines: readonly string[]): Remedy {
  return { commands: lines.map((line) => [label, line]), fields: [] };
}

function allowance(kind: string): string {
  return `ic agent allow ${kind}`;
}

function startOf({ dispatchId = '' }: AttentionItem['action']['args']): string {
  return `ic dispatch queue start ${dispatchId}`;
}

/** For work that could not start because its kind of agent is not allowed. */
async function notAllowed({ facts }: AttentionItem, { env }: CliContext): Promise<Remedy> {
  const problem = String(facts['problem'] ?? '');
  if (!isSentenceOf('AGENT_NOT_ALLOWED', problem)) return NONE;
  const words = problem.split(' ');
  const kind = withBuiltIns(await readAgentKinds(env), env).find(({ name }) => words.includes(name));
  return kind === undefined ? NONE : commands('allow', [allowance(kind.name)]);
}

async function answered({ action }: AttentionItem, { env }: CliContext): Promise<Remedy> {
  const { dispatchId = '', number } = action.args;
  const files = await findDispatchFiles(await knownStorages(env), dispatchId);
  const state = files && (await currentState(files));
  const request = state?.requests.find((open) => open.number === number);
  // It may have been answered meanwhile.
  if (request === undefined) return NONE;
  const fields = request.kind === 'question' ? request.fields : [];
  return { commands: [['answer', answerTo(dispatchId, request)]], fields };
}
