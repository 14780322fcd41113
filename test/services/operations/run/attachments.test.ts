import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { readAttachments } from '../../../../src/services/operations/run/attachments';

describe('attachments', () => {
  let root: string;
  let folder: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'attachments-'));
    folder = await mkdtemp(path.join(root, 'project-'));
    await writeFile(path.join(root, 'secret.txt'), 'secret');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const code = async (file: string): Promise<string> => {
    const error: unknown = await readAttachments(folder, [{ path: file }]).then(
      () => assert.fail('it was read'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof KernelError);
    return String(error.code);
  };

  it('read files of the project', async () => {
    await writeFile(path.join(folder, 'a.ts'), 'let a;');
    const file = path.join(folder, 'a.ts');
    const read = { path: file, name: 'a.ts', what: 'file', text: 'let a;', bytes: 6 };
    assert.deepEqual(await readAttachments(folder, [{ path: file }]), [read]);
  });

  it('read no file outside the project, by a link either', async () => {
    await symlink(path.join(root, 'secret.txt'), path.join(folder, 'link.txt'));
    assert.equal(await code(path.join(root, 'secret.txt')), 'PATH_OUTSIDE');
    assert.equal(await code('../secret.txt'), 'PATH_OUTSIDE');
    assert.equal(await code('link.txt'), 'PATH_OUTSIDE');
    assert.equal(await code('nope.txt'), 'FILE_UNREADABLE');
  });

  it('take the text that the caller gives, for any path', async () => {
    const [read] = await readAttachments(folder, [{ path: path.join(root, 'secret.txt'), text: 'shown' }]);
    assert.equal(read?.text, 'shown');
    assert.equal(read.name, path.join(root, 'secret.txt'));
  });

  it('are cut at whole characters, and have no text where they are not text', async () => {
    await writeFile(path.join(folder, 'long.txt'), `a${'ü'.repeat(50_000)}`);
    await writeFile(path.join(folder, 'image.png'), Buffer.from([0x89, 0x50, 0, 1]));
    const [long, image] = await readAttachments(folder, [{ path: 'long.txt' }, { path: 'image.png' }]);
    assert.equal(long?.bytes, 100_001);
    assert.equal(long.text, `a${'ü'.repeat(32_767)}`);
    assert.deepEqual({ text: image?.text, bytes: image?.bytes }, { text: null, bytes: 4 });
  });

  it('have no text once there is no room', async () => {
    const text = 'x'.repeat(100_000);
    const read = await readAttachments(
      folder,
      Array.from({ length: 5 }, (_, index) => ({ path: `${index}.txt`, text })),
    );
    assert.deepEqual(
      read.map((each) => each.text?.length ?? null),
      [65_536, 65_536, 65_536, 65_536, null],
    );
  });
});
