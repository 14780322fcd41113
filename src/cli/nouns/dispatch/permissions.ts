/**
 * `ic agent|hooks|trust …`: what this user allows in a folder. It is stored in the user's state, never in the record.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { withBuiltIns, findKind } from '../../../services/agents/builtInKinds';
import { readAgentKinds } from '../../../host/state/agentKindsFile';
import { FolderLedger, type LedgerTopic } from '../../../host/files/folderLedger';
import { passEnvOf } from '../../../host/state/passEnv';
import { databasePath } from '../../../host/files/paths';
import { ledgerFolder } from '../../../host/state/stateFolder';
import { AgentConsents } from '../../../services/consent/agentConsent';
import { allowHook, hooksOf, revokeHooks } from '../../../services/consent/hookConsent';
import type { CliCommand, CliContext } from '../../command/command';
import { EXIT } from '../../command/command';
import { TRUSTED } from '../../host/recordOwner';
import { positional } from '../../grammar/values';
import { AGENT_KIND_COMMANDS } from './agentKinds';
import { HELD_AGENT_COMMANDS } from './heldAgents';

const ledgerOf = ({ env }: Pick<CliContext, 'env'>, topic: LedgerTopic): FolderLedger =>
  new FolderLedger(ledgerFolder(env), topic);

/** The nearest folder upwards that has a record, else the working directory. */
function projectFolder({ cwd }: Pick<CliContext, 'cwd'>): string {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (existsSync(databasePath(folder))) return folder;
    if (folder === path.dirname(folder)) return cwd;
  }
}

const allowAgent: CliCommand = {
  words: ['agent', 'allow'],
  byFolder: true,
  summary:
    'Allow agents of a kind in this folder. In a session they ask by their permission policy; others ask for nothing.',
  operands: '<kind>',
  strict: true,
  exits: { 2: 'no such kind' },
  examples: ['ic agent allow claude'],
  async run(context) {
    const kinds = withBuiltIns(await readAgentKinds(context.env), context.env);
    const kind = findKind(kinds, positional(context.args, 0, context.usage));
    const folder = projectFolder(context);
    new AgentConsents(ledgerOf(context, 'agents')).allow(folder, [kind]);
    context.out.line(`allowed in ${folder}: ${[kind.command, ...kind.args].join(' ')}`);
    return EXIT.ok;
  },
};

const listAgents: CliCommand = {
  words: ['agent', 'list'],
  byFolder: true,
  summary:
    'List the agent kinds, whether they are allowed in this folder and installed, its default, and known agents.',
  flags: [{ name: 'refresh', doc: "Fetch the protocol's list of agents first" }],
  strict: true,
  exits: { 2: 'the list was not fetched; the earlier one is shown' },
  examples: ['ic agent list --refresh'],
  async run(context) {
    const consents = new AgentConsents(ledgerOf(context, 'agents'));
    const folder = projectFolder(context);
    const kinds = withBuiltIns(await readAgentKinds(context.env), context.env);
    const { missingByKind } = await import('../../../services/leader/installedKinds.js');
    const missing = await missingByKind(kinds, { variables: context.env, passEnv: passEnvOf(context.env) });
    for (const kind of kinds) {
      const programs = missing.get(kind.name)?.map(({ program }) => program) ?? [];
      const isAllowed = consents.isAllowed(folder, kind) ? 'allowed' : 'not allowed';
      context.out.row(kind.name, isAllowed, programs.length === 0 ? 'installed' : `missing: ${programs.join(', ')}`);
    }
    const { defaultHere } = await import('./defaultHere.js');
    context.out.message(await defaultHere(context, kinds));
    const { printAddable } = await import('./listedAgents.js');
    return await printAddable(
      context,
      kinds.map(({ name }) => name),
    );
  },
};

const revokeAgent: CliCommand = {
  words: ['agent', 'revoke'],
  byFolder: true,
  summary: 'Stop allowing agents of a kind in this folder. Running agents continue.',
  operands: '<kind>',
  strict: true,
  run(context) {
    const folder = projectFolder(context);
    new AgentConsents(ledgerOf(context, 'agents')).revoke(folder, positional(context.args, 0, context.usage));
    context.out.line('revoked');
    return Promise.resolve(EXIT.ok);
  },
};

const allowHooks: CliCommand = {
  words: ['hooks', 'allow'],
  byFolder: true,
  summary: 'Allow the hooks of this folder in their current form. A changed hook must be allowed again.',
  strict: true,
  exits: { 1: 'there are no hooks' },
  async run(context) {
    const folder = projectFolder(context);
    const ledger = ledgerOf(context, 'hooks');
    const found = await hooksOf(ledger, folder);
    for (const hook of found) {
      if (hook.kind === 'unusable') context.out.message(`hooks allow: ${hook.name}: ${hook.problem}`);
      else {
        allowHook(ledger, folder, hook);
        context.out.row(hook.name, 'allowed');
      }
    }
    return found.length === 0 ? EXIT.negative : EXIT.ok;
  },
};

const listHooks: CliCommand = {
  words: ['hooks', 'list'],
  byFolder: true,
  summary: 'List the hooks of this folder, and whether they are allowed.',
  strict: true,
  async run(context) {
    for (const hook of await hooksOf(ledgerOf(context, 'hooks'), projectFolder(context))) {
      context.out.row(hook.name, hook.kind === 'unusable' ? hook.problem : hook.kind);
    }
    return EXIT.ok;
  },
};

const revoke: CliCommand = {
  words: ['hooks', 'revoke'],
  byFolder: true,
  summary: 'Stop allowing the hooks of this folder.',
  strict: true,
  run(context) {
    revokeHooks(ledgerOf(context, 'hooks'), projectFolder(context));
    context.out.line('revoked');
    return Promise.resolve(EXIT.ok);
  },
};

const addTrust: CliCommand = {
  words: ['trust', 'add'],
  byFolder: true,
  summary: 'Allow ic to open the record of a folder that belongs to another user.',
  operands: '[<folder>]',
  strict: true,
  run(context) {
    const folder = path.resolve(context.cwd, context.args.positionals[0] ?? '.');
    ledgerOf(context, 'owners').add(folder, [TRUSTED]);
    context.out.line(`trusted: ${folder}`);
    return Promise.resolve(EXIT.ok);
  },
};

const removeTrust: CliCommand = {
  words: ['trust', 'remove'],
  byFolder: true,
  summary: 'Stop allowing ic to open the record of a folder that belongs to another user.',
  operands: '[<folder>]',
  strict: true,
  run(context) {
    const folder = path.resolve(context.cwd, context.args.positionals[0] ?? '.');
    ledgerOf(context, 'owners').remove(folder, (entry) => entry === TRUSTED);
    context.out.line(`not trusted: ${folder}`);
    return Promise.resolve(EXIT.ok);
  },
};

export const PERMISSION_COMMANDS: readonly CliCommand[] = [
  allowAgent,
  listAgents,
  revokeAgent,
  allowHooks,
  listHooks,
  revoke,
  addTrust,
  removeTrust,
  ...AGENT_KIND_COMMANDS,
  ...HELD_AGENT_COMMANDS,
];
