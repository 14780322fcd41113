/** Which settings a leader uses, and the units that it prints for systemd and launchd. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { givenSetting, LeaderSettings, type Layers } from '../../../src/cli/host/leadSettings';
import {
  firstOf,
  folderSettings,
  parseJsonc,
  readWorkspace,
  userSettingsFiles,
  type SettingsFile,
} from '../../../src/cli/host/settingsFiles';
import { unitText, type UnitInput } from '../../../src/cli/lead/unit';
import { silentLog } from '../../../src/host/log';

const CHECKS = 'intercore.tasks.checks';
const ATTEMPTS = 'intercore.tasks.maxAttempts';
const LIMIT = 'intercore.dispatch.maxConcurrent';
const ADDRESS = 'intercore.github.address';

const file = (name: string, settings: Record<string, unknown>): SettingsFile => ({
  file: name,
  settings,
  problem: undefined,
});
const settingsOf = (layers: Partial<Layers>, trusts = false): LeaderSettings =>
  new LeaderSettings(
    { own: [], workspace: undefined, folders: new Map(), isOneFolder: false, given: {}, ...layers },
    trusts,
    silentLog,
  );

describe('the settings of a leader', () => {
  it('override each other in this order: user, machine, workspace, folder, command line', () => {
    const layers = {
      own: [file('user', { [ATTEMPTS]: 1, [LIMIT]: 1 }), file('machine', { [ATTEMPTS]: 2 })],
      workspace: file('workspace', { [ATTEMPTS]: 3, [LIMIT]: 3 }),
      folders: new Map([['/a', file('a', { [ATTEMPTS]: 4 })]]),
    };
    const settings = settingsOf(layers);
    assert.deepEqual(
      [settings.get(ATTEMPTS), settings.get(ATTEMPTS, '/a'), settings.get(ATTEMPTS, '/b'), settings.get(LIMIT)],
      [3, 4, 3, 3],
    );
    assert.equal(settingsOf({ ...layers, given: { [ATTEMPTS]: 9 } }).get(ATTEMPTS, '/a'), 9);
  });

  it('are known only from valid settings of the person', () => {
    const knownIn = (layers: Partial<Layers>): unknown => settingsOf(layers).known(LIMIT);
    assert.equal(knownIn({ workspace: file('workspace', { [LIMIT]: 3 }) }), undefined);
    assert.equal(knownIn({ own: [file('user', { [LIMIT]: 'many' })] }), undefined);
    assert.equal(knownIn({ own: [file('user', { [LIMIT]: 2 })] }), 2);
    assert.equal(typeof knownIn({ own: [file('user', {})] }), 'number');
    assert.equal(knownIn({ given: { [LIMIT]: 4 } }), 4);
  });

  it('ignore and report settings of an untrusted folder that start programs or weaken limits', () => {
    const folder = file('a', { [CHECKS]: [['npm', 'test']], [ADDRESS]: 'https://evil.example', [ATTEMPTS]: 2 });
    const layers = { folders: new Map([['/a', folder]]), isOneFolder: true };
    assert.deepEqual(settingsOf(layers).get(CHECKS, '/a'), []);
    assert.equal(settingsOf(layers).get(ATTEMPTS, '/a'), 2);
    assert.deepEqual(settingsOf(layers, true).get(CHECKS, '/a'), [['npm', 'test']]);
    assert.equal(settingsOf(layers, true).get(ADDRESS, '/a'), '', 'no folder sets what is of the machine');
    assert.deepEqual(
      settingsOf(layers)
        .ignored()
        .map(({ setting, because }) => `${setting}: ${because}`)
        .sort(),
      [`${ADDRESS}: scope`, `${CHECKS}: trust`].sort(),
    );
  });

  it('of one folder among several apply only with resource scope; those of a single folder are the workspace’s', () => {
    const folders = new Map([['/a', file('a', { [LIMIT]: 7 })]]);
    assert.equal(settingsOf({ folders }).get(LIMIT, '/a'), 4);
    assert.equal(settingsOf({ folders, isOneFolder: true }).get(LIMIT), 7);
  });

  it('that are invalid have their default', () => {
    assert.equal(settingsOf({ own: [file('user', { [ATTEMPTS]: 'many' })] }).get(ATTEMPTS), 10);
  });

  it('that are not an object do not count as read', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ic-lead-'));
    try {
      await mkdir(path.join(folder, '.vscode'));
      const settings = path.join(folder, '.vscode', 'settings.json');
      const workspace = path.join(folder, 'a.code-workspace');
      for (const text of ['[]', '"x"', '12', 'true', 'null', '[{"intercore.tasks.maxAttempts":3}]']) {
        await writeFile(settings, text);
        assert.match((await folderSettings(folder))?.problem?.text ?? '', /not an object/, text);
        await writeFile(workspace, `{"folders":[],"settings":${text}}`);
        assert.match((await readWorkspace(workspace)).settings.problem?.text ?? '', /not an object/, text);
        await writeFile(workspace, text);
        await assert.rejects(readWorkspace(workspace), { code: 'FILE_UNREADABLE', message: /not an object/ }, text);
      }
      for (const text of ['', '{}', '// none yet\n']) {
        await writeFile(settings, text);
        assert.equal((await folderSettings(folder))?.problem, undefined, text);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('of the command line are JSON, with or without the section, and are validated', () => {
    assert.deepEqual(givenSetting('tasks.maxAttempts=3'), { name: ATTEMPTS, value: 3 });
    assert.deepEqual(givenSetting(`${ATTEMPTS}=3`), { name: ATTEMPTS, value: 3 });
    for (const wrong of ['tasks.maxAttempts', 'tasks.maxAttempts=x', 'tasks.maxAttempts=0', 'nothing=1', '=1']) {
      assert.ok('problem' in givenSetting(wrong), wrong);
    }
  });
});

describe('settings files', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'lead-settings-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('may have comments, trailing commas and a byte order mark', () => {
    assert.deepEqual(parseJsonc('\uFEFF// a\n{ "a": [1, 2,], /* b */ }'), { value: { a: [1, 2] }, problem: undefined });
    assert.match(parseJsonc('{\n "a": ,\n "b": 1 }').problem?.text ?? '', /^line 2: /);
  });

  it('are found in the folders of VS Code and its relatives: the first that exists', async () => {
    const env = { HOME: root };
    const files = userSettingsFiles(env, 'linux');
    assert.deepEqual(
      files.map((name) => path.relative(root, name)),
      ['Code', 'Code - Insiders', 'VSCodium', 'Cursor'].map((name) => `.config/${name}/User/settings.json`),
    );
    assert.match(userSettingsFiles(env, 'darwin')[0] ?? '', /Library\/Application Support\/Code\/User/);
    assert.match(userSettingsFiles({ APPDATA: '/roaming' }, 'win32')[0] ?? '', /^\/roaming\/Code\/User/);
    const [, second = ''] = files;
    await mkdir(path.dirname(second), { recursive: true });
    await writeFile(second, '{}');
    assert.equal((await firstOf(files))?.file, second);
  });

  it('of a folder must not be links, which could read any file', async () => {
    await mkdir(path.join(root, '.vscode'));
    await writeFile(path.join(root, 'secret.json'), `{ "${ATTEMPTS}": 2 }`);
    await symlink(path.join(root, 'secret.json'), path.join(root, '.vscode', 'settings.json'));
    assert.equal(await folderSettings(root), undefined);
  });

  it('of a workspace list its folders, relative, absolute, or by address, and entries that are not folders here', async () => {
    const workspace = path.join(root, 'shop.code-workspace');
    await Promise.all(['a', 'b', 'c d'].map((name) => mkdir(path.join(root, name))));
    const remote = 'vscode-remote://ssh-remote+nas/shop';
    await writeFile(
      workspace,
      `{ "folders": [{ "path": "a" }, { "path": "${path.join(root, 'b')}" }, { "uri": "file://${root}/c%20d" },
      { "uri": "${remote}" }, { "path": "gone" }, { "path": "shop.code-workspace" }, 7, { "path": 8 },],
      "settings": { "${ATTEMPTS}": 2 }, } // end`,
    );
    const { folders, left, settings } = await readWorkspace(workspace);
    assert.deepEqual(
      folders,
      ['a', 'b', 'c d'].map((name) => path.join(root, name)),
    );
    assert.deepEqual(left, [remote, path.join(root, 'gone'), workspace, '7', 'null']);
    assert.deepEqual(settings.settings, { [ATTEMPTS]: 2 });
  });
});

