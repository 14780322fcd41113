/** What the usage of a command shows as optional, against what the command needs. */
import assert from 'node:assert/strict';
import { usageLine, type CliCommand } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';

describe('a required flag', () => {
  let commands: readonly CliCommand[];

  before(async () => {
    commands = await allCommands();
  });

  it('is shown without brackets', () => {
    for (const command of commands) {
      for (const { name, isRequired = false } of command.flags ?? []) {
        assert.equal(new RegExp(`\\[--${name}[\\]=]`).test(usageLine(command)), !isRequired, usageLine(command));
      }
    }
  });

  it('is marked as such, not by the words of its help', () => {
    const named = commands.flatMap(({ words, flags = [] }) =>
      flags.filter(({ doc }) => doc.includes('(required')).map(({ name }) => [...words, name].join(' ')),
    );
    assert.deepEqual(named, []);
  });

  it('is every flag for an argument that an operation needs', () => {
    const usages = ['dispatch hand-over', 'subtask hand-over', 'task hand-over'].map((words) =>
      commands.filter((command) => command.words.join(' ') === words).map(usageLine),
    );
    assert.deepEqual(usages, [
      ['ic dispatch hand-over <dispatch> --to=KIND'],
      ['ic subtask hand-over <subtask> --to=KIND'],
      ['ic task hand-over <task> --to=KIND'],
    ]);
  });
});
