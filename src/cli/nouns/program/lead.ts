/** `ic lead`: starts the leader, which is a separate bundle so that other commands do not load it. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as LeadBundle from '../../lead/lead';
import type { Leader } from '../../../services/tasks/leader';
import { UsageError, type ParsedArgs } from '../../grammar/argv';
import { EXIT, type CliCommand } from '../../command/command';
import { UNIT_KINDS, type UnitKind } from '../../lead/unit';
import type { JsonValue } from '../../output/output';
import { textOf } from '../../grammar/values';

const lead: CliCommand = {
  words: ['lead'],
  byFolder: true,
  summary: 'Make agents work on tasks and on the queue without a window, until stopped.',
  operands: '[<folder>...]',
  strict: true,
  json: true,
  flags: [
    {
      name: 'workspace',
      value: 'FILE',
      doc: 'The .code-workspace file with the folders to lead and the portfolios to relay',
    },
    { name: 'take', doc: 'Take over from the window or leader that leads now' },
    { name: 'once', doc: 'End when nothing is left to do, or all that is left waits for a person' },
    { name: 'settings', value: 'FILE', doc: "User settings, in place of the editor's" },
    {
      name: 'set',
      value: 'SETTING=JSON',
      doc: 'A setting of this leader; can be repeated',
      repeated: true,
      spaced: true,
    },
    { name: 'trust', doc: 'Trust the folders: use their settings that start programs or weaken limits' },
    { name: 'storage', value: 'FOLDER', doc: 'Folder for worktrees, prompts and logs' },
    {
      name: 'allow-agents',
      value: 'KINDS',
      doc: 'Allow agents of these kinds in the folders; names separated by commas',
    },
    {
      name: 'unit',
      value: 'KIND',
      doc: 'Print a unit that keeps it running: systemd or launchd (by platform)',
      optional: true,
    },
    { name: 'allow-tasks', doc: 'Allow agents to work on tasks that came with the folders' },
  ],
  exits: {
    1: 'with --once: something needs a person, or it was stopped early',
    2: 'a folder, a file or an agent kind cannot be used; with --once: no folder has a record',
  },
  examples: [
    'ic lead /projects/shop --allow-agents=claude',
    'ic lead --workspace=shop.code-workspace --once --json',
    `ic lead --set tasks.checks='[["npm","test"]]'`,
  ],
  async run(context) {
    const { args, flags, env, cwd, stopped, out } = context;
    const bundle = path.join(__dirname, 'ic-lead.js');
    // The bundle exports what its source exports.
    const { lead: start, unitOf } = createRequire(bundle)(bundle) as typeof LeadBundle;
    const input: LeadBundle.LeadInput = {
      folders: args.positionals,
      workspaceFile: textOf(args, 'workspace'),
      settingsFile: textOf(args, 'settings'),
      set: args.lists.get('set') ?? [],
      trustsFolders: args.switches.has('trust'),
      storage: textOf(args, 'storage'),
      allowedKinds: (textOf(args, 'allow-agents') ?? '').split(',').filter((name) => name !== ''),
      allowsTasks: args.switches.has('allow-tasks'),
      takesOver: args.switches.has('take'),
      once: args.switches.has('once'),
      isJson: flags.json,
      cwd,
      env: { ...env },
      stopped,
    };
    const kind = unitKind(args);
    if (kind !== undefined) {
      out.line((await unitOf(input, kind)).trimEnd());
      return EXIT.ok;
    }
    const end = await start(input);
    const isLeft = end === 'needsPerson' || (input.once && end === 'stopped');
    return isLeft ? EXIT.negative : EXIT.ok;
  },
};

/** @throws UsageError for an unknown kind */
function unitKind(args: ParsedArgs): UnitKind | undefined {
  if (args.switches.has('unit')) return process.platform === 'darwin' ? 'launchd' : 'systemd';
  const named = textOf(args, 'unit');
  const kind = UNIT_KINDS.find((candidate) => candidate === named);
  if (named !== undefined && kind === undefined)
    throw new UsageError(`invalid unit (${UNIT_KINDS.join(', ')}): ${named}`);
  return kind;
}

const status: CliCommand = {
  words: ['lead', 'status'],
  byFolder: true,
  summary: 'Show what leads these folders, a window or `ic lead`, with its process, machine and start time.',
  operands: '[<folder>...]',
  strict: true,
  exits: { 2: 'a folder does not exist' },
  json: true,
  async run({ args, flags, out, cwd }) {
    const { leadersOf, leaderWords } = await import('../../lead/status.js');
    const found = await leadersOf(args.positionals, cwd);
    if (flags.json) {
      out.map(
        found.map(({ folder, leader }) => ({ folder, leader: leader === undefined ? null : leaderJson(leader) })),
      );
      return EXIT.ok;
    }
    for (const { folder, leader } of found) {
      if (leader === undefined) out.row(folder, 'none');
      else out.row(folder, leaderWords(leader), new Date(leader.sinceMs).toISOString());
    }
    return EXIT.ok;
  },
};

function leaderJson({ program, pid, machine, sinceMs }: Leader): JsonValue {
  return { program, pid, machine, since: Math.floor(sinceMs / 1000) };
}

export const LEAD_COMMANDS: readonly CliCommand[] = [lead, status];
