/** The documents of security name files that exist. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inProject } from '../../../tools/project';

const DOCUMENTS = ['SECURITY.md', 'docs/design/trust.md'];

function linksOf(document: string): string[] {
  const text = readFileSync(inProject(document), 'utf8');
  return [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => target);
}

describe('the documents of security', () => {
  for (const document of DOCUMENTS) {
    it(`link to files that exist: ${document}`, () => {
      const links = linksOf(document);
      assert.ok(links.length > 0);
      const missing = links.filter((target) => !existsSync(inProject(path.dirname(document), target)));
      assert.deepEqual(missing, []);
    });
  }

  it('are found from the README and from CONTRIBUTING', () => {
    assert.ok(linksOf('README.md').includes('SECURITY.md'));
    assert.ok(linksOf('CONTRIBUTING.md').includes('docs/design/trust.md'));
  });
});
