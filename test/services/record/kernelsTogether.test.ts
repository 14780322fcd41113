/** Several kernels: two on one file, one whose file others change, and all of a window. */
import assert from 'node:assert/strict';
import { readdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { Change } from '../../../src/kernel/change';
import { WorkspaceKernels, type ProjectKernel } from '../../../src/services/record/kernels';
import { inLong } from '../../support/long';
import { isNative, Projects, testDeps } from '../../support/projects';
import { record, recorded, writes } from '../../support/records/records';

/** The next change that passes, once it has been fired. */
function nextChange(kernel: ProjectKernel, passes: (change: Change) => boolean): Promise<Change> {
  return new Promise((resolve) => {
    const listening = kernel.onDidChange((change) => {
      if (!passes(change)) return;
      listening.dispose();
      resolve(change);
    });
  });
}

describe('ProjectKernel beside others', () => {
  const projects = Projects.ofSuite();

  describe('two kernels on one file', () => {
    it('see each other’s writes when they write or refresh', async () => {
      const a = await projects.create();
      const b = await projects.open(a.folder);
      await a.write((u) => record(u, 'a1'));
      await b.write((u) => record(u, 'b1'));
      assert.deepEqual(b.read(recorded), new Set(['a1', 'b1']));
      const next = nextChange(a, (change) => change.origin === 'file');
      await a.refresh();
      assert.equal((await next).runs.size, 0);
      assert.deepEqual(a.read(recorded), new Set(['a1', 'b1']));
    });

    it('both save, though one took the other’s lock away while it was saving', async () => {
      const thief = await projects.create();
      let runs = 0;
      let theft: Promise<void> = Promise.resolve();
      const sleeper = await projects.open(thief.folder, {
        onStep: (step) => {
          if (step !== 'synced' || runs !== 1) return;
          // What a process does that finds the holder's draft too old.
          const lock = `${sleeper.path}.lock`;
          for (const draft of readdirSync(lock)) unlinkSync(path.join(lock, draft));
          theft = writes(thief, 'thief');
        },
      });
      await sleeper.write((u) => {
        runs += 1;
        record(u, 'sleeper');
      });
      await theft;
      assert.equal(runs, isNative ? 1 : 2);
      assert.deepEqual((await projects.open(thief.folder)).read(recorded), new Set(['sleeper', 'thief']));
    });

    it('behave like one, whatever the interleaving', async function () {
      this.timeout(120_000);
      const step = fc.record({
        who: fc.nat(1),
        kind: fc.constantFrom('write' as const, 'write' as const, 'fail' as const, 'refresh' as const),
        /** Whether the next step waits for this one. */
        waits: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          const first = await projects.create();
          const kernels = [first, await projects.open(first.folder)];
          const expected = new Set<string>();
          let running: Promise<unknown>[] = [];
          for (const [n, { who, kind, waits }] of steps.entries()) {
            const kernel = kernels[who] ?? first;
            if (kind === 'refresh') running.push(kernel.refresh());
            if (kind === 'write') running.push(kernel.write((u) => record(u, `${n}`)).then(() => expected.add(`${n}`)));
            if (kind === 'fail') {
              const failing = kernel.write((u) => {
                record(u, `${n}`);
                throw new Error('no');
              });
              running.push(assert.rejects(failing, /no/));
            }
            if (!waits) continue;
            await Promise.all(running);
            running = [];
          }
          await Promise.all(running);
          for (const kernel of kernels) {
            await kernel.refresh();
            assert.deepEqual(kernel.read(recorded), expected);
            await kernel.dispose();
          }
          assert.equal(expected.size, steps.filter(({ kind }) => kind === 'write').length);
        }),
        { numRuns: inLong(4, 25) },
      );
    });
  });

  describe('watching the file', () => {
    it('reloads when another process writes, and not for its own writes', async () => {
      const kernel = await projects.create({ watch: true });
      const origins: string[] = [];
      kernel.onDidChange((change) => origins.push(change.origin));
      await kernel.write((u) => record(u, 'own'));
      const next = nextChange(kernel, (change) => change.origin === 'file');
      const other = await projects.open(kernel.folder);
      await other.write((u) => record(u, 'other'));
      await next;
      assert.deepEqual(kernel.read(recorded), new Set(['own', 'other']));
      await kernel.refresh();
      assert.deepEqual(origins, ['commit', 'file']);
    });

    it('notices that the project is initialized elsewhere', async () => {
      const kernel = await projects.open(await projects.folder(), { watch: true });
      const ready = new Promise<void>((resolve) =>
        kernel.onDidChangeState((state) => {
          if (state.kind === 'ready') resolve();
        }),
      );
      await projects.kernel(kernel.folder).initialize();
      await ready;
      assert.deepEqual(kernel.read(recorded), new Set());
    });
  });
});

describe('WorkspaceKernels', () => {
  const projects = Projects.ofSuite();

  it('holds one kernel for each folder, and passes on what happens in it', async () => {
    const kernels = new WorkspaceKernels(testDeps());
    const [one, two] = [await projects.folder(), await projects.folder()];
    const heard: string[] = [];
    kernels.onDidChange(({ kernel, change }) => heard.push(`${kernel.folder} ${change.origin}`));
    kernels.onDidChangeFolders(({ added, removed }) => heard.push(`+${added.length} -${removed.length}`));
    const first = kernels.add(one);
    assert.equal(kernels.add(`${one}/`), first);
    kernels.add(two);
    assert.deepEqual(
      kernels.all().map((kernel) => kernel.folder),
      [one, two],
    );
    await first.initialize();
    assert.deepEqual(heard, ['+1 -0', '+1 -0', `${one} commit`]);
    await kernels.dispose();
    assert.deepEqual(kernels.all(), []);
  });

  it('finishes the writes of a folder that leaves, and says no more of it', async () => {
    const kernels = new WorkspaceKernels(testDeps());
    const folder = await projects.folder();
    const kernel = kernels.add(folder);
    await kernel.initialize();
    const pending = kernel.write((u) => record(u, 'last'));
    await kernels.remove(folder);
    await pending;
    assert.equal(kernels.get(folder), undefined);
    assert.deepEqual((await projects.open(folder)).read(recorded), new Set(['last']));
    const again = kernels.add(folder);
    assert.notEqual(again, kernel);
    await kernels.dispose();
  });
});
