/** Records so large that checking one takes longer than a frame. */
import assert from 'node:assert/strict';
import { open, readFile, stat } from 'node:fs/promises';
import { CheckedFiles } from '../../../src/host/image/checkedFiles';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import type { ProjectKernel } from '../../../src/services/record/kernels';
import { codeOf, Projects } from '../../support/projects';
import { recorded, writes } from '../../support/records/records';

const LARGE = 7_000_000;

describe('a ProjectKernel of a large record', () => {
  const projects = Projects.ofSuite();
  /** The file is known, so that only reading it checks it. */
  const checked = new CheckedFiles();
  let folder: string;

  beforeEach(async () => {
    const kernel = await projects.create({ checked });
    await kernel.write((u) =>
      u.db.run(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO state (key, scope_id, payload) SELECT 'fill', i, hex(randomblob(500)) FROM n`,
        [LARGE / 1000],
      ),
    );
    await writes(kernel, 'first');
    assert.ok((await stat(kernel.path)).size > LARGE);
    folder = kernel.folder;
    await kernel.dispose();
    await checked.add(kernel.path);
  });

  /** How many images were checked by this thread meanwhile. */
  const checksOf = async (work: () => Promise<unknown>): Promise<number> => {
    const original = Reflect.get(SqliteImage.prototype, 'damage');
    let checks = 0;
    SqliteImage.prototype.damage = function (this: SqliteImage) {
      checks += 1;
      return original.call(this);
    };
    try {
      await work();
      return checks;
    } finally {
      SqliteImage.prototype.damage = original;
    }
  };
  const opened = (checksInThread: boolean): Promise<ProjectKernel> =>
    projects.open(folder, { checked, checksInThread });

  it('is read as it is, and checked by another thread where that is wanted', async () => {
    let kernel: ProjectKernel | undefined;
    assert.equal(await checksOf(async () => (kernel = await opened(true))), 0);
    assert.deepEqual(kernel?.read(recorded), new Set(['first']));
    assert.ok((await checksOf(() => opened(false))) > 0);
  });

  it('reads what another program wrote, checked by the thread again', async () => {
    const reader = await opened(true);
    const writer = await opened(false);
    await writes(writer, 'second');
    assert.equal(await checksOf(() => reader.refresh()), 0);
    assert.deepEqual(reader.read(recorded), new Set(['first', 'second']));
    await writes(reader, 'third');
    assert.ok(reader.read(recorded).has('third'));
  });

  it('is refused where it is damaged, and never overwritten', async () => {
    const { path } = await opened(false);
    const handle = await open(path, 'r+');
    await handle.write(Buffer.alloc(4096, 0xff), 0, 4096, 4096 * 500);
    await handle.close();
    const bytes = await readFile(path);
    const kernel = await opened(true);
    assert.equal(codeOf(kernel.state), 'DATABASE_DAMAGED');
    assert.ok(kernel.state.kind === 'failed');
    assert.match(kernel.state.error.message, new RegExp(path.replaceAll('.', '\\.')));
    await assert.rejects(writes(kernel, 'no'));
    assert.deepEqual(await readFile(path), bytes);
  });
});
