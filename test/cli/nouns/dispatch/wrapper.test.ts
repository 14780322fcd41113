import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { IC_SCRIPT } from '../../../support/ic/ic';
import { IcProject } from '../../../support/records/icProject';
import { PASSES, readWrapperCall, wrapperScript } from '../../../support/dispatch/wrapperScript';

const BIN = path.resolve(IC_SCRIPT, '../../bin');
const TASK = 'Do the “task”.\n\n';

describe('ic dispatch spawn, in a project with a wrapper script', function () {
  this.timeout(120_000);
  let project: IcProject;

  beforeEach(async () => {
    project = await IcProject.open();
    await project.write('task.md', TASK);
  });
  afterEach(() => project.close());

  const spawn = (...flags: string[]): Promise<string> =>
    project.ok('dispatch', 'spawn', '--prompt-file=task.md', ...flags);
  const wait = (id: string) => project.run(['dispatch', 'wait', id, '--poll=50ms']);
  const copyOf = (id: string): string => project.at('state/intercore/dispatches', id, 'prompt.md');

  it('calls it with exactly the arguments of the original, in order', async () => {
    const script = await project.write('d.sh', wrapperScript(PASSES));
    const name = 'a b; $(touch pwned) "q"';
    const flags = [`--dispatch-sh=${script}`, '--output=out/o.md', `--name=${name}`, '--model=m-1'];
    await mkdir(project.at('out'));
    const id = await spawn(...flags, '--type=reviewer', '--sandbox=read-only', '--timeout=90s');
    assert.equal((await wait(id)).code, 0);
    const output = project.at('out/o.md');
    const { argv, cwd, prompt } = await readWrapperCall(output);
    assert.deepEqual(argv, [
      ...['-C', project.folder, '-o', output, '--prompt-file', copyOf(id), '-n', name, '-m', 'm-1'],
      ...['--sandbox', 'read-only', '--timeout', '90'],
    ]);
    assert.deepEqual({ cwd, prompt }, { cwd: project.folder, prompt: TASK });
    assert.deepEqual(await project.rows('SELECT agent_type, sandbox, timeout_sec, model FROM dispatches'), [
      'reviewer|read-only|90|m-1',
    ]);
  });

  it('leaves out arguments that were not given, and names a file for its output', async () => {
    const script = await project.write('d.sh', wrapperScript(PASSES));
    const id = await spawn(`--dispatch-sh=${script}`);
    assert.equal((await wait(id)).code, 0);
    const [output = ''] = await project.rows('SELECT output_file FROM dispatches');
    assert.match(path.relative(project.folder, output), /^ic-dispatch-\d{19}\.md$/);
    const { argv } = await readWrapperCall(output);
    const asked = ['-C', project.folder, '-o', output, '--prompt-file', copyOf(id)];
    assert.deepEqual(argv, [...asked, '--sandbox', 'workspace-write']);
    assert.deepEqual(await project.rows('SELECT agent_type FROM dispatches'), ['codex']);
  });

  it('passes on its whole environment, with the dispatch added', async () => {
    const script = await project.write('d.sh', wrapperScript(PASSES));
    const runId = await project.ok('run', 'create', '--goal=g');
    const own = { CLAVAIN_DISPATCH_SH: script, TOKEN: 'secret', ODD: 'a=b\nc' };
    const args = ['dispatch', 'spawn', '--prompt-file=task.md', '--output=o.md', `--scope-id=${runId}`];
    const { stdout } = await project.run(args, { env: own });
    const id = stdout.trim();
    assert.equal((await wait(id)).code, 0);
    const { INTERCORE_LAUNCH: mark, ...env } = (await readWrapperCall(project.at('o.md'))).env;
    assert.match(mark ?? '', /^[0-9a-f]{32}$/);
    assert.deepEqual(env, {
      ...project.env,
      ...own,
      TZ: 'UTC',
      PATH: `${BIN}:${process.env['PATH'] ?? ''}`,
      INTERCORE_DB: project.database,
      INTERCORE_DISPATCH_ID: id,
      INTERCORE_RUN_ID: runId,
      INTERCORE_VERDICT_FILE: project.at('o.md.verdict'),
    });
  });

  describe('records', () => {
    const work = async (script: string): Promise<{ id: string; code: number; status: string }> => {
      const file = await project.write('d.sh', wrapperScript(script));
      const id = await spawn(`--dispatch-sh=${file}`, '--output=o.md');
      const { code, stdout } = await wait(id);
      return { id, code, status: stdout };
    };

    it('the verdict, the tokens and the end of one that succeeds', async () => {
      const { code, status } = await work(PASSES);
      assert.equal(code, 0);
      assert.match(
        status,
        /Status: {2}completed\n[^]*Tokens: {2}1200 in \/ 80 out\nVerdict: pass\nSummary: all is well\nExit: {4}0\n$/,
      );
    });

    it('the actual exit code of one that fails, with its verdict', async () => {
      const { code, status } = await work(
        `printf 'STATUS: fail\\nSUMMARY: two findings\\n' > "$output.verdict"\nexit 7\n`,
      );
      assert.equal(code, 1);
      assert.match(
        status,
        /Status: {2}failed\n[^]*Verdict: fail\nSummary: two findings\nExit: {4}7\nError: {3}exit code 7\n$/,
      );
    });

    it('one that fails as failed, even if its verdict is pass', async () => {
      const { code, status } = await work(`${PASSES}exit 1\n`);
      assert.equal(code, 1);
      assert.match(status, /Status: {2}failed\n[^]*Verdict: pass\n/);
    });

    it('no verdict and no tokens if it leaves none', async () => {
      const { id, code } = await work('echo nothing\n');
      assert.equal(code, 0);
      assert.deepEqual(
        await project.rows(
          `SELECT status, exit_code, verdict_status IS NULL, input_tokens FROM dispatches WHERE id = '${id}'`,
        ),
        ['completed|0|1|0'],
      );
    });

    it('a verdict that a gate then reads', async () => {
      const runId = await project.ok('run', 'create', '--goal=g', '--phases=["review","polish","done"]');
      const file = await project.write('d.sh', wrapperScript(PASSES));
      assert.equal((await project.run(['gate', 'check', runId])).code, 1);
      const id = await spawn(`--dispatch-sh=${file}`, `--scope-id=${runId}`);
      assert.equal((await wait(id)).code, 0);
      assert.equal((await project.run(['gate', 'check', runId])).code, 0);
    });

    it('the progress that it reports while it runs', async () => {
      await promisify(execFile)('mkfifo', [project.at('reported'), project.at('go')]);
      const state = '{"name":"n","workdir":"w","turns":3,"commands":5,"messages":8}';
      const file = await project.write(
        'd.sh',
        wrapperScript(`state=/tmp/clavain-dispatch-$$.json
echo '${state}' > "$state"
echo reported > "$project/reported"
read -r _ < "$project/go"
rm -f "$state"
${PASSES}`),
      );
      const id = await spawn(`--dispatch-sh=${file}`, '--output=o.md');
      await promisify(execFile)('cat', [project.at('reported')]);
      assert.match(
        await project.ok('dispatch', 'poll', id),
        /Status: {2}running\n[^]*Stats: {3}3 turns, 5 commands, 8 messages/,
      );
      await promisify(execFile)('sh', ['-c', 'echo go > "$0"', project.at('go')]);
      assert.match((await wait(id)).stdout, /Status: {2}completed\n[^]*Stats: {3}3 turns, 5 commands, 8 messages/);
    });
  });

  describe('finds it', () => {
    /** The script that ran: each prints its name. */
    const ran = async (script: string): Promise<string> =>
      project.write(script, wrapperScript(`printf 'STATUS: pass\\nSUMMARY: ${script}\\n' > "$output.verdict"`));
    const chosen = async (args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}) => {
      const spawned = await project.run(
        ['dispatch', 'spawn', `--prompt-file=${project.at('task.md')}`, `--project=${project.folder}`, ...args],
        options,
      );
      assert.equal(spawned.code, 0, spawned.stderr);
      return /Summary: (.*)/.exec((await wait(spawned.stdout.trim())).stdout)?.[1];
    };

    it('by the flag, then by the environment, then in the parents of the working directory', async () => {
      const hub = 'hub/clavain/scripts/dispatch.sh';
      const [flag, variable] = [await ran('flag.sh'), await ran('env.sh'), await ran(hub)];
      const below = project.at('a/b');
      await mkdir(below, { recursive: true });
      const env = { CLAVAIN_DISPATCH_SH: variable };
      assert.equal(await chosen([`--dispatch-sh=${flag}`], { env }), 'flag.sh');
      assert.equal(await chosen(['--dispatch-sh=none.sh'], { env }), 'env.sh');
      assert.equal(await chosen([], { env: { CLAVAIN_DISPATCH_SH: project.at('none.sh') }, cwd: below }), hub);
      await symlink(variable, project.at('link.sh'));
      assert.equal(await chosen(['--dispatch-sh=link.sh']), 'env.sh');
    });

    it('even if it is not executable, because bash reads it', async () => {
      const file = await ran('plain.sh');
      const { stdout } = await promisify(execFile)('stat', ['-c', '%a', file]);
      assert.equal(stdout.trim(), '644');
      assert.equal(await chosen([`--dispatch-sh=${file}`]), 'plain.sh');
    });

    it('nowhere, and then runs the agent kind of the type', async () => {
      await project.write('task.md', 'printf -- "--- VERDICT ---\\nSTATUS: pass\\nSUMMARY: kind\\n---\\n"');
      const env = { CLAVAIN_DISPATCH_SH: project.at('none.sh') };
      assert.equal(await chosen(['--type=shell', '--dispatch-sh=none.sh'], { env }), 'kind');
      const unknown = ['dispatch', 'spawn', '--prompt-file=task.md', '--type=reviewer', '--dispatch-sh=none.sh'];
      const refused = await project.run(unknown);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /There is no agent kind "reviewer"/);
    });
  });

  it('exits with 2 and records a failed dispatch if there is no bash to read it', async () => {
    const script = await project.write('d.sh', wrapperScript(PASSES));
    const args = ['dispatch', 'spawn', '--prompt-file=task.md', `--dispatch-sh=${script}`, '--output=o.md'];
    const refused = await project.run(args, { env: { PATH: project.at('nothing') } });
    assert.deepEqual({ code: refused.code, stdout: refused.stdout }, { code: 2, stdout: '' });
    assert.match(refused.stderr, /The agent "bash" could not be started: there is no such program/);
    assert.deepEqual(await project.rows('SELECT status, exit_code IS NULL, pid IS NULL FROM dispatches'), [
      'failed|1|1',
    ]);
  });

  it('exits with 2 and records nothing if the prompt cannot be read', async () => {
    const script = await project.write('d.sh', wrapperScript(PASSES));
    const refused = await project.run(['dispatch', 'spawn', '--prompt-file=none.md', `--dispatch-sh=${script}`]);
    assert.deepEqual({ code: refused.code, stdout: refused.stdout }, { code: 2, stdout: '' });
    assert.deepEqual(await project.rows('SELECT id FROM dispatches'), []);
  });
});
