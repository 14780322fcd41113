/** `ic agent add`: installs a known agent for this user. */
import { AGENT_KIND_OPERATIONS } from '../../../contract/operations/agentKinds';
import type { CliCommand } from '../../command/command';
import { operationCommands } from '../../operations/operationCommand';
import { struct } from '../../output/output';

const command = operationCommands<'agentKinds.add'>({
  declarations: AGENT_KIND_OPERATIONS,
  load: async () => (await import('../../../services/operations/api/agentKinds.js')).agentKindOperations,
});

const addKind = command('agentKinds.add', {
  summary: 'Install a known agent for this user with npm, at a tried version. Scripts of packages are not run.',
  byFolder: true,
  exits: { 2: 'it was not added' },
  examples: ['ic agent add claude-acp'],
  text({ kind, title, version, license, signIn }, { out }) {
    out.line(`added ${kind}: ${title} ${version} (${license})`);
    if (signIn !== null) out.message(`To sign in, run: ${signIn.join(' ')}`);
  },
  json: (added) => struct({ ...added }),
});

export const AGENT_KIND_COMMANDS: readonly CliCommand[] = [addKind];
