import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../src/contract/agentKinds';
import { whenGone } from '../../src/host/process';
import { groupRuns, signalReaches } from '../../src/host/processIdentity';
import {
  countActive,
  dispatchEvents,
  dispatchProcess,
  endDispatch,
  listDispatches,
} from '../../src/kernel/dispatch/service';
import { createRun } from '../../src/kernel/run/service';
import { listAgents } from '../../src/kernel/tracking/service';
import type { DispatcherDeps, DispatchRequest } from '../../src/services/dispatcher';
import type { ProjectKernel } from '../../src/services/projectKernel';
import { ended, git, logOf, PATIENCE_MS, rowOf, Stage, whenLogged } from '../support/dispatching';

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

  const shell = (prompt: string, more: Partial<DispatchRequest> = {}): DispatchRequest => ({
    kind: 'shell',
    prompt,
    ...more,
  });

  /** Starts an agent and waits for its end. */
  async function play(request: DispatchRequest, deps: Partial<DispatcherDeps> = {}, kinds: readonly AgentKind[] = []) {
    const dispatcher = stage.dispatcher(deps, kinds);
    const { id } = await dispatcher.start(kernel, request);
    return ended(dispatcher, kernel, id);
  }

  it('ends what an agent started in a session of its own, too', async function () {
    if (process.platform !== 'linux') return this.skip();
    const dispatcher = stage.dispatcher();
    const started = await dispatcher.start(kernel, shell('setsid sh -c \'echo "stray $$"; exec sleep 300\' & wait'));
    await whenLogged(dispatcher, started, '\n');
    const stray = Number(/stray (\d+)/.exec(await logOf(started))?.[1]);
    assert.equal(signalReaches(stray), true);
    const dispatch = await dispatcher.kill(kernel, started.id, 'no longer wanted');
    assert.equal(dispatch.status, 'cancelled');
    await whenGone({ pid: stray, startToken: null }, 20, AbortSignal.timeout(PATIENCE_MS));
  });

  describe('records the truth about', () => {
    it('an agent that succeeds, with every fact of it', async () => {
      const dispatch = await play(shell('echo hello; echo oops >&2', { name: 'greeter', timeLimitSec: 600 }));
      assert.deepEqual(
        [dispatch.status, dispatch.exitCode, dispatch.errorMessage, dispatch.agentType, dispatch.name],
        ['completed', 0, null, 'shell', 'greeter'],
      );
      assert.equal(await logOf(dispatch), 'hello\noops\n');
      const folder = path.join(stage.storage, dispatch.id);
      assert.deepEqual(
        [dispatch.promptFile, dispatch.outputFile, dispatch.verdictFile, dispatch.projectDir, dispatch.timeoutSec],
        [
          path.join(folder, 'prompt.md'),
          path.join(folder, 'output.log'),
          path.join(folder, 'verdict'),
          stage.project,
          600,
        ],
      );
      const hash = createHash('sha256').update('echo hello; echo oops >&2').digest('hex').slice(0, 16);
      assert.deepEqual([dispatch.promptHash, dispatch.sandbox], [hash, 'none']);
      const process = kernel.read((r) => dispatchProcess(r, dispatch.id));
      assert.deepEqual([process?.argv, process?.cwd], [['sh', path.join(folder, 'prompt.md')], stage.project]);
      const steps = kernel
        .read((r) => dispatchEvents(r, dispatch.id))
        .map((event) => [event.fromStatus, event.toStatus]);
      assert.deepEqual(steps, [
        ['spawned', 'running'],
        ['running', 'completed'],
      ]);
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      assert.deepEqual(await readdir(stage.project), ['.clavain'], 'nothing is left in the project');
    });

    it('an agent that fails', async () => {
      const dispatch = await play(shell('exit 3'));
      assert.deepEqual([dispatch.status, dispatch.exitCode, dispatch.errorMessage], ['failed', 3, 'exit code 3']);
    });

    it('an agent that ends itself by a signal', async () => {
      const dispatch = await play(shell('kill -9 $$'));
      assert.deepEqual(
        [dispatch.status, dispatch.exitCode, dispatch.errorMessage],
        ['failed', null, 'ended by SIGKILL'],
      );
    });

    it('an agent that leaves a child holding its output open, without waiting for the child', async () => {
      const dispatch = await play(shell('sleep 300 & echo left $!'));
      const child = Number(/left (\d+)/.exec(await logOf(dispatch))?.[1]);
      assert.deepEqual([dispatch.status, signalReaches(child)], ['completed', true]);
      process.kill(child, 'SIGKILL');
    });

    it('ten megabytes in one line, and what follows it', async () => {
      const dispatch = await play(
        shell(
          'head -c 10485760 /dev/zero | tr "\\0" x; printf "\\n--- VERDICT ---\\nSTATUS: pass\\nSUMMARY: big\\n---\\n"',
        ),
      );
      assert.deepEqual(
        [dispatch.status, dispatch.verdictStatus, dispatch.verdictSummary],
        ['completed', 'pass', 'big'],
      );
    });

    it('a program that does not exist, in one sentence', async () => {
      const kind: AgentKind = {
        name: 'ghost',
        command: 'no-such-program-here',
        args: [],
        promptBy: 'stdin',
        parser: 'plain',
      };
      const dispatcher = stage.dispatcher({}, [kind]);
      await assert.rejects(dispatcher.start(kernel, { kind: 'ghost', prompt: 'boo' }), {
        code: 'AGENT_NOT_STARTED',
        message: 'The agent "no-such-program-here" could not be started: there is no such program.',
      });
      const [dispatch] = kernel.read((r) => listDispatches(r)).dispatches;
      assert.equal(dispatch?.status, 'failed');
      assert.match(dispatch.errorMessage ?? '', /there is no such program/);
    });

    it('a file that is no program', async () => {
      const command = path.join(stage.root, 'text.txt');
      await writeFile(command, 'hello', { mode: 0o644 });
      const kind: AgentKind = { name: 'text', command, args: [], promptBy: 'stdin', parser: 'plain' };
      await assert.rejects(stage.dispatcher({}, [kind]).start(kernel, { kind: 'text', prompt: '' }), {
        code: 'AGENT_NOT_STARTED',
        message: /not an executable file/,
      });
    });
  });

  describe('hands over', () => {
    const tricky = 'it’s "quoted" $(touch pwned) `id` ${model} %s\\n\n\n  trailing  ';

    for (const promptBy of ['stdin', 'file', 'argument'] as const) {
      it(`the prompt by ${promptBy}, to the byte`, async () => {
        const dispatch = await play({ kind: `cat-${promptBy}`, prompt: tricky }, {}, [cat(promptBy)]);
        assert.deepEqual([dispatch.status, await logOf(dispatch)], ['completed', tricky]);
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
        message: /by stdin or file/,
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
      assert.deepEqual([dispatch.name, await logOf(dispatch)], [name, 'a b|--flag|$(id)||']);
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
      const dispatch = await play(request, { environment, icBinDir: '/opt/ic/bin' }, [kind]);
      const lines = (await logOf(dispatch)).split('\n').sort();
      const own = ['PWD', 'SHLVL', '_', 'OLDPWD'];
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

  describe('refuses', () => {
    it('to start anything in an untrusted window', async () => {
      const dispatcher = stage.dispatcher({ canRun: () => false });
      await assert.rejects(dispatcher.start(kernel, shell('touch pwned')), { code: 'UNTRUSTED' });
      assert.deepEqual(await dispatcher.adopt(kernel), { adopted: [], settled: [], left: [] });
      assert.deepEqual(await readdir(stage.storage), []);
    });

    it('unknown kinds, and a sandbox that the kind would not keep to', async () => {
      const dispatcher = stage.dispatcher();
      await assert.rejects(dispatcher.start(kernel, { kind: 'gpt', prompt: '' }), { code: 'AGENT_KIND_UNKNOWN' });
      await assert.rejects(dispatcher.start(kernel, shell('true', { sandbox: 'read-only' })), {
        code: 'INVALID_ARGUMENT',
        message: /no sandbox/,
      });
    });

    it('an unknown run, leaving nothing behind', async () => {
      await assert.rejects(stage.dispatcher().start(kernel, shell('true', { runId: 'nothere1' })), {
        code: 'NOT_FOUND',
      });
      assert.deepEqual([kernel.read((r) => listDispatches(r)).dispatches, await readdir(stage.storage)], [[], []]);
    });

    it('more agents than the window may have, exactly', async () => {
      const dispatcher = stage.dispatcher({ maxConcurrent: () => 2 });
      const starts = await Promise.allSettled([1, 2, 3, 4].map(() => dispatcher.start(kernel, shell('sleep 300'))));
      const refused = starts
        .filter((each) => each.status === 'rejected')
        .map((each) => (each.reason as { code: string }).code);
      assert.deepEqual(refused, ['TOO_MANY_DISPATCHES', 'TOO_MANY_DISPATCHES']);
      assert.equal(
        kernel.read((r) => countActive(r)),
        2,
      );
      for (const { id } of kernel.read((r) => listDispatches(r, { active: true })).dispatches)
        await dispatcher.kill(kernel, id);
      await play(shell('true'), { maxConcurrent: () => 2 });
    });
  });

  describe('ends', () => {
    it('an agent with all it started, and says why', async () => {
      const dispatcher = stage.dispatcher();
      const { id } = await dispatcher.start(kernel, shell('sleep 300 & echo child $!; echo ready; sleep 300'));
      await whenLogged(dispatcher, rowOf(kernel, id), 'ready');
      const dispatch = await dispatcher.kill(kernel, id, 'not wanted any more');
      assert.deepEqual([dispatch.status, dispatch.errorMessage], ['cancelled', 'not wanted any more']);
      assert.equal(await groupRuns(dispatch.pid ?? 0), false);
      assert.equal(await dispatcher.kill(kernel, id).then((again) => again.errorMessage), 'not wanted any more');
    });

    it('an agent that will not hear', async () => {
      const dispatcher = stage.dispatcher();
      const { id } = await dispatcher.start(kernel, shell('trap "" TERM INT; echo ready; while :; do sleep 1; done'));
      await whenLogged(dispatcher, rowOf(kernel, id), 'ready');
      const dispatch = await dispatcher.kill(kernel, id);
      assert.deepEqual([dispatch.status, dispatch.errorMessage], ['cancelled', 'killed by user']);
      await dispatcher.dispose();
      assert.equal(await groupRuns(dispatch.pid ?? 0), false);
    });

    it('an agent whose time is up, politely first', async () => {
      const dispatch = await play(shell('trap "echo bye; exit 7" TERM; sleep 300 & wait', { timeLimitSec: 1 }));
      assert.deepEqual(
        [dispatch.status, dispatch.exitCode, dispatch.errorMessage, await logOf(dispatch)],
        ['timeout', 7, 'time limit of 1 s reached', 'bye\n'],
      );
      assert.equal(await groupRuns(dispatch.pid ?? 0), false);
    });

    it('an agent whose time is up and that will not hear', async () => {
      const dispatch = await play(shell('trap "" TERM; while :; do sleep 1; done', { timeLimitSec: 1 }));
      assert.deepEqual([dispatch.status, dispatch.errorMessage], ['timeout', 'time limit of 1 s reached']);
      assert.equal(await groupRuns(dispatch.pid ?? 0), false);
    });

    it('the process of a dispatch that was ended in the record', async () => {
      const dispatcher = stage.dispatcher();
      const { id, pid } = await dispatcher.start(kernel, shell('echo ready; sleep 300'));
      await whenLogged(dispatcher, rowOf(kernel, id), 'ready');
      await kernel.write((u) => {
        endDispatch(u, id, { status: 'cancelled', errorMessage: 'rolled back' });
      });
      await whenGone({ pid: pid ?? 0, startToken: null }, 20, AbortSignal.timeout(PATIENCE_MS));
      assert.equal(await groupRuns(pid ?? 0), false);
      assert.equal(rowOf(kernel, id).errorMessage, 'rolled back');
    });
  });

  describe('ties an agent to its run', () => {
    const newRun = () => kernel.write((u) => createRun(u, { projectDir: stage.project, goal: 'g' }).id);

    it('so that the run has an active agent while it works, and a completed one after', async () => {
      const runId = await newRun();
      const dispatcher = stage.dispatcher();
      const gate = path.join(stage.root, 'gate');
      const request = shell(`mkfifo ${gate}.fifo; echo "run $INTERCORE_RUN_ID"; read -r _ < ${gate}.fifo`, {
        runId,
        agentName: 'smith',
      });
      const dispatch = await dispatcher.start(kernel, request);
      await whenLogged(dispatcher, dispatch, `run ${runId}`);
      const agents = () =>
        kernel
          .read((r) => listAgents(r, runId))
          .map((agent) => [agent.status, agent.name, agent.agentType, agent.dispatchId]);
      assert.deepEqual(agents(), [['active', 'smith', 'shell', dispatch.id]]);
      await writeFile(`${gate}.fifo`, 'go\n');
      const done = await ended(dispatcher, kernel, dispatch.id);
      assert.deepEqual([done.status, done.scopeId], ['completed', runId]);
      assert.deepEqual(agents(), [['completed', 'smith', 'shell', dispatch.id]]);
    });

    it('which has failed when the agent has, or could not be started', async () => {
      const runId = await newRun();
      await play(shell('exit 1', { runId }));
      const ghost: AgentKind = {
        name: 'ghost',
        command: 'no-such-program-here',
        args: [],
        promptBy: 'stdin',
        parser: 'plain',
      };
      await assert.rejects(stage.dispatcher({}, [ghost]).start(kernel, { kind: 'ghost', prompt: '', runId }));
      assert.deepEqual(
        kernel.read((r) => listAgents(r, runId)).map((agent) => agent.status),
        ['failed', 'failed'],
      );
    });
  });

  describe('reads a verdict', () => {
    it('from its file before its output, apart from the status', async () => {
      const block = 'printf -- "--- VERDICT ---\\nSTATUS: %s\\nSUMMARY: %s\\n---\\n"';
      const both = await play(shell(`${block} pass loud; ${block} reject "found a leak" > "$INTERCORE_VERDICT_FILE"`));
      assert.deepEqual([both.status, both.verdictStatus, both.verdictSummary], ['completed', 'reject', 'found a leak']);
      const said = await play(shell(`${block} pass loud; exit 2`));
      assert.deepEqual([said.status, said.verdictStatus, said.verdictSummary], ['failed', 'pass', 'loud']);
    });

    it('and is not held up by a verdict file that is none', async () => {
      const dispatch = await play(shell('mkfifo "$INTERCORE_VERDICT_FILE"'));
      assert.deepEqual([dispatch.status, dispatch.verdictStatus], ['completed', null]);
    });
  });

  it('lets a shell agent commit in a real repository', async () => {
    await git(stage.project, 'init', '--quiet', '--initial-branch=main');
    const script =
      'echo hi > a.txt && git add a.txt && git -c user.name=A -c user.email=a@example.invalid commit -qm "Add a"';
    const dispatch = await play(shell(script), { environment: { PATH: process.env['PATH'], HOME: stage.home } });
    assert.deepEqual([dispatch.status, await git(stage.project, 'log', '--format=%s')], ['completed', 'Add a\n']);
  });

  it('tells followers that a log has grown, and where it is', async () => {
    const dispatcher = stage.dispatcher();
    const { id, outputFile } = await dispatcher.start(kernel, shell('echo one; sleep 300'));
    const files: string[] = [];
    dispatcher.onDidOutput(({ file }) => files.push(file));
    await whenLogged(dispatcher, rowOf(kernel, id), 'one');
    assert.deepEqual([dispatcher.logFile(kernel, id), ...new Set(files)].slice(0, 1), [outputFile]);
    await dispatcher.kill(kernel, id);
  });

  it('lets go of a wait when asked', async () => {
    const dispatcher = stage.dispatcher();
    const { id } = await dispatcher.start(kernel, shell('sleep 300'));
    const stop = new AbortController();
    const waiting = dispatcher.wait(kernel, id, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await assert.rejects(dispatcher.wait(kernel, 'nothere1'), { code: 'NOT_FOUND' });
    await dispatcher.kill(kernel, id);
  });
});
