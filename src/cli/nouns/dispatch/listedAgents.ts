/** Agents that can be added, and those of the protocol's list that cannot, with the reason. */
import { LIST_PROBLEMS, NOT_ADDABLE } from '../../../contract/agentList';
import { ADDABLE_AGENTS } from '../../../services/agents/acp/installation/adapters';
import { fetchedList, listedAgents } from '../../../services/agents/acp/installation/agentList';
import { refreshList } from '../../../services/agents/acp/installation/refreshList';
import { oneLine } from '../../../services/agents/acp/words';
import { EXIT, type CliContext, type ExitCode } from '../../command/command';
import { listAddressBySettings } from '../../host/editorSettings';

/** @param known the names of kinds, which are listed already */
export async function printAddable(context: CliContext, known: readonly string[]): Promise<ExitCode> {
  const { args, out, env } = context;
  const isGood = !args.switches.has('refresh') || (await refresh(context));
  for (const { name } of ADDABLE_AGENTS) if (!known.includes(name)) out.row(name, 'not added');
  const list = await fetchedList(env);
  for (const { id, title, version, license, because } of listedAgents(list)) {
    const facts = [title, version ?? '', license ?? ''].map((text) => oneLine(text));
    out.row(id, 'cannot be added', ...facts, NOT_ADDABLE[because]);
  }
  if (list !== undefined) {
    out.message(`The list is from ${list.address}, fetched ${new Date(list.fetchedAtMs).toISOString()}.`);
  } else if (!isGood) out.message('The bundled list is shown.');
  return isGood ? EXIT.ok : EXIT.failure;
}

async function refresh({ env, out }: CliContext): Promise<boolean> {
  const address = await listAddressBySettings(env);
  const refreshed = await refreshList({ stateEnvironment: env, address, nowMs: Date.now() });
  if (refreshed.kind !== 'failed') return true;
  const { problem, said } = refreshed;
  out.message(`The list was not fetched from ${address}: ${LIST_PROBLEMS[problem]} ${oneLine(said)}`.trim());
  return false;
}
