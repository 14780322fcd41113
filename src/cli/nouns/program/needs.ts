/** `ic needs`: what waits for a person (`docs/design/commandLine.md`). */
import type { AttentionItem } from '../../../contract/results/attention';
import { SETTINGS } from '../../../contract/settings/settings';
import { systemClock } from '../../../host/clock';
import { gitIn } from '../../host/git';
import { silentLog } from '../../../host/log';
import { heldAccounts } from '../../host/heldAccounts';
import { knownStorages } from '../../../host/state/storages';
import { attentionNow, type FolderFacts } from '../../../services/attention/folderAttention';
import type { CliCommand } from '../../command';
import { EXIT } from '../../command';
import { present, type JsonValue } from '../../output/output';
import { integerOf } from '../../grammar/values';

const MINUTES = SETTINGS['intercore.attention.stuckMinutes'].fallback;
const ATTEMPTS = SETTINGS['intercore.attention.stuckAttempts'].fallback;
const WANTED = { min: 0, wanted: '0 or more' };

const needs: CliCommand = {
  words: ['needs'],
  summary: 'What waits for a person: gates that blocked, overrides asked for, failures, work to merge, stuck agents.',
  strict: true,
  json: true,
  flags: [
    { name: 'stuck-minutes', value: 'N', doc: `Without output for so long an agent is stuck (${MINUTES}; 0: never)` },
    { name: 'stuck-attempts', value: 'N', doc: `Attempts without change or alike in error (${ATTEMPTS}; 0: never)` },
  ],
  examples: ['ic needs', 'ic needs --json --stuck-minutes=30'],
  async run(context) {
    const { args, flags, out } = context;
    const minutes = integerOf(args, 'stuck-minutes', WANTED) ?? MINUTES;
    const attempts = integerOf(args, 'stuck-attempts', WANTED) ?? ATTEMPTS;
    const opened = await context.session();
    const storages = await knownStorages(context.env);
    const items = await opened.withLinks((links) => {
      const facts: FolderFacts = {
        clock: systemClock,
        storages: () => storages,
        links,
        tier: () => 'hard',
        limits: () => ({ minutes, attempts }),
        // A window asks on its own; a leader that waits is known by its lock.
        leaderState: () => 'off',
        held: () => heldAccounts(context.env),
      };
      return attentionNow({ ...facts, git: gitIn(context.env, opened.kernel.folder), log: silentLog }, opened.kernel);
    });
    if (flags.json) out.map(items.map(itemJson));
    else for (const item of items) out.row(item.heading, item.title, item.reason, idOf(item));
    return EXIT.ok;
  },
};

/** The most exact id of what the item is about, for the next command; empty for a whole folder. */
function idOf(item: AttentionItem): string {
  const { subtaskId, taskId, dispatchId, runId, projectId } = item.action.args;
  return subtaskId ?? taskId ?? dispatchId ?? runId ?? projectId ?? accountOf(item) ?? '';
}

/** The mark of a held account, for `ic agent resume`. */
function accountOf({ facts }: AttentionItem): string | undefined {
  const account = facts['account'];
  return account === undefined ? undefined : String(account);
}

function itemJson(item: AttentionItem): JsonValue {
  const { id, kind, severity, title, heading, reason, since, action } = item;
  const { runId, dispatchId, projectId, taskId, subtaskId } = action.args;
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
    project_id: projectId,
    task_id: taskId,
    subtask_id: subtaskId,
    account: accountOf(item),
  });
}

export const NEEDS_COMMANDS: readonly CliCommand[] = [needs];
