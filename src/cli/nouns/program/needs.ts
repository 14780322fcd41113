/** `ic needs`: everything that needs a person (`docs/design/commandLine.md`). */
import { ATTENTION_OPERATIONS } from '../../../contract/operations/attention';
import type { AttentionItem } from '../../../contract/results/attention';
import { SETTINGS } from '../../../contract/settings/settings';
import { knownStorages } from '../../../host/state/storages';
import type { ProjectKernel } from '../../../services/record/kernels';
import type { CliCommand, CliContext } from '../../command/command';
import { integerOf } from '../../grammar/values';
import { heldAccounts } from '../../host/heldAccounts';
import { operationCommands } from '../../operations/operationCommand';
import { fieldJson, fieldWords } from '../../output/answerCommand';
import { present, type JsonValue } from '../../output/output';
import type { Remedy } from './remedies';

const MINUTES = SETTINGS['intercore.attention.stuckMinutes'].fallback;
const ATTEMPTS = SETTINGS['intercore.attention.stuckAttempts'].fallback;
const WANTED = { min: 0, wanted: '0 or more' };

const command = operationCommands<'attention.list'>({
  declarations: ATTENTION_OPERATIONS,
  load: async () => (await import('../../../services/operations/api/attention.js')).attentionOperations,
});

const needs = command('attention.list', {
  summary: 'List what needs a person: requests of agents, agents to allow, blocked gates, failures, work to merge.',
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
    const { args, env, name, out } = context;
    const settings = {
      'intercore.attention.stuckMinutes': integerOf(args, 'stuck-minutes', WANTED) ?? MINUTES,
      'intercore.attention.stuckAttempts': integerOf(args, 'stuck-attempts', WANTED) ?? ATTEMPTS,
      'intercore.gates.tier': 'hard',
    } as const;
    const session = await context.session();
    const storages = await knownStorages(env);
    const isForbidden = async (kernel: ProjectKernel): Promise<boolean> => {
      const { isForbiddenHere } = await import('../../dispatching/agentPermissions.js');
      return await isForbiddenHere(env, kernel, (problem) => {
        out.message(`${name}: agents that wait for permission are not listed: ${problem}`);
      });
    };
    const missingPrograms = async (kernel: ProjectKernel): Promise<readonly string[]> => {
      const { missingProgramsHere } = await import('../../dispatching/agentPermissions.js');
      return await missingProgramsHere(env, kernel, (problem) => {
        out.message(`${name}: programs of agents are not checked: ${problem}`);
      });
    };
    return await session.withLinks((links) =>
      work({ links, storages, held: heldAccounts(env), settings, isForbidden, missingPrograms }),
    );
  },
  async text(items, context) {
    for (const item of items) {
      const { commands, fields } = await remedyIn(context, item);
      context.out.row(
        item.heading,
        item.title,
        item.reason,
        idOf(item),
        ...fields.map((field) => `field: ${fieldWords(field)}`),
        ...commands.map(([label, line]) => `${label}: ${line}`),
      );
    }
  },
  async json(items, context) {
    const rows: JsonValue[] = [];
    for (const item of items) rows.push(itemJson(item, await remedyIn(context, item)));
    return rows;
  },
});

async function remedyIn(context: CliContext, item: AttentionItem): Promise<Remedy> {
  const { remedyOf } = await import('./remedies.js');
  return await remedyOf(item, context);
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

function itemJson(item: AttentionItem, { commands, fields }: Remedy): JsonValue {
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
    ic: commands.length === 0 ? undefined : commands.map(([, line]) => line),
    fields: fields.length === 0 ? undefined : fields.map(fieldJson),
  });
}

export const NEEDS_COMMANDS: readonly CliCommand[] = [needs];
