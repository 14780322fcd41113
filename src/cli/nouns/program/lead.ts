/** `ic lead`: starts the leader, which is a bundle of its own, so that no other command has to load it. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Leading from '../../lead/lead';
import type { Leader } from '../../../services/tasks/leader';
import { UsageError, type ParsedArgs } from '../../grammar/argv';
import { EXIT, type CliCommand } from '../../command';
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
    { name: 'workspace', value: 'FILE', doc: 'The .code-workspace file whose folders are led and portfolios relayed' },
    { name: 'take', doc: 'Take over from the window or the leader that leads now' },
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
    {
      name: 'unit',
      value: 'KIND',
      doc: 'Print what keeps it running: systemd or launchd (by platform)',
      optional: true,
    },
    { name: 'allow-tasks', doc: 'Let agents work on tasks that came with the folders' },
  ],
  exits: {
    1: 'with --once: something needs a person, or it was stopped before everything was done',
    2: 'a folder, a file or an agent kind cannot be used',
  },
  examples: [
    'ic lead /projects/shop --allow-agents=claude',
    'ic lead --workspace=shop.code-workspace --once --json',
    `ic lead --set tasks.checks='[["npm","test"]]'`,
  ],
  async run(context) {
    const { args, flags, env, cwd, stopped, out } = context;
    const bundle = path.join(__dirname, 'ic-lead.js');
    // What the bundle exports is what its source does.
    const { lead: start, unitOf } = createRequire(bundle)(bundle) as typeof Leading;
    const input: Leading.LeadInput = {
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

/** @throws UsageError for any other kind than those there are */
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
  summary:
    'Who makes agents work in these folders: a window or `ic lead`, with its process, its machine, and since when.',
  operands: '[<folder>...]',
  strict: true,
  exits: { 2: 'a folder is not there' },
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
