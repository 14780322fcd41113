/** `npm pack` makes one file, and `npm install --global` of it, without a network, installs `ic`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { inProject } from '../../tools/project';

const INITIALIZE = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
})}\n`;

/** The input of packing, and the files built from it. */
const SOURCES = ['package.json', '.npmignore', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'bin', 'prompts', 'src'];
const BUILD = ['esbuild.mjs', 'scripts/build', 'tsconfig.json'];

describe('ic, packed and installed with npm', function () {
  this.timeout(180_000);
  let base: string;
  let installed: string;
  let packed: string[];

  before(async () => {
    base = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-install-')));
    const project = path.join(base, 'project');
    for (const name of [...SOURCES, ...BUILD]) {
      await cp(inProject(name), path.join(project, name), { recursive: true });
    }
    await symlink(inProject('node_modules'), path.join(project, 'node_modules'), 'dir');
    ok(process.execPath, ['esbuild.mjs', '--production'], project);
    await mkdir(path.join(base, 'packed'));
    ok('npm', ['pack', '--ignore-scripts', '--pack-destination', path.join(base, 'packed')], project);
    const [tarball = ''] = await readdir(path.join(base, 'packed'));
    const file = path.join(base, 'packed', tarball);
    packed = ok('tar', ['-tzf', file], base).trim().split('\n').sort();
    const prefix = path.join(base, 'prefix');
    ok('npm', ['install', '--global', '--offline', '--ignore-scripts', '--prefix', prefix, file], base);
    installed = path.join(prefix, 'bin');
    // It must not need the folder that it was built in.
    await rm(project, { recursive: true });
  });

  after(() => rm(base, { recursive: true, force: true }));

  /** With its own home and cache, and an unreachable registry. */
  function execute(program: string, args: readonly string[], cwd: string, input = '') {
    const env = {
      HOME: base,
      PATH: [installed, path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
      PWD: cwd,
      npm_config_cache: path.join(base, 'cache'),
      npm_config_registry: 'http://127.0.0.1:1/',
      npm_config_update_notifier: 'false',
    };
    return spawnSync(program, args, { cwd, env, input, encoding: 'utf8' });
  }

  function ok(program: string, args: readonly string[], cwd: string, input?: string): string {
    const { status, stdout, stderr, error } = execute(program, args, cwd, input);
    assert.equal(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
    return stdout;
  }

  it('packs what ic needs, and no source, test or map', () => {
    assert.deepEqual(
      packed.filter((name) => name.startsWith('package/dist/') && !/\/part-[a-zA-Z-]+-[A-Z0-9]{8}\.js$/.test(name)),
      [
        ...['ic-lead.js', 'ic-mcp.js', 'ic-program.js', 'ic.js', 'inspector.js', 'launcher.js'],
        ...[
          'package.json',
          'packages/octokit-request.js',
          'packages/simple-git.js',
          'packages/zod-json-schema.js',
          'session-host.js',
          'sql-wasm.wasm.br',
          'storage-thread.js',
        ],
      ].map((name) => `package/dist/${name}`),
    );
    assert.deepEqual([...new Set(packed.map((name) => name.split('/')[1] ?? ''))].sort(), [
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'docs', 'package.json', 'prompts'],
    ]);
  });

  it('is one command that creates a record and starts agents', async () => {
    assert.deepEqual(await readdir(installed), ['ic']);
    const cwd = await mkdtemp(path.join(base, 'work-'));
    assert.match(ok('ic', ['version'], cwd), /^ic \d+\.\d+\.\d+/);
    ok('ic', ['init'], cwd);
    const run = ok('ic', ['run', 'create', '--goal=Installed'], cwd).trim();
    assert.equal(ok('ic', ['run', 'current'], cwd).trim(), run);
    spawnSync('sh', ['-c', 'echo "ic run current > found" > task.sh'], { cwd });
    const id = ok('ic', ['dispatch', 'spawn', '--type=shell', '--prompt-file=task.sh'], cwd).trim();
    ok('ic', ['dispatch', 'wait', id, '--poll=50ms'], cwd);
    assert.equal(ok('cat', ['found'], cwd).trim(), run);
  });

  it('includes the parts that it loads late: git, and the server of tools', async () => {
    const cwd = await mkdtemp(path.join(base, 'late-'));
    ok('ic', ['init'], cwd);
    ok('git', ['init', '--quiet', '--initial-branch=main'], cwd);
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    ok('git', [...identity, 'commit', '--quiet', '--allow-empty', '--message=Initial'], cwd);
    const project = ok('ic', ['project', 'add'], cwd).trim();
    assert.match(ok('ic', ['project', 'list'], cwd), new RegExp(`^${project}\t`));
    assert.match(ok('ic', ['mcp'], cwd, INITIALIZE), /"serverInfo":\{"name":"intercore"/);
  });

  it('is uninstalled completely', async () => {
    ok('npm', ['uninstall', '--global', '--prefix', path.dirname(installed), 'intercore'], base);
    assert.deepEqual(await readdir(installed), []);
    assert.equal(existsSync(path.join(path.dirname(installed), 'lib/node_modules/intercore')), false);
  });
});