describe('the unit of a leader', () => {
  const input: UnitInput = {
    node: '/usr/bin/node',
    program: '/opt/ic.js',
    cwd: '/home/50% & more',
    name: 'intercore-shop-1',
    args: ['lead', '/my "best" $HOME', `--set=tasks.checks=[["a","b\\c"]]`, '100%', 'a\nb', '<&>'],
    logFile: '/logs/a.log',
    isElectron: false,
  };

  it('quotes each word for systemd', () => {
    const text = unitText('systemd', input);
    const [line] = text.split('\n').filter((each) => each.startsWith('ExecStart='));
    assert.equal(
      line,
      String.raw`ExecStart=/usr/bin/node /opt/ic.js lead "/my \"best\" $$HOME" "--set=tasks.checks=[[\"a\",\"b\\c\"]]" "100%%" "a\nb" "<&>"`,
    );
    assert.match(text, /^WorkingDirectory=\/home\/50%% & more$/m);
    assert.match(text, /^KillMode=process$/m);
  });

  it('escapes each word for launchd', () => {
    const text = unitText('launchd', { ...input, isElectron: true });
    assert.match(text, /<string>\/my &quot;best&quot; \$HOME<\/string>/);
    assert.match(text, /<string>&lt;&amp;&gt;<\/string>/);
    assert.match(text, /<key>ELECTRON_RUN_AS_NODE<\/key>/);
    assert.match(text, /<string>a\nb<\/string>/);
  });

  it('passes the check of systemd', async function () {
    const folder = await mkdtemp(path.join(tmpdir(), `unit "a" 'b' $HOME %n & ü-`));
    try {
      const unit = path.join(folder, 'intercore-shop.service');
      await writeFile(unit, unitText('systemd', { ...input, node: process.execPath, cwd: folder }));
      const checked = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
      if (checked.error !== undefined) this.skip();
      assert.deepEqual({ status: checked.status, stderr: checked.stderr }, { status: 0, stderr: '' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is a property list from which each word can be read back', function () {
    const program =
      'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())["ProgramArguments"]))';
    const read = spawnSync('python3', ['-c', program], { input: unitText('launchd', input), encoding: 'utf8' });
    if (read.error !== undefined) this.skip();
    assert.equal(read.stderr, '');
    assert.deepEqual(JSON.parse(read.stdout), [input.node, input.program, ...input.args]);
  });
});
