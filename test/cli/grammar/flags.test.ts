import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { FlagSpec } from '../../../src/cli/grammar/argv';
import type { CliCommand } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';
import { files } from '../../support/records/cliFixtures';
import { runRows } from '../../support/ic/cliTable';
import { IcProject } from '../../support/records/icProject';
import { FLAG_ROWS } from '../rows/flags';

/** Would clean the locks of all users of this machine. */
const LEFT_OUT = new Set(['lock clean']);

/** A flag without its value, and a switch with a value. */
const malformed = ({ name, value }: FlagSpec): string => (value === undefined ? `--${name}=x` : `--${name}`);

describe('a bad flag', function () {
  this.timeout(180_000);
  let project: IcProject;
  let commands: readonly CliCommand[];

  before(async () => {
    project = await IcProject.open();
    commands = (await allCommands()).filter(({ words }) => !LEFT_OUT.has(words.join(' ')));
  });
  after(() => project.close());

  it('of a strict command is a usage error that names it, whether unknown or malformed', async () => {
    const strict = commands.filter((command) => command.strict === true);
    assert.ok(strict.length > 3);
    for (const { words, flags = [] } of strict) {
      for (const bad of [
        '--no-such-flag',
        '--no-such-flag=1',
        ...flags.filter(({ optional }) => optional !== true).map(malformed),
      ]) {
        const { code, stdout, stderr } = await project.runHere([...words, bad]);
        const context = `ic ${words.join(' ')} ${bad}: ${stderr}`;
        assert.deepEqual({ code, stdout }, { code: 3, stdout: '' }, context);
        assert.ok(stderr.startsWith(`ic: ${words.join(' ')}: unknown flag: ${bad}`), context);
      }
    }
  });

  it('of any other command is ignored with a note that names it, as in the original', async () => {
    const lenient = commands.filter((command) => command.strict !== true);
    for (const { words, flags = [] } of lenient) {
      const name = words.join(' ');
      const bad = ['--no-such-flag=1', ...flags.filter(({ spaced }) => spaced !== true).map(malformed)];
      const { stderr } = await project.runHere([...words, ...bad]);
      for (const flag of bad) {
        const note = `ic: ${name}: ignoring unknown flag ${flag}`;
        assert.ok(
          stderr.split('\n').some((line) => line.startsWith(note)),
          `ic ${name} ${flag}: ${stderr}`,
        );
      }
    }
  });

  it('among the global flags is refused before the command runs', async () => {
    for (const { words } of commands) {
      const { code, stdout, stderr } = await project.runHere([...words, '--timeout=5']);
      assert.deepEqual(
        { code, stdout, firstStderr: stderr.split('\n')[0] },
        { code: 3, stdout: '', firstStderr: 'ic: invalid timeout: 5' },
        words.join(' '),
      );
    }
  });
});

describe('flags that only change the output', function () {
  this.timeout(120_000);
  for (const [name, rows] of Object.entries(FLAG_ROWS)) it(`have an effect: ${name}`, () => runRows(rows, files));
});
