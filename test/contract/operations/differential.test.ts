/** What the differential tool generates, against the table of commands that it is derived from. */
import assert from 'node:assert/strict';
import { generatedOf, LEFT_OUT, NOT_IN_ORIGINAL } from '../../../scripts/differential/leftOut';
import { numbersOf, sequenceOf } from '../../../scripts/differential/lines';
import { parseArgs } from '../../../src/cli/grammar/argv';
import type { CliCommand } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';

const nameOf = ({ words }: CliCommand): string => words.join(' ');

describe('generated command sequences', () => {
  let commands: readonly CliCommand[];
  before(async () => {
    commands = await allCommands();
  });

  it('hold every command and every flag of the table but those that are left out with a reason', () => {
    const steps = Array.from({ length: 40 }, (_, seed) =>
      sequenceOf(generatedOf(commands, []), numbersOf(seed), 600),
    ).flat();
    for (const command of commands) {
      const own = steps.filter((step) => step.command === nameOf(command));
      assert.equal(own.length > 0, LEFT_OUT[nameOf(command)] === undefined, nameOf(command));
      const parsed = own.map(({ words }) => parseArgs(words, command.flags ?? []));
      for (const { name } of own.length === 0 ? [] : (command.flags ?? [])) {
        const isGiven = parsed.some(({ values, switches }) => values.has(name) || switches.has(name));
        assert.equal(isGiven, LEFT_OUT[`${nameOf(command)} --${name}`] === undefined, `${nameOf(command)} --${name}`);
      }
    }
  });

  it('hold a command that was added to the table, without a change here', () => {
    const added: CliCommand = {
      words: ['parcel', 'send'],
      summary: 'Send.',
      operands: '<parcel> [<place>]',
      flags: [{ name: 'weight', value: 'GRAMS', doc: 'Its weight (required)' }],
      run: () => Promise.reject(new Error('not run')),
    };
    const steps = sequenceOf(generatedOf([added], []), numbersOf(1), 20).slice(1);
    assert.ok(steps.every(({ command, words }) => command === 'parcel send' && words.length > 0));
    assert.ok(steps.some(({ words }) => words.some((word) => word.startsWith('--weight='))));
  });

  it('leave out only commands and flags that there are', () => {
    const names = commands.flatMap((command) => [
      nameOf(command),
      ...(command.flags ?? []).map(({ name }) => `${nameOf(command)} --${name}`),
    ]);
    assert.deepEqual(
      Object.keys(LEFT_OUT).filter((name) => !names.includes(name)),
      [],
    );
    for (const start of NOT_IN_ORIGINAL)
      assert.ok(
        names.some((name) => `${name} `.startsWith(`${start} `)),
        start,
      );
  });

  it('are the same for the same seed', () => {
    const generated = generatedOf(commands, []);
    assert.deepEqual(sequenceOf(generated, numbersOf(3), 50), sequenceOf(generated, numbersOf(3), 50));
    assert.notDeepEqual(sequenceOf(generated, numbersOf(3), 50), sequenceOf(generated, numbersOf(4), 50));
  });
});
