/** Claims about tests are worth what can be checked of them (`docs/tasks-coverage.md`, D41). */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { inProject } from '../../../tools/project';

const ROW = /^\| (.+?) +\| `(.+?)` +\| (.+?) +\|$/;

describe('docs/tasks-coverage.md', () => {
  const rows = readFileSync(inProject('docs/tasks-coverage.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, what = '', file = '', test = ''] = ROW.exec(line) ?? [];
      return what === '' ? [] : [{ what, file, test: test.replaceAll('\\|', '|') }];
    });

  it('names tests that are there (D41)', () => {
    assert.ok(rows.length > 50);
    const missing = rows.filter(({ file, test }) => {
      return !existsSync(inProject(file)) || !readFileSync(inProject(file), 'utf8').includes(test);
    });
    assert.deepEqual(missing, []);
  });

  it('has a test for every defect', () => {
    const named = new Set(rows.flatMap(({ what }) => /^D(\d+)/.exec(what)?.[1] ?? []).map(Number));
    const missing = Array.from({ length: 41 }, (_, n) => n + 1).filter((n) => !named.has(n) && n !== 41);
    assert.deepEqual(missing, []);
  });
});
