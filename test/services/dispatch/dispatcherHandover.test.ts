import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../../src/contract/agentKinds';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import { listDispatches } from '../../../src/kernel/dispatch/service';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { ended, logOf, PATIENCE_MS, shell, Stage } from '../../support/dispatch/dispatchFixture';
import { environmentOf } from '../../support/dispatch/environment';

/** Prints its prompt: the agent that gets it right prints exactly what it was given. */
const cat = (promptBy: AgentKind['promptBy']): AgentKind => {
  const script = { stdin: 'cat', file: 'cat "$1"', argument: 'printf %s "$1"' }[promptBy];
  const last = { stdin: [], file: ['${promptFile}'], argument: ['${prompt}'] }[promptBy];
  return { name: `cat-${promptBy}`, command: 'sh', args: ['-c', script, 'sh', ...last], promptBy, parser: 'plain' };
};

describe('the dispatcher', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
  });
  afterEach(() => stage.close());

  const play = (...args: Parameters<Stage['play']>): Promise<Dispatch> => stage.play(...args);

  describe('hands over', () => {
    const tricky = 'it’s "quoted" $(touch pwned) `id` ${model} %s\\n\n\n  trailing  ';

    for (const promptBy of ['stdin', 'file', 'argument'] as const) {
      it(`the prompt by ${promptBy}, to the byte`, async () => {
        const dispatch = await play({ kind: `cat-${promptBy}`, prompt: tricky }, {}, [cat(promptBy)]);
        assert.deepEqual(
          { status: dispatch.status, logOf: await logOf(dispatch) },
          { status: 'completed', logOf: tricky },
        );
        assert.ok(!(await readdir(stage.project)).includes('pwned'));
      });
    }

    for (const promptBy of ['stdin', 'file'] as const) {
      it(`a prompt of 200 kB by ${promptBy}`, async () => {
        const prompt = `${'0123456789'.repeat(20_000)}end`;
        assert.equal(await logOf(await play({ kind: `cat-${promptBy}`, prompt }, {}, [cat(promptBy)])), prompt);
      });
    }

    it('no prompt too long for an argument, and says what to do', async () => {
      const dispatcher = stage.dispatcher({}, [cat('argument')]);
      await assert.rejects(dispatcher.start(kernel, { kind: 'cat-argument', prompt: 'x'.repeat(200_000) }), {
        code: 'INVALID_ARGUMENT',
        message: /from stdin or a file/,
      });
      assert.equal(kernel.read((r) => listDispatches(r)).dispatches.length, 0);
    });

    it('a prompt from a file, whose later changes do not matter', async () => {
      const file = path.join(stage.project, 'task.md');
      await writeFile(file, 'echo first');
      const dispatcher = stage.dispatcher();
      const { id } = await dispatcher.start(kernel, { kind: 'shell', prompt: { file: 'task.md' } });
      await writeFile(file, 'echo second');
      const dispatch = await ended(dispatcher, kernel, id);
      assert.equal(await logOf(dispatch), 'first\n');
      assert.equal(await readFile(dispatch.promptFile ?? '', 'utf8'), 'echo first');
      await assert.rejects(dispatcher.start(kernel, { kind: 'shell', prompt: { file: 'none.md' } }), {
        code: 'FILE_UNREADABLE',
      });
    });

    it('arguments and hostile names as they are', async () => {
      const name = '$(touch pwned)"; DROP TABLE dispatches; --\n';
      const dispatch = await play(shell('printf "%s|" "$@"', { name, args: ['a b', '--flag', '$(id)', ''] }));
      assert.deepEqual({ name: dispatch.name, logOf: await logOf(dispatch) }, { name, logOf: 'a b|--flag|$(id)||' });
    });

    it('an allow-listed environment, its own variables last', async () => {
      const environment = {
        PATH: process.env['PATH'],
        HOME: stage.home,
        LC_ALL: 'C',
        CANARY: 'sings',
        TOKEN: 'handed on',
      };
      const kind: AgentKind = {
        ...cat('stdin'),
        name: 'env',
        command: 'env',
        args: [],
        env: { OF_KIND: 'a=b\nc' },
        passEnv: ['TOKEN'],
      };
      const request = { kind: 'env', prompt: '', env: { OF_REQUEST: 'yes', INTERCORE_DB: '/elsewhere' } };
      const dispatch = await play(request, { environment: environmentOf(environment), icBinDir: '/opt/ic/bin' }, [
        kind,
      ]);
      const lines = (await logOf(dispatch)).split('\n').sort();
      // The mark of a launch is as random as its storage's key.
      const own = ['PWD', 'SHLVL', '_', 'OLDPWD', 'INTERCORE_LAUNCH'];
      assert.deepEqual(
        lines.filter((line) => line !== '' && !own.includes(line.split('=')[0] ?? '')),
        [
          `HOME=${stage.home}`,
          `INTERCORE_DB=${kernel.path}`,
          `INTERCORE_DISPATCH_ID=${dispatch.id}`,
          `INTERCORE_VERDICT_FILE=${dispatch.verdictFile}`,
          'LC_ALL=C',
          'OF_KIND=a=b',
          'OF_REQUEST=yes',
          `PATH=/opt/ic/bin:${process.env['PATH']}`,
          'TOKEN=handed on',
          'c',
        ].sort(),
      );
    });

    it('a folder inside the project or the worktrees, and no other', async () => {
      const [inside, worktrees, outside] = ['project/sub', 'worktrees/one', 'outside'].map((each) =>
        path.join(stage.root, each),
      );
      for (const folder of [inside, worktrees, outside]) await mkdir(folder ?? '', { recursive: true });
      await symlink(outside ?? '', path.join(stage.project, 'link'));
      const workFolders = () => [path.join(stage.root, 'worktrees')];
      for (const cwd of ['sub', inside, worktrees]) {
        const dispatch = await play(shell('pwd -P', { cwd: cwd ?? '' }), { workFolders });
        assert.equal((await logOf(dispatch)).trim(), await realpath(path.resolve(stage.project, cwd ?? '')));
      }
      const dispatcher = stage.dispatcher({ workFolders });
      for (const cwd of ['..', outside, 'link', '/']) {
        await assert.rejects(dispatcher.start(kernel, shell('pwd', { cwd: cwd ?? '' })), { code: 'PATH_OUTSIDE' });
      }
      await assert.rejects(dispatcher.start(kernel, shell('pwd', { cwd: 'none' })), { code: 'INVALID_ARGUMENT' });
    });
  });
});
