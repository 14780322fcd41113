/** `ic needs`: everything that needs a person (`docs/design/commandLine.md`). */
import { ATTENTION_OPERATIONS } from '../../../contract/operations/attention';
import type { AttentionItem } from '../../../contract/results/attention';
import { SETTINGS } from '../../../contract/settings/settings';
import { knownStorages } from '../../../host/state/storages';
import type { CliCommand } from '../../command/command';
import { integerOf } from '../../grammar/values';
import { heldAccounts } from '../../host/heldAccounts';
import { operationCommands } from '../../operations/operationCommand';
import { present, type JsonValue } from '../../output/output';

const MINUTES = SETTINGS['intercore.attention.stuckMinutes'].fallback;
const ATTEMPTS = SETTINGS['intercore.attention.stuckAttempts'].fallback;
const WANTED = { min: 0, wanted: '0 or more' };

const command = operationCommands<'attention.list'>({
  declarations: ATTENTION_OPERATIONS,
  load: async () => (await import('../../../services/operations/api/attention.js')).attentionOperations,
});

const needs = command('attention.list', {
  summary: 'List what needs a person: blocked gates, requested overrides, failures, work to merge, stuck agents.',
  form: {
    flags: [
      {
        name: 'stuck-minutes',
        value: 'N',
        doc: `Minutes without output after which an agent is stuck (${MINUTES}; 0: never)`,
      },
      {
        name: 'stuck-attempts',
        value: 'N',
        doc: `Attempts without a change, or with the same error, that count as stuck (${ATTEMPTS}; 0: never)`,
      },
    ],
  },
  examples: ['ic needs', 'ic needs --json --stuck-minutes=30'],
  async around(context, work) {
    const { args, env } = context;
    const settings = {
      'intercore.attention.stuckMinutes': integerOf(args, 'stuck-minutes', WANTED) ?? MINUTES,
      'intercore.attention.stuckAttempts': integerOf(args, 'stuck-attempts', WANTED) ?? ATTEMPTS,
      'intercore.gates.tier': 'hard',
    } as const;
    const session = await context.session();
    const storages = await knownStorages(env);
    return await session.withLinks((links) => work({ links, storages, held: heldAccounts(env), settings }));
  },
  async text(items, { out, env }) {
    const lines = items.some(({ kind }) => kind === 'agentSignInNeeded') ? await signInLines(env) : undefined;
    for (const item of items) {
      // Held accounts name a kind, too.
      const line = item.kind === 'agentSignInNeeded' ? lines?.get(item.action.args.agentKind ?? '') : undefined;
      out.row(item.heading, item.title, item.reason, idOf(item), ...(line === undefined ? [] : [`sign in: ${line}`]));
    }
  },
  json: (items) => items.map(itemJson),
});

/** The command that signs in, by agent kind. */
async function signInLines(env: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, string>> {
  const { withBuiltIns } = await import('../../../services/agents/builtInKinds.js');
  const { readAgentKinds } = await import('../../../host/state/agentKindsFile.js');
  const { signInCommand } = await import('../../../services/agents/signIn.js');
  const kinds = withBuiltIns(await readAgentKinds(env), env);
  return new Map(kinds.map((kind) => [kind.name, signInCommand(kind) ?? kind.command]));
}

/** The most specific id of the item, for the next command, with the number of a request; empty for a whole folder. */
function idOf(item: AttentionItem): string {
  const { subtaskId, taskId, dispatchId, number, runId, projectId } = item.action.args;
  if (dispatchId !== undefined && number !== undefined) return `${dispatchId} ${number}`;
  return subtaskId ?? taskId ?? dispatchId ?? runId ?? projectId ?? accountOf(item) ?? '';
}

/** The mark of a held account, for `ic agent resume`. */
function accountOf({ facts }: AttentionItem): string | undefined {
  const account = facts['account'];
  return account === undefined ? undefined : String(account);
}

function itemJson(item: AttentionItem): JsonValue {
  const { id, kind, severity, title, heading, reason, since, action } = item;
  const { runId, dispatchId, number, projectId, taskId, subtaskId } = action.args;
  return present({
    id,
    kind,
    severity,
    title,
    heading,
    reason,
    since,
    command: action.command,
    run_id: runId,
    dispatch_id: dispatchId,
    number,
    project_id: projectId,
    task_id: taskId,
    subtask_id: subtaskId,
    account: accountOf(item),
  });
}

export const NEEDS_COMMANDS: readonly CliCommand[] = [needs];
