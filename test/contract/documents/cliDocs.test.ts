import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { cliPage } from '../../../scripts/cliDocs';
import { allCommands } from '../../../src/cli/table';
import { inProject } from '../../../tools/project';

describe('docs/cli.md', () => {
  it('is what the table of commands makes of it (scripts/cliDocs.ts writes it)', async () => {
    assert.equal(await readFile(inProject('docs/cli.md'), 'utf8'), await cliPage());
  });

  it('comes from a table in which no command stands twice', async () => {
    const names = (await allCommands()).map(({ words }) => words.join(' '));
    assert.equal(new Set(names).size, names.length);
  });
});
