import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { differenceOf, reportOf } from '../../scripts/differential/compare';
import { numbersOf, sequenceOf, type Step } from '../../scripts/differential/lines';
import type { Executable } from '../../scripts/differential/run';
import { IC_SCRIPT } from '../support/ic';
import { hasSqlite3 } from '../support/sqlite3';

const OURS: Executable = [process.execPath, IC_SCRIPT];

describe('the comparison of two executables', function () {
  this.timeout(120_000);
  let folder = path.join(tmpdir(), 'ic-other-none');

  before(async function () {
    if (!hasSqlite3()) this.skip();
    folder = await mkdtemp(path.join(tmpdir(), 'ic-other-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('finds none between ic and itself', () => {
    assert.equal(differenceOf(7, 8, OURS, OURS), undefined);
  });

  it('finds one altered answer, and shows no command that it does not need', async () => {
    const altered = path.join(folder, 'ic');
    await writeFile(
      altered,
      `#!/bin/sh\n[ "$1 $2" = "gate rules" ] && { echo altered; exit 0; }\nexec "${OURS.join('" "')}" "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const isAltered = ({ words }: Step): boolean => words.slice(0, 2).join(' ') === 'gate rules';
    const seed = Array.from({ length: 100 }, (_, at) => at).find((at) => sequenceOf(numbersOf(at), 4).some(isAltered));
    const found = differenceOf(seed ?? 0, 4, OURS, [altered]);
    assert.ok(found !== undefined);
    assert.deepEqual(
      found.steps.map(({ words }) => words.slice(0, 2).join(' ')),
      ['init', 'gate rules'],
    );
    assert.match(
      reportOf(found),
      /^Seed \d+: stdout differs after 2 commands\n {2}ic init\n {2}ic gate rules .*\nours: .*\nother: "altered/,
    );
  });
});
