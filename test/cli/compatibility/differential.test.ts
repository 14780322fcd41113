import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'mocha';
import { differenceOf, reportOf, type Difference } from '../../../scripts/differential/compare';
import { generatedOf } from '../../../scripts/differential/leftOut';
import { numbersOf, sequenceOf } from '../../../scripts/differential/lines';
import type { Executable } from '../../../scripts/differential/run';
import type { CliCommand } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';
import { IC_SCRIPT } from '../../support/ic/ic';
import { hasSqlite3 } from '../../support/records/sqlite3';
import { describeLong, itLong } from '../../support/long';

const OURS: Executable = [process.execPath, IC_SCRIPT];

describeLong('the comparison of two executables', function () {
  this.timeout(120_000);
  let folder = path.join(tmpdir(), 'ic-other-none');
  let commands: readonly CliCommand[];

  before(async function () {
    if (!hasSqlite3()) this.skip();
    folder = await mkdtemp(path.join(tmpdir(), 'ic-other-'));
    commands = generatedOf(await allCommands(), []);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** An executable that answers as ours does, unless the shell's `lines` end it. */
  async function altered(lines: string): Promise<Executable> {
    const file = path.join(folder, 'ic');
    await writeFile(file, `#!/bin/sh\n${lines}\nexec "${OURS.join('" "')}" "$@"\n`, { mode: 0o755 });
    return [file];
  }

  /** The first difference for a seed, in sequences of these commands. */
  function found(lines: readonly string[], other: Executable): Difference {
    const among = commands.filter(({ words }) => lines.includes(words.join(' ')));
    for (let seed = 1; seed < 20; seed++) {
      const difference = differenceOf(sequenceOf(among, numbersOf(seed), 5), OURS, other);
      if (difference !== undefined) return difference;
    }
    throw new Error('no difference was found');
  }

  it('finds no difference between ic and itself', () => {
    assert.equal(differenceOf(sequenceOf(commands, numbersOf(7), 15), OURS, OURS), undefined);
  });

  it('finds an altered answer, and reduces the commands to those that are needed', async () => {
    const difference = found(
      ['gate rules', 'gate check'],
      await altered('[ "$1 $2" = "gate rules" ] && { echo altered; exit 0; }'),
    );
    const report = reportOf(1, difference);
    assert.match(
      report,
      /^Seed 1: (output|exit code) different after 1 command\n {2}ic gate rules.*\nours: .*\nother: ./,
    );
  });

  itLong('finds a row that differs, and keeps the commands that cause it', async () => {
    const other = await altered('[ "$1 $2" = "state set" ] && set -- "$@" --ttl=1h');
    const difference = found(['state set', 'state delete', 'state get'], other);
    assert.deepEqual(
      difference.steps.map(({ command }) => command),
      ['init', 'state set'],
    );
    assert.match(difference.ours, /^state: key='.*, expires_at=NULL$/);
    assert.match(difference.other, /^state: key='.*, expires_at=<expires_at>$/);
  });
});
