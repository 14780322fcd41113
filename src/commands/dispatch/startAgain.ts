/** Starts the work of a dispatch again that failed before its agent could work: the same prompt, kind, and run. */
import { defined } from '../../kernel/defined';
import { narrowed } from '../../kernel/dispatch/permissionPolicy';
import { dispatchProcess, getDispatch } from '../../kernel/dispatch/service';
import type { Dispatch } from '../../kernel/dispatch/model';
import { findRun } from '../../kernel/run/record/queries';
import { kernelOf } from '../../services/operations/host';
import { earlierPrompt } from '../../services/operations/run/earlierPrompt';
import type { CommandDeps } from '../shared/deps';
import { startDispatch } from './startDispatch';

/**
 * As a person who clicks it, so that a kind that is not allowed is asked about.
 * @throws KernelError as `dispatches.start`, and where the prompt cannot be read
 */
export async function startAgain(
  deps: CommandDeps,
  where: { readonly folder?: string | undefined; readonly dispatchId: string },
): Promise<Dispatch> {
  const { host, services } = deps;
  const kernel = await kernelOf(host, where, 'start agents in');
  const { dispatch, stored, run } = kernel.read((r) => {
    const found = getDispatch(r, where.dispatchId);
    const scope = found.scopeId === null ? undefined : findRun(r, found.scopeId);
    return { dispatch: found, stored: dispatchProcess(r, found.id)?.permissions, run: scope };
  });
  const prompt = await earlierPrompt({ kernel, dispatcher: host.dispatcher }, dispatch);
  const own = services.settings.get('intercore.agents.permissions');
  // The record may come from elsewhere, so it gives the agent less than the settings, or the same.
  const permissions = narrowed(own, stored);
  const { agentType: kind, name, model } = dispatch;
  const given = {
    runId: run?.id,
    name: name ?? undefined,
    model: model ?? undefined,
    permissions: permissions === own ? undefined : permissions,
  };
  return await startDispatch(deps, { folder: kernel.folder, kind, prompt, ...defined(given) }, 'person');
}
