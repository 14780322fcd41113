import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LogDocument, MAX_TEXT_LENGTH } from '../../../src/views/documents/logDocument';
import { ownFile } from '../../support/dispatch/ownFiles';
import { ENGLISH } from '../../support/records/viewFixture';

describe('a log that is followed', () => {
  let directory: string;
  let file: string;
  let document: LogDocument;
  let changed: () => void;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'intercore-log-'));
    file = path.join(directory, 'dispatch.log');
    changed = () => undefined;
    document = new LogDocument({
      path: await ownFile(file),
      parser: 'plain',
      l10n: ENGLISH,
      onChange: () => changed(),
    });
  });

  afterEach(async () => {
    await document.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  /** Resolves at the change after which the text is as asked. */
  const until = (isReached: (text: string) => boolean) =>
    new Promise<void>((resolve) => {
      changed = () => {
        if (isReached(document.text())) resolve();
      };
    });

  it('shows what is there at once and grows with the file', async () => {
    await writeFile(file, 'one\ntwo\n');
    await document.open();
    assert.equal(document.text(), 'one\ntwo');
    const grown = until((text) => text === 'one\ntwo\nthree');
    await appendFile(file, 'three\n');
    await grown;
  });

  it('shows a last line without an end once the agent has ended', async () => {
    await writeFile(file, 'one\nhalf');
    await document.open();
    assert.equal(document.text(), 'one');
    await document.finish();
    assert.equal(document.text(), 'one\nhalf');
  });

  it('shows first that the log was changed after the agent ended', async () => {
    await writeFile(file, 'one\n');
    await document.open();
    await document.finish();
    document.markAltered(['prompt']);
    assert.equal(document.text(), 'one');
    document.markAltered(['log']);
    assert.equal(document.text(), '(This log was changed after the agent ended.)\none');
  });

  it('says that the log is empty, or that it cannot be read', async () => {
    await writeFile(file, '');
    await document.open();
    assert.match(document.text(), /still empty/);
    const missing = path.join(directory, 'none.log');
    const other = new LogDocument({
      path: await ownFile(missing),
      parser: 'plain',
      l10n: ENGLISH,
      onChange: () => undefined,
    });
    await other.open();
    assert.match(other.text(), /none\.log cannot be read/);
    await other.dispose();
  });

  it('leaves out the oldest lines of a long log and says so', async () => {
    const line = 'x'.repeat(99);
    await writeFile(file, `first\n${`${line}\n`.repeat(MAX_TEXT_LENGTH / 100)}last\n`);
    await document.open();
    const text = document.text();
    assert.ok(text.length < MAX_TEXT_LENGTH);
    assert.match(text, /^\(\d+ older lines are not shown; the full log is .*dispatch\.log\)\n/);
    assert.match(text, /\nlast$/);
  });

  it('survives a line of ten million bytes and says that it left it out', async () => {
    await writeFile(file, `before\n${'x'.repeat(10_000_000)}\nafter\n`);
    await document.open();
    assert.equal(document.text(), 'before\n(a line of more than a million bytes is not shown)\nafter');
  });
});
