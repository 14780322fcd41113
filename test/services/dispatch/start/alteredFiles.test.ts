/** Changes of a dispatch's files after it ended are found; what nothing touched is never reported. */
import assert from 'node:assert/strict';
import { appendFile, chmod, readFile, rm, truncate, utimes, stat, writeFile } from 'node:fs/promises';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import type { DispatchFiles } from '../../../../src/host/launcher/dispatchFiles';
import { listDispatches } from '../../../../src/kernel/dispatch/service';
import type { AlteredFile } from '../../../../src/contract/results/records';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { ended, PATIENCE_MS, shell, Stage, whenLogged } from '../../../support/dispatch/dispatchFixture';
import { filesOfDispatch } from '../../../support/dispatch/ownFiles';

describe('the files of an ended dispatch', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
  });
  afterEach(() => stage.close());

  const altered = (id: string) => stage.dispatcher().alteredFiles(kernel, id);

  describe('are reported', () => {
    const CHANGES: readonly (readonly [string, (files: DispatchFiles) => Promise<void>, AlteredFile])[] = [
      ['where a byte of the log was changed', ({ log }) => changeByte(log), 'log'],
      ['where the log is longer', ({ log }) => appendFile(log, 'more\n'), 'log'],
      ['where the log is shorter', ({ log }) => truncate(log, 2), 'log'],
      ['where the log is gone', ({ log }) => rm(log), 'log'],
      ['where the exit record was written by another program', ({ exit }) => writeFile(exit, '{}'), 'exit'],
      ['where the exit record is gone', ({ exit }) => rm(exit), 'exit'],
      ['where a byte of the prompt was changed', ({ prompt }) => changeByte(prompt), 'prompt'],
      ['where the prompt is gone', ({ prompt }) => rm(prompt), 'prompt'],
    ];
    for (const [what, change, file] of CHANGES) {
      it(what, async () => {
        const { id } = await stage.play(shell('echo done'));
        await change(await filesOfDispatch(stage.storage, id));
        assert.deepEqual(await altered(id), [file]);
      });
    }
  });

  describe('are not reported', () => {
    it('where nothing touched them', async () => {
      const { id } = await stage.play(shell('echo done; echo problem >&2; exit 3'));
      assert.deepEqual(await altered(id), []);
    });

    it('where the log was cut by its limit', async () => {
      const prompt = 'head -c 5000000 /dev/zero | tr "\\0" x; echo last';
      const { id } = await stage.play(shell(prompt), { logLimitBytes: () => 1024 * 1024 });
      assert.deepEqual(await altered(id), []);
    });

    it('where the agent was killed', async () => {
      const dispatcher = stage.dispatcher();
      const dispatch = await dispatcher.start(kernel, shell('echo ready; exec sleep 300'));
      await whenLogged(dispatcher, dispatch, 'ready');
      assert.deepEqual(await altered(dispatch.id), []);
      await dispatcher.kill(kernel, dispatch.id);
      assert.deepEqual(await altered(dispatch.id), []);
    });

    it('where the launcher was killed, and left no record', async () => {
      const dispatcher = stage.dispatcher();
      const { id } = await dispatcher.start(kernel, shell('kill -9 $PPID; exit 0'));
      assert.equal((await ended(dispatcher, kernel, id)).exitCode, null);
      assert.deepEqual(await altered(id), []);
    });

    it('where the agent could not be started', async () => {
      const missing: AgentKind = {
        name: 'missing',
        command: '/no/such/program',
        args: [],
        promptBy: 'stdin',
        parser: 'plain',
      };
      const dispatcher = stage.dispatcher({}, [missing]);
      await assert.rejects(dispatcher.start(kernel, { kind: 'missing', prompt: 'x' }));
      const { dispatches } = kernel.read((r) => listDispatches(r));
      assert.equal(dispatches.length, 1);
      for (const { id } of dispatches) assert.deepEqual(await altered(id), []);
    });
  });
});

/** Keeps the size and the time of the file. */
async function changeByte(file: string): Promise<void> {
  const { atime, mtime } = await stat(file);
  const bytes = await readFile(file);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await chmod(file, 0o600);
  await writeFile(file, bytes);
  await utimes(file, atime, mtime);
}
