/** The message above the *Tasks* view: which other program leads the tasks, or why none of them starts. */
import { machineName } from '../../../host/process/processIdentity';
import type { Leader } from '../../../services/tasks/leader';
import type { ViewContext } from '../viewContext';

/** One sentence for each folder with open tasks that this window does not lead; empty where it leads all of them. */
export function leadMessage(context: ViewContext, leaderOf: (folder: string) => Leader | undefined): string {
  const lines = context.records().flatMap((record) => {
    if (!record.isReadable || record.tasks.tasks().every(({ status }) => status === 'DONE')) return [];
    const name = context.nameOf(record.folder);
    switch (context.leaderState(record.folder)) {
      case 'following':
        return [followingWords(context, name, leaderOf(record.folder))];
      case 'forbidden':
        return [
          context.l10n.t(
            'Agents are not allowed in {0} yet. Allow them with Allow Agents… in the command palette.',
            name,
          ),
        ];
      case 'off':
      case 'leading':
        return [];
    }
  });
  return lines.join(' ');
}

function followingWords({ l10n }: ViewContext, name: string, leader: Leader | undefined): string {
  if (leader?.program !== 'ic lead') return l10n.t('The tasks of {0} are led by another window.', name);
  const { pid, machine } = leader;
  return machine === machineName()
    ? l10n.t('The tasks of {0} are led by ic lead, pid {1} on this machine.', name, pid)
    : l10n.t('The tasks of {0} are led by ic lead, pid {1} on {2}.', name, pid, machine);
}
