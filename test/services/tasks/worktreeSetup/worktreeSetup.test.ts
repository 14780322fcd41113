/** What a new worktree gets of the person's clone, and what is proposed for it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createRepository, git } from '../../../../scripts/demo/repositories';
import { includedFiles } from '../../../../src/services/tasks/worktreeSetup/setUp';
import { proposeSetup } from '../../../../src/services/tasks/worktreeSetup/projectSetup';
import { Projects } from '../../../support/projects';
import { testGit } from '../../../support/git';

describe('ignored files for new worktrees', () => {
  const projects = Projects.ofSuite();
  let clone: string;
  const put = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(clone, name)), { recursive: true });
      await writeFile(path.join(clone, name), text);
    }
  };
  const included = async (patterns: readonly string[] = []): Promise<string[]> => {
    const own = testGit();
    return includedFiles(own, await own.places.gitFolder(clone), patterns);
  };
  beforeEach(async () => {
    clone = path.join(await projects.folder(), 'clone');
    const files = { 'tracked.env': 'x', 'pkg/code.ts': '', '.gitignore': '.env*\nnode_modules/\nlocal/\n*.secret\n' };
    await createRepository(clone, [{ message: 'Start', files }]);
    await put({
      '.env': 'A=1',
      '.env.local': 'B=2',
      'with\nbreak.secret': 's',
      'pkg/.env': 'C=3',
      'new.txt': 'n',
      'node_modules/a/b.js': '',
      'pkg/node_modules/c/d.js': '',
      'local/key': 'k',
      'local/deep/x': '',
    });
  });

  it('are none without a file and a setting', async () => {
    assert.deepEqual(await included(), []);
  });

  it('are those that .worktreeinclude names and git ignores', async () => {
    await put({ '.worktreeinclude': '# secrets\n.env*\nlocal/deep/\nnew.txt\ntracked.env\n!.env.local\n*.secret\n' });
    assert.deepEqual(await included(), ['.env', 'local/deep/', 'pkg/.env', 'with\nbreak.secret']);
  });

  it('are those that a .worktreeinclude of Windows names: a byte order mark, and lines with a return', async () => {
    await put({ '.worktreeinclude': '\uFEFF.env*\r\n# local\r\n!.env.local\r\n/local/deep/x\r\n\r\n' });
    assert.deepEqual(await included(), ['.env', 'local/deep/', 'pkg/.env']);
  });

  it('are none that a .worktreeinclude outside of the repository names, nor files outside', async () => {
    await writeFile(path.join(clone, '..', 'elsewhere'), '.env\n');
    await symlink('../elsewhere', path.join(clone, '.worktreeinclude'));
    assert.deepEqual(await included(), []);
    await rm(path.join(clone, '.worktreeinclude'));
    await put({ '.worktreeinclude': '../elsewhere\n/../elsewhere\n../*\n/\n' });
    assert.deepEqual(await included(), []);
  });

  it('are none behind a link to a folder outside', async () => {
    await put({ '../outside/key.secret': 'k' });
    await symlink('../outside', path.join(clone, 'linked'));
    await put({ '.worktreeinclude': 'linked/key.secret\nlinked/\n*.secret\n' });
    assert.deepEqual(await included(), ['with\nbreak.secret']);
  });

  it('are those that the setting names, too; a folder comes whole', async () => {
    await put({ '.worktreeinclude': '.env\n' });
    assert.deepEqual(await included(['node_modules/', 'local']), [
      ...['.env', 'local/', 'node_modules/', 'pkg/.env', 'pkg/node_modules/'],
    ]);
  });

  it('are never the record, not even by a star', async () => {
    await put({ '.clavain/.gitignore': '*\n', '.clavain/intercore.db': 'record', '.worktreeinclude': '*\n' });
    const all = await included();
    assert.equal(all.includes('.env'), true);
    assert.deepEqual(
      all.filter((entry) => entry.includes('.clavain')),
      [],
    );
  });

  it('are asked of git without letting a pattern be an option', async () => {
    assert.deepEqual(await included(['--exclude-standard']), []);
  });
});

const VENV = "python3 -m venv .venv && echo '*' > .venv/.gitignore && .venv/bin/pip install --quiet";

describe('a proposal for the set-up of worktrees', () => {
  type Files = Readonly<Record<string, string>>;
  const proposalsFor = (files: Files) =>
    proposeSetup({
      read: (name) => Promise.resolve(files[name]),
      has: (name) => Promise.resolve(Object.keys(files).some((file) => file === name || file.startsWith(`${name}/`))),
      nested: (names) =>
        Promise.resolve(
          Object.keys(files).filter((file) => file.includes('/') && names.includes(path.posix.basename(file))),
        ),
    });
  const commandsFor = async (files: Files): Promise<string[]> =>
    (await proposalsFor(files)).flatMap((one) => (one.kind === 'command' ? [one.command.join(' ')] : []));

  it('leaves out, until it is chosen, what makes a file that git does not ignore', async () => {
    const [cargo, ...others] = await proposalsFor({ 'Cargo.toml': '' });
    assert.deepEqual(
      { command: cargo?.kind === 'command' && cargo.command.join(' '), isChosen: cargo?.isChosen, others },
      { command: 'cargo fetch', isChosen: false, others: [] },
    );
  });

  it('leaves out, until it is chosen, a project below another of its kind', async () => {
    const proposals = await proposalsFor({ 'package-lock.json': '', 'tools/package-lock.json': '' });
    assert.deepEqual(
      proposals.map(({ source, isChosen }) => [source, isChosen]),
      [
        ['package-lock.json', true],
        ['tools/package-lock.json', false],
      ],
    );
  });

  const cases: readonly (readonly [Files, readonly string[]])[] = [
    [{ 'package-lock.json': '', 'package.json': '' }, ['npm ci']],
    [{ 'package.json': '' }, ['npm install --no-package-lock']],
    [{ 'pnpm-lock.yaml': '', 'package.json': '' }, ['pnpm install --frozen-lockfile']],
    [{ 'yarn.lock': '' }, ['yarn install --frozen-lockfile']],
    [{ 'yarn.lock': '', '.yarnrc.yml': '' }, ['yarn install --immutable']],
    [{ 'yarn.lock': '# A comment\n\n__metadata:\n  version: 8\n' }, ['yarn install --immutable']],
    [{ 'package.json': '{"packageManager": "pnpm@10.1.0"}' }, ['pnpm install --no-lockfile']],
    [{ 'package.json': '{"packageManager": "yarn@1.22.22"}' }, ['yarn install --no-lockfile']],
    [{ 'package.json': '{"packageManager": "yarn@4.1.0"}' }, ['yarn install']],
    [{ 'package.json': '{}', 'pnpm-workspace.yaml': '' }, ['pnpm install --no-lockfile']],
    [{ 'package.json': '{"packageManager": "npm@11.0.0"}', 'yarn.lock': '', 'package-lock.json': '' }, ['npm ci']],
    [{ 'package.json': '{"packageManager": 7}', 'package-lock.json': '' }, ['npm ci']],
    [{ 'go.work': '', 'a/go.mod': '', 'b/go.mod': '' }, ['go mod download']],
    [{ 'pom.xml': '<project><modules>', 'a/pom.xml': '' }, ['mvn --batch-mode --quiet -DskipTests test-compile']],
    [{ 'settings.gradle.kts': '', 'app/build.gradle.kts': '' }, ['gradle --quiet dependencies']],
    [{ 'composer.json': '' }, ['composer install --quiet --no-interaction']],
    [
      {
        'web app/package-lock.json': '',
        'api/uv.lock': '',
        'api/tests/fixtures/uv.lock': '',
        'docs/requirements.txt': '',
      },
      ["sh -c cd './web app' && npm ci", 'sh -c cd ./api && uv sync --frozen'],
    ],
    [
      { 'backend/pom.xml': '', 'backend/core/pom.xml': '', 'frontend/yarn.lock': '' },
      [
        'sh -c cd ./frontend && yarn install --frozen-lockfile',
        'sh -c cd ./backend && mvn --batch-mode --quiet dependency:go-offline',
      ],
    ],
    [{ 'requirements.txt': '' }, [`sh -c ${VENV} -r requirements.txt`]],
    [{ 'pyproject.toml': '[tool.ruff]\nline-length = 100' }, []],
    [{ 'uv.lock': '', 'pyproject.toml': '' }, ['uv sync --frozen']],
    [{ 'Cargo.toml': '', 'Cargo.lock': '' }, ['cargo fetch --locked']],
    [{ 'go.mod': '' }, ['go mod download']],
    [{ 'pom.xml': '' }, ['mvn --batch-mode --quiet dependency:go-offline']],
    [{ 'build.gradle.kts': '', gradlew: '' }, ['./gradlew --quiet dependencies']],
    [{ 'go.mod': '', 'package-lock.json': '' }, ['npm ci', 'go mod download']],
    [{ 'README.md': '' }, []],
  ];
  for (const [files, commands] of cases) {
    it(`is ${commands.join(', ') || 'nothing'} for ${Object.keys(files).join(', ')}`, async () => {
      assert.deepEqual(await commandsFor(files), commands);
    });
  }

  for (const place of ['parcels.egg-info', 'src/parcels.egg-info', '.venv/lib']) {
    it(`leaves a Python project as it was where its notes are in ${place}`, async () => {
      const root = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-python-')));
      try {
        const [project, bin] = [path.join(root, 'project'), path.join(root, 'bin')];
        await Promise.all([mkdir(project), mkdir(bin)]);
        await git(project, ['init', '--quiet']);
        const pip = `mkdir -p ${place} && touch ${place}/PKG-INFO`;
        const python = `mkdir -p .venv/bin && echo '${pip}' > .venv/bin/pip && chmod +x .venv/bin/pip`;
        await writeFile(path.join(bin, 'python3'), `#!/bin/sh\n${python}\n`, { mode: 0o755 });
        const [proposal] = await proposalsFor({ 'pyproject.toml': '[build-system]\nrequires = []' });
        assert.ok(proposal?.kind === 'command');
        const [program, ...args] = proposal.command;
        const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
        await promisify(execFile)(program, args, { cwd: project, env });
        assert.equal(await git(project, ['status', '--porcelain']), '');
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    });
  }

  it('takes over what conductor.json, Cursor and a dev container say, and chooses that', async () => {
    const files = {
      'package-lock.json': '',
      'conductor.json': '{"scripts": {"setup": "npm ci && cp $CONDUCTOR_ROOT_PATH/.env .", "run": "npm start"}}',
      '.cursor/worktrees.json': '{"setup-worktree": ["npm ci", "cp $ROOT_WORKTREE_PATH/.env .env"]}',
      '.devcontainer/devcontainer.json':
        '{ // comment\n "postCreateCommand": {"a": ["npm", "ci"], "b": "make deps"}, "image": "x",}',
    };
    const proposals = await proposalsFor(files);
    const commands = proposals.flatMap((proposal) => (proposal.kind === 'command' ? [proposal] : []));
    assert.deepEqual(
      commands.map(({ source, isChosen }) => [source, isChosen]),
      [
        ['conductor.json', true],
        ['.cursor/worktrees.json', true],
        ['.cursor/worktrees.json', true],
        ['.devcontainer/devcontainer.json', true],
        ['.devcontainer/devcontainer.json', true],
        ['package-lock.json', false],
      ],
    );
    const [first, , third, fourth, fifth] = commands.map(({ command }) => command);
    assert.match(first?.[2] ?? '', /^export CONDUCTOR_ROOT_PATH="\$INTERCORE_PROJECT_DIR".*; npm ci && cp /);
    assert.match(third?.[2] ?? '', /^export ROOT_WORKTREE_PATH="\$INTERCORE_PROJECT_DIR"; cp \$ROOT_WORKTREE_PATH/);
    assert.deepEqual({ fourth, fifth }, { fourth: ['npm', 'ci'], fifth: ['sh', '-c', 'make deps'] });
  });

  it('takes over no script from outside of the repository, and runs one with the shell that it names', async () => {
    const cursor = (name: string, script = '') =>
      commandsFor({ '.cursor/worktrees.json': JSON.stringify({ 'setup-worktree': name }), '.cursor/setup.sh': script });
    assert.deepEqual(await cursor('../../elsewhere.sh'), []);
    assert.deepEqual(await cursor('/etc/setup.sh'), []);
    const variable = 'sh -c export ROOT_WORKTREE_PATH="$INTERCORE_PROJECT_DIR"; ';
    assert.deepEqual(await cursor('setup.sh'), [`${variable}sh ./.cursor/setup.sh`]);
    assert.deepEqual(await cursor('setup.sh', '#!/usr/bin/env bash\r\n'), [`${variable}bash ./.cursor/setup.sh`]);
  });

  it('reads files that start with a byte order mark and have lines of Windows', async () => {
    const conductor = '\uFEFF{\r\n  /* how */\r\n  "scripts": {"setup": "make"},\r\n}\r\n';
    assert.match((await commandsFor({ 'conductor.json': conductor }))[0] ?? '', /; make$/);
  });

  const devCases: readonly (readonly [unknown, string, boolean])[] = [
    ['npm ci', 'sh -c npm ci', true],
    ['sudo chown -R node node_modules', 'sh -c sudo chown -R node node_modules', false],
    ['rm -rf ${containerWorkspaceFolder}/out', 'sh -c rm -rf $PWD/out', true],
    ['echo ${localEnv:USER} ${containerEnv:CI:no}', 'sh -c echo ${USER} ${CI:-no}', true],
    ['/workspaces/app/setup.sh', 'sh -c /workspaces/app/setup.sh', false],
    [['make', '${containerWorkspaceFolder}'], 'make ${containerWorkspaceFolder}', false],
  ];
  for (const [given, line, isChosen] of devCases) {
    it(`takes over ${JSON.stringify(given)} of a dev container${isChosen ? '' : ', but does not choose it'}`, async () => {
      const file = '.devcontainer/api/devcontainer.json';
      const proposals = await proposalsFor({ [file]: JSON.stringify({ postCreateCommand: given }), 'go.mod': '' });
      assert.deepEqual(
        proposals.map((proposal) => [proposal.kind === 'command' && proposal.command.join(' '), proposal.isChosen]),
        [
          [line, isChosen],
          ['go mod download', !isChosen],
        ],
      );
    });
  }

  it('copies .env, and offers dependency folders that are there', async () => {
    const copies = (await proposalsFor({ '.env': '', 'node_modules/a': '' })).filter(({ kind }) => kind === 'copy');
    assert.deepEqual(
      copies.map((copy) => [copy.kind === 'copy' && copy.pattern, copy.isChosen]),
      [
        ['/.env', true],
        ['/node_modules/', false],
      ],
    );
  });

  for (const text of ['', 'null', '[]', '{"scripts": 3}', '{"setup-worktree": {}}', '{"postCreateCommand": 7}', '\0']) {
    it(`is nothing for files that hold ${JSON.stringify(text)}`, async () => {
      const names = ['conductor.json', '.cursor/worktrees.json', '.devcontainer.json'];
      assert.deepEqual(await proposalsFor(Object.fromEntries(names.map((name) => [name, text]))), []);
    });
  }
});
