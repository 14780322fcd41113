/** `ic agent add|remove`: agents of this user. */
import { AGENT_KIND_OPERATIONS } from '../../../contract/operations/agentKinds';
import { readAgentKinds } from '../../../host/state/agentKindsFile';
import { withBuiltIns } from '../../../services/agents/builtInKinds';
import type { CliCommand } from '../../command/command';
import { operationCommands } from '../../operations/operationCommand';
import { struct } from '../../output/output';

const command = operationCommands<'agentKinds.add' | 'agentKinds.remove'>({
  declarations: AGENT_KIND_OPERATIONS,
  load: async () => (await import('../../../services/operations/api/agentKinds.js')).agentKindOperations,
});

const addKind = command('agentKinds.add', {
  summary: 'Install a known agent for this user with npm, at a tried version. Scripts of packages are not run.',
  byFolder: true,
  exits: { 2: 'it was not added' },
  examples: ['ic agent add claude-acp'],
  async text({ kind, title, version, license, signIn, missing }, context) {
    const { out } = context;
    out.line(`added ${kind}: ${title} ${version} (${license})`);
    const { env } = context;
    const { defaultHere } = await import('./defaultHere.js');
    out.message(await defaultHere(context, withBuiltIns(await readAgentKinds(env), env)));
    for (const { program, install } of missing) {
      out.message(`The agent kind ${kind} needs the program ${program}, which was not found on PATH.`);
      if (install !== null) out.message(`To install it, run: ${install}`);
    }
    if (signIn !== null) out.message(`To sign in, run: ${signIn.join(' ')}`);
  },
  json: ({ missing, ...added }) => struct({ ...added, missing: missing.map((program) => struct({ ...program })) }),
});

const removeKind = command('agentKinds.remove', {
  byFolder: true,
  exits: { 1: 'it was not added, or is running' },
  examples: ['ic agent remove claude-acp'],
  text: ({ kind, version }, { out }) => out.line(`removed ${kind} ${version}`),
  json: (removed) => struct({ ...removed }),
});

export const AGENT_KIND_COMMANDS: readonly CliCommand[] = [addKind, removeKind];
