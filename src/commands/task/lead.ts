/** *Take Over* and *Hand Over*: a person decides which program leads the tasks of a folder, a window or `ic lead`. */
import { inWords } from '../../kernel/errors/reasons/fill';
import path from 'node:path';
import * as vscode from 'vscode';
import { VIEWS } from '../../contract/views';
import { machineName } from '../../host/process/processIdentity';
import { KernelError } from '../../kernel/errors/errors';
import type { Leader } from '../../services/tasks/leader';
import { HANDED_OVER_MS } from '../../services/tasks/lead/lease';
import { confirm } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { pickFolder } from '../shared/pickers';
import { literally } from '../../window/dialogs/present';
import { noneAvailable } from '../shared/noneAvailable';

type Names = 'intercore.project.takeOver' | 'intercore.project.handOver';

export type LeadCommands = Pick<HandlersOf<'project'>, Names>;

export function leadCommands(deps: CommandDeps): LeadCommands {
  const { taskServices } = deps.host;
  const isLed = (leaderState: 'leading' | 'following') => (info: { readonly folder: string }) =>
    taskServices.leaderState(info.folder) === leaderState;
  return {
    'intercore.project.takeOver': async (args) => {
      const purpose = { title: vscode.l10n.t('Take Over Tasks'), action: 'take over', suits: isLed('following') };
      const folder = await pickFolder(deps, args.folder, purpose);
      if (taskServices.leaderState(folder) === 'leading') return { folder };
      const leader = taskServices.leader(folder);
      await confirm(args.confirm, {
        message: literally(vscode.l10n.t('Take over the tasks of “{name}”?', { name: path.basename(folder) })),
        detail: [
          ...(leader === undefined ? [] : [leaderSentence(leader)]),
          vscode.l10n.t(
            'The other program saves its work and hands over. Running agents continue, and this window follows them until they end. When this window closes, the other program takes over again.',
          ),
        ].join('\n\n'),
        verb: vscode.l10n.t('Take Over'),
      });
      if (!(await taskServices.takeOver(folder))) throw noneAvailable('leaderElsewhere');
      if (!(await comesTo(deps, () => taskServices.leaderState(folder) === 'leading'))) throw kept(deps, folder);
      return { folder };
    },
    'intercore.project.handOver': async (args) => {
      const purpose = { title: vscode.l10n.t('Hand Over Tasks'), action: 'hand over', suits: isLed('leading') };
      const folder = await pickFolder(deps, args.folder, purpose);
      const name = path.basename(folder);
      await confirm(args.confirm, {
        message: literally(vscode.l10n.t('Hand over the tasks of “{name}”?', { name })),
        detail: inWords(
          vscode.l10n,
          'Another window or ic lead that waits for the folder takes over. Running agents continue. If no other program takes over within {seconds} seconds, this window leads the tasks again.',
          { seconds: HANDED_OVER_MS / 1000 },
        ),
        verb: vscode.l10n.t('Hand Over'),
      });
      if (!(await taskServices.handOver(folder))) throw noneAvailable('leaderHere');
      await comesTo(
        deps,
        () => taskServices.leader(folder) !== undefined || taskServices.leaderState(folder) === 'leading',
      );
      const leader = taskServices.leader(folder);
      showLeader(deps, name, leader);
      return { folder, leader: leader ?? null };
    },
  };
}

/** Waits for the other program, which releases the tasks or takes over within seconds. False if it does not. */
async function comesTo({ host }: CommandDeps, isSo: () => boolean): Promise<boolean> {
  const waiting = async (): Promise<boolean> => {
    const limit = AbortSignal.timeout(HANDED_OVER_MS + 5000);
    while (!isSo() && !limit.aborted) {
      await new Promise<void>((resolve) => {
        const subscription = host.taskServices.onDidChange(done);
        limit.addEventListener('abort', done);
        function done(): void {
          subscription.dispose();
          limit.removeEventListener('abort', done);
          resolve();
        }
      });
    }
    return isSo();
  };
  return await vscode.window.withProgress({ location: { viewId: VIEWS.tasks } }, waiting);
}

function showLeader({ log }: CommandDeps, name: string, leader: Leader | undefined): void {
  inBackground(log, 'showing who leads', () =>
    leader === undefined
      ? vscode.window.showWarningMessage(
          literally(
            vscode.l10n.t('No other program took over the tasks of {name}. This window leads them again.', { name }),
          ),
        )
      : vscode.window.showInformationMessage(literally(leaderSentence(leader))),
  );
}

/** Who leads, in one sentence. */
function leaderSentence({ program, pid, machine }: Leader): string {
  const isHere = machine === machineName();
  if (program === 'ic lead') {
    return isHere
      ? vscode.l10n.t('The tasks are led by ic lead, pid {pid} on this machine.', { pid })
      : vscode.l10n.t('The tasks are led by ic lead, pid {pid} on {machine}.', { pid, machine });
  }
  return isHere
    ? vscode.l10n.t('The tasks are led by another window, pid {pid} on this machine.', { pid })
    : vscode.l10n.t('The tasks are led by another window, pid {pid} on {machine}.', { pid, machine });
}

function kept({ host }: CommandDeps, folder: string): KernelError {
  const leader = host.taskServices.leader(folder);
  if (leader === undefined) return noneAvailable('leaderElsewhere');
  const { pid, machine } = leader;
  return new KernelError('LEAD_KEPT', { folder, pid, machine, seconds: HANDED_OVER_MS / 1000 });
}
