/** The workflow file of the continuous integration: what it may, and what it checks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { check } from 'prettier';
import { inProject } from '../support/vscode/project';

describe('the workflow of continuous integration', () => {
  const text = readFileSync(inProject('.github/workflows/ci.yml'), 'utf8');
  const lines = text.split('\n').map((line) => line.trim());
  const job = (name: string): string => new RegExp(`^  ${name}:\\n(?:(?:   .*)?\\n)*`, 'm').exec(text)?.[0] ?? '';
  const granted = (of: string): string[] =>
    of.match(/^ {6}[a-z-]+: (?:read|write)$/gm)?.map((line) => line.trim()) ?? [];

  it('is valid YAML', async () => {
    assert.ok(await check(text, { parser: 'yaml', singleQuote: true }));
  });

  it('installs what the lock file names, and runs the command of the README', () => {
    assert.match(job('test'), /run: npm ci\n[^]*run: npm test\n/);
    assert.doesNotMatch(text, /npm (install|i)\b/);
  });

  it('audits packages and their signatures', () => {
    for (const command of ['npm audit --omit=dev', 'npm audit signatures']) {
      assert.ok(lines.includes(`- run: ${command}`), command);
    }
  });

  it('grants each job no more than it needs', () => {
    assert.match(text, /^permissions: \{\}$/m);
    assert.deepEqual(granted(job('test')), ['contents: read']);
    assert.deepEqual(granted(job('audit')), ['contents: read']);
    assert.deepEqual(granted(job('publish')), ['contents: read', 'id-token: write']);
    assert.equal(text.match(/persist-credentials: false/g)?.length, text.match(/actions\/checkout@/g)?.length);
    assert.doesNotMatch(text, /pull_request_target/);
  });

  it('publishes with provenance, from a tag alone, after all checks', () => {
    assert.match(job('publish'), /if: startsWith\(github\.ref, 'refs\/tags\/v'\)\n {4}needs: \[test, audit\]\n/);
    assert.equal(text.match(/npm publish/g)?.length, 1);
    assert.match(job('publish'), /npm publish --provenance/);
    assert.doesNotMatch(job('test') + job('audit'), /secrets\./);
  });

  it('uses actions of the host itself, each with its version', () => {
    const used = lines.filter((line) => line.startsWith('- uses: '));
    for (const line of used) assert.match(line, /^- uses: actions\/[a-z-]+@(v\d+|[0-9a-f]{40})$/);
  });
});
