/** `ic lead`: starts the leader, which is a bundle of its own, so that no other command has to load it. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Leading from '../lead/lead';
import { EXIT, type CliCommand } from '../command';
import { textOf } from '../values';

const lead: CliCommand = {
  words: ['lead'],
  summary: 'Make agents work on tasks and on the queue without a window, until stopped.',
  operands: '[<folder>...]',
  strict: true,
  json: true,
  flags: [
    { name: 'workspace', value: 'FILE', doc: 'The .code-workspace file whose folders are led and portfolios relayed' },
    { name: 'once', doc: 'End when nothing is left to do' },
    { name: 'settings', value: 'FILE', doc: "The user's settings, in place of those of the editor" },
    {
      name: 'set',
      value: 'SETTING=JSON',
      doc: 'A setting for this leader; may be repeated',
      repeated: true,
      spaced: true,
    },
    { name: 'trust', doc: 'Trust the folders: their settings that start programs or weaken limits count, too' },
    { name: 'storage', value: 'FOLDER', doc: 'Where worktrees, prompts and logs go' },
    { name: 'allow-agents', value: 'KINDS', doc: 'Let agents of these kinds run in the folders; names with commas' },
    { name: 'allow-tasks', doc: 'Let agents work on tasks that came with the folders' },
  ],
  exits: { 1: 'with --once: something needs a person', 2: 'a folder, a file or an agent kind cannot be used' },
  examples: [
    'ic lead /projects/shop --allow-agents=claude',
    'ic lead --workspace=shop.code-workspace --once --json',
    `ic lead --set village.checks='[["npm","test"]]'`,
  ],
  async run(context) {
    const { args, flags, env, cwd, stopped } = context;
    const bundle = path.join(__dirname, 'ic-lead.js');
    // What the bundle exports is what its source does.
    const { lead: start } = createRequire(bundle)(bundle) as typeof Leading;
    const { needsPerson } = await start({
      folders: args.positionals,
      workspaceFile: textOf(args, 'workspace'),
      settingsFile: textOf(args, 'settings'),
      set: args.lists.get('set') ?? [],
      trustsFolders: args.switches.has('trust'),
      storage: textOf(args, 'storage'),
      allowedKinds: (textOf(args, 'allow-agents') ?? '').split(',').filter((name) => name !== ''),
      allowsTasks: args.switches.has('allow-tasks'),
      once: args.switches.has('once'),
      isJson: flags.json,
      cwd,
      env: { ...env },
      stopped,
    });
    return needsPerson ? EXIT.negative : EXIT.ok;
  },
};

export const LEAD_COMMANDS: readonly CliCommand[] = [lead];
