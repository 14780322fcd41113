/** What generated sequences leave out, each with its reason. All other commands and flags of the table are generated. */
import type { CliCommand } from '../../src/cli/command/command';

/** `run list`: the command; `events tail --follow`: its flag. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  doctor: 'reports the machine, not the record',
  'events tail --follow': 'waits until it is stopped',
  lead: 'runs until it is stopped',
  'lock acquire': 'uses a folder that the whole machine shares',
  'lock clean': 'uses a folder that the whole machine shares',
  'lock list': 'uses a folder that the whole machine shares',
  'lock release': 'uses a folder that the whole machine shares',
  'lock stale': 'uses a folder that the whole machine shares',
  mcp: 'runs until its input ends',
  'portfolio relay': 'runs until it is stopped',
  'project add-from-github': 'reaches a server',
  'project sync': 'reaches a server',
  version: 'reports the program itself',
};

/** Words that commands of ours start with which Intercore 0.3.0 does not have, for a comparison with that. */
export const NOT_IN_ORIGINAL = [
  ...['agent', 'budget', 'completion', 'dispatch queue', 'doctor', 'events writes', 'gate ask', 'hooks', 'lead', 'mcp'],
  ...['answer', 'cancel-turn', 'edit-waiting', 'pause', 'resume', 'say', 'session'].map((verb) => `dispatch ${verb}`),
  ...['needs', 'project', 'subtask', 'task', 'trust', 'worktree'],
];

/** The commands and flags to generate; `without` holds words that commands start with. */
export function generatedOf(commands: readonly CliCommand[], without: readonly string[]): readonly CliCommand[] {
  return commands
    .filter(({ words }) => LEFT_OUT[words.join(' ')] === undefined)
    .filter(({ words }) => !without.some((start) => `${words.join(' ')} `.startsWith(`${start} `)))
    .map((command) => ({
      ...command,
      flags: (command.flags ?? []).filter(({ name }) => LEFT_OUT[`${command.words.join(' ')} --${name}`] === undefined),
    }));
}
