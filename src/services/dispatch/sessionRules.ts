/** Gives the rules of a person's settings to the sessions that are running (`docs/design/sessions.md#permissions`). */
import type { PermissionRule } from '../../contract/permissions/model';
import { findDispatchFiles } from '../../host/launcher/dispatchFiles';
import type { Log } from '../../host/log';
import { giveCommand, readSessionState } from '../../host/session/files/sessionFiles';
import { rulesDigest } from '../../host/session/rulesDigest';
import { activeDispatches } from '../../kernel/dispatch/service';
import { problemOf } from '../../kernel/errors/errors';
import type { ProjectKernel } from '../record/projectKernel';

export interface SessionRules {
  readonly kernels: readonly ProjectKernel[];
  /** The folders with files of dispatches. */
  readonly storages: readonly string[];
  readonly rules: readonly PermissionRule[];
  /** Whether sessions that show them are left out. One that is about to get others may show them, too. */
  readonly onlyOthers: boolean;
  /** The program that gives them. */
  readonly by: string;
  readonly log: Log;
}

/** A session that cannot be reached keeps the rules that it has. */
export async function giveRules({ kernels, storages, rules, onlyOthers, by, log }: SessionRules): Promise<void> {
  for (const kernel of kernels.filter(({ state }) => state.kind === 'ready' || state.kind === 'readOnly')) {
    for (const { id: dispatchId } of kernel.read((r) => activeDispatches(r))) {
      try {
        const files = await findDispatchFiles(storages, dispatchId);
        const state = files && (await readSessionState(files));
        if (files === undefined || state === undefined || state.phase === 'ended') continue;
        if (onlyOthers && state.rulesDigest === rulesDigest(rules)) continue;
        await giveCommand(files, { kind: 'rules', rules: [...rules], by });
      } catch (error) {
        log.warn('rules not given to a session', { dispatchId, problem: problemOf(error) });
      }
    }
  }
}
