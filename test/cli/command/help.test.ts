/** The help of a command, as a person reads it in a terminal. */
import assert from 'node:assert/strict';
import { flagDoc } from '../../../src/cli/command/command';
import { commandHelp } from '../../../src/cli/command/usage';
import { allCommands } from '../../../src/cli/table';

describe('the help of a command', () => {
  it('separates each flag from its text', async () => {
    const joined = (await allCommands()).flatMap((command) => {
      const lines = commandHelp(command).split('\n');
      return (command.flags ?? [])
        .map(flagDoc)
        .filter((doc) => !lines.some((line) => line.endsWith(`  ${doc}`)))
        .map((doc) => `${command.words.join(' ')}: ${doc}`);
    });
    assert.deepEqual(joined, []);
  });
});
