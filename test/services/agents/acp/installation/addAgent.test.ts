/** Adding agents with npm, from a registry on this machine. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { actsUnasked, agentKind } from '../../../../../src/contract/agentKinds';
import { FolderLedger } from '../../../../../src/host/files/folderLedger';
import { findProgram } from '../../../../../src/host/process/programs';
import { addedAgents, writeAddedAgent } from '../../../../../src/host/state/addedAgents';
import { addedAgentsFolder } from '../../../../../src/host/state/stateFolder';
import { addAgent, type AgentInstallation } from '../../../../../src/services/agents/acp/installation/addAgent';
import { REGISTRY_AGENTS } from '../../../../../src/services/agents/acp/installation/registryAgents';
import { removeAgent } from '../../../../../src/services/agents/acp/installation/removeAgent';
import { ADDABLE_AGENTS, signInLine } from '../../../../../src/services/agents/acp/installation/adapters';
import { AGENT_RECIPES, kindOfRecipe, type AgentRecipe } from '../../../../../src/services/agents/acp/recipes';
import { findKind, withBuiltIns } from '../../../../../src/services/agents/builtInKinds';
import { AgentConsents } from '../../../../../src/services/consent/agentConsent';
import { programVariables } from '../../../../../src/services/dispatch/start/agentPrograms';
import { NpmRegistry, type MadePackage } from '../../../../support/agents/npmRegistry';
import { until } from '../../../../support/until';

const MAIN = { script: 'dist/index.js' };
const FILES = { 'dist/index.js': '' };

describe('adding an agent', function () {
  this.timeout(60_000);
  let root: string;
  let registry: NpmRegistry;
  let environment: NodeJS.ProcessEnv;
  let made: MadePackage;
  let scriptRan: string;

  before(async function () {
    const found = await Promise.all(['npm', 'node'].map((program) => findProgram(program, process.env)));
    if (found.includes(undefined)) this.skip();
  });

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-add-')));
    registry = await NpmRegistry.start(root);
    environment = {
      PATH: process.env['PATH'],
      HOME: path.join(root, 'home'),
      XDG_STATE_HOME: path.join(root, 'state'),
      npm_config_registry: registry.url,
      npm_config_cache: path.join(root, 'cache'),
      npm_config_update_notifier: 'false',
    };
    await mkdir(path.join(root, 'home'));
    scriptRan = path.join(root, 'script-ran');
    await registry.add('@test/copy');
    const script = `node -e "require('fs').writeFileSync('${scriptRan.replaceAll('\\', '/')}', '')"`;
    const scripts = { preinstall: script, install: script, postinstall: script };
    made = await registry.add('@test/agent', { scripts, optionalDependencies: { '@test/copy': '1.2.3' } }, FILES);
  });

  afterEach(async () => {
    await registry.close();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  });

  function recipe(more: Partial<AgentRecipe> = {}): AgentRecipe {
    const { name, version, integrity } = made;
    return {
      name: 'tested',
      title: 'Tested',
      license: 'MIT',
      package: name,
      version,
      integrity,
      main: MAIN,
      installedMb: 1,
      command: 'tested',
      args: ['--acp'],
      env: {},
      passEnv: [],
      session: { askMode: 'ask' },
      ...more,
    };
  }

  function add(wanted: AgentRecipe, more: Partial<AgentInstallation> = {}) {
    const deps = { environment, stateEnvironment: environment, trusted: () => true, stopped: undefined, ...more };
    return addAgent(deps, wanted.name, [wanted]);
  }

  const namesLeft = async (): Promise<string[]> =>
    existsSync(addedAgentsFolder(environment)) ? await readdir(addedAgentsFolder(environment)) : [];
  const modules = (name: string): string =>
    path.join(addedAgentsFolder(environment), 'tested-1.2.3', 'node_modules', '@test', name);

  /** A folder for PATH with some of the person's programs, and others that print a text. */
  async function onlyPrograms(found: readonly string[], scripts: Readonly<Record<string, string>> = {}) {
    const folder = await mkdtemp(path.join(root, 'bin-'));
    for (const program of found) {
      await symlink((await findProgram(program, process.env)) ?? '', path.join(folder, program));
    }
    for (const [name, text] of Object.entries(scripts)) {
      await writeFile(path.join(folder, name), `#!/bin/sh\necho '${text}'\n`, { mode: 0o755 });
    }
    return { environment: { ...environment, PATH: folder } };
  }

  it('makes a kind that Node starts, for every program of the user', async () => {
    const added = await add(recipe());
    assert.deepEqual(added, { kind: 'tested', title: 'Tested', version: '1.2.3', license: 'MIT', signIn: null });
    const kind = findKind(withBuiltIns([], environment), 'tested');
    const main = path.join(modules('agent'), 'dist', 'index.js');
    assert.deepEqual(kind, { ...kindOfRecipe(recipe()), command: 'node', args: [main, '--acp'] });
    assert.ok(existsSync(main));
    assert.deepEqual(await namesLeft(), ['tested-1.2.3', 'tested.json']);
  });

  it('runs no scripts of packages', async () => {
    await add(recipe());
    assert.equal(existsSync(scriptRan), false);
  });

  it('leaves out the copies of programs that the person has, for adapters only', async () => {
    await add(recipe({ isSlim: true }));
    assert.deepEqual([existsSync(modules('agent')), existsSync(modules('copy'))], [true, false]);
    await rm(addedAgentsFolder(environment), { recursive: true });
    await add(recipe());
    assert.deepEqual([existsSync(modules('agent')), existsSync(modules('copy'))], [true, true]);
  });

  it('asks the registry once for a version', async () => {
    await add(recipe());
    const asked = registry.requests.length;
    await add(recipe({ args: ['acp'] }));
    assert.equal(registry.requests.length, asked);
    assert.equal(addedAgents(environment)[0]?.kind.args.at(-1), 'acp');
  });

  it('refuses a package that is not the pinned one, and keeps nothing of it', async () => {
    const other = await registry.add('@test/other', {}, FILES);
    await assert.rejects(add(recipe({ integrity: other.integrity })), { code: 'AGENT_ALTERED' });
    assert.deepEqual(await namesLeft(), []);
    assert.equal(existsSync(scriptRan), false);
  });

  it('refuses content that differs from what the registry states', async () => {
    await registry.add('@test/other', {}, { 'dist/index.js': 'other' });
    registry.swap('@test/agent', '@test/other');
    await assert.rejects(add(recipe()), { code: 'AGENT_NOT_ADDED' });
    assert.deepEqual(await namesLeft(), []);
  });

  it('refuses a package without the main file', async () => {
    await assert.rejects(add(recipe({ main: { script: 'bin/missing.js' } })), { code: 'AGENT_ALTERED' });
    assert.deepEqual(await namesLeft(), []);
  });

  it('reports a registry that cannot be reached in one sentence', async () => {
    const unreachable = { ...environment, npm_config_registry: 'http://127.0.0.1:9' };
    await assert.rejects(add(recipe(), { environment: unreachable }), (error: Error) => {
      assert.match(error.message, /^npm could not install @test\/agent, .*ECONNREFUSED/);
      return !error.message.includes('\n');
    });
    assert.deepEqual(await namesLeft(), []);
  });

  it('reports a missing npm, a missing Node, and one that is too old', async function () {
    if (process.platform === 'win32') this.skip();
    const facts = (program: string) => ({ code: 'AGENT_NEEDS_PROGRAM', facts: { kind: 'tested', program } });
    await assert.rejects(add(recipe(), await onlyPrograms(['node'])), facts('npm'));
    await assert.rejects(add(recipe(), await onlyPrograms([])), facts('node'));
    const old = await onlyPrograms(['npm', 'sh'], { node: 'v18.20.2' });
    await assert.rejects(add(recipe({ session: { minNode: '18.20.3' } }), old), {
      code: 'AGENT_NEEDS_NODE',
      facts: { kind: 'tested', version: '18.20.2', least: '18.20.3' },
    });
    assert.deepEqual(await namesLeft(), []);
  });

  it('keeps nothing once it is stopped', async () => {
    registry.isSilent = true;
    const stop = new AbortController();
    const adding = add(recipe(), { stopped: stop.signal });
    adding.catch(() => undefined);
    await until(
      () => Promise.resolve(registry.requests.length),
      (count) => count > 0,
    );
    stop.abort(new Error('stopped by a person'));
    await assert.rejects(adding, /stopped by a person/);
    assert.deepEqual(await namesLeft(), []);
  });

  it('is refused in an untrusted window, and for an unknown name', async () => {
    await assert.rejects(add(recipe(), { trusted: () => false }), { code: 'UNTRUSTED' });
    const deps = { environment, stateEnvironment: environment, trusted: () => true, stopped: undefined };
    await assert.rejects(addAgent(deps, 'unknown', [recipe()]), { code: 'AGENT_UNLISTED' });
  });

  it('counts as not added once its files are gone, or its entry is damaged', async () => {
    await add(recipe());
    const entry = path.join(addedAgentsFolder(environment), 'tested.json');
    await writeFile(path.join(addedAgentsFolder(environment), 'broken.json'), '{');
    assert.deepEqual(
      addedAgents(environment).map(({ kind }) => kind.name),
      ['tested'],
    );
    await rm(modules('agent'), { recursive: true });
    assert.deepEqual(addedAgents(environment), []);
    assert.ok(existsSync(entry));
  });

  it('is removed with its package, and can be added again', async () => {
    await add(recipe());
    assert.deepEqual(await removeAgent(environment, 'tested', []), { kind: 'tested', version: '1.2.3' });
    assert.deepEqual([addedAgents(environment), await namesLeft()], [[], []]);
    await assert.rejects(removeAgent(environment, 'tested', []), { code: 'NOT_FOUND' });
    await add(recipe());
    assert.equal(addedAgents(environment).length, 1);
  });

  it('is not removed while a dispatch or a process runs it', async function () {
    await add(recipe());
    const [agent] = addedAgents(environment);
    await assert.rejects(removeAgent(environment, 'tested', ['d1']), /dispatch d1 is running it/);
    if (process.platform === 'linux') {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', agent?.main ?? '']);
      await once(child, 'spawn');
      await assert.rejects(removeAgent(environment, 'tested', []), {
        code: 'AGENT_KIND_IN_USE',
        message: `The agent kind tested was not removed: process ${child.pid} is running it.`,
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    assert.equal(addedAgents(environment).length, 1);
    await removeAgent(environment, 'tested', []);
  });

  it('removes nothing outside of the folder of added agents', async () => {
    await add(recipe());
    const [agent] = addedAgents(environment);
    assert.ok(agent);
    const other = path.join(root, 'other.js');
    await writeFile(other, '');
    await writeAddedAgent(environment, { ...agent, main: other });
    await removeAgent(environment, 'tested', []);
    assert.ok(existsSync(other));
    assert.deepEqual(await namesLeft(), ['tested-1.2.3']);
  });

  it('needs consent for its command line, but not from a person who names it in a shell', async () => {
    await add(recipe({ name: 'codex-acp' }));
    const kind = findKind(withBuiltIns([], environment), 'codex-acp');
    const consents = new AgentConsents(new FolderLedger(path.join(root, 'ledger'), 'agents'), environment);
    consents.allow(root, [findKind(withBuiltIns([], {}), 'codex-acp')]);
    assert.throws(() => consents.require(root, kind), { code: 'AGENT_NOT_ALLOWED' });
    consents.requireRedefined(root, kind);
    const redefined = { ...kind, args: [...kind.args, '--more'] };
    assert.throws(() => consents.requireRedefined(root, redefined), { code: 'AGENT_NOT_ALLOWED' });
    assert.deepEqual(findKind(withBuiltIns([redefined], environment), 'codex-acp'), redefined);
  });
});

describe('what can be added', () => {
  for (const { name, title, integrity, installedMb, main } of ADDABLE_AGENTS) {
    it(`is pinned, with its size and main file: ${title}`, () => {
      assert.match(name, /^[a-z-]+$/);
      assert.match(integrity, /^sha512-[A-Za-z0-9+/]{86}==$/);
      assert.ok(installedMb > 0);
      const file = 'script' in main ? main.script : main.program('win32', 'x64');
      assert.match(file, /^[\w./-]+\.(?:js|mjs|exe)$|^bin\/\w+$/);
    });
  }

  it('contains the adapters, all recipes, and agents of the registry', () => {
    const names = ADDABLE_AGENTS.map(({ name }) => name);
    assert.deepEqual(names, [
      ...['claude-acp', 'codex-acp'],
      ...[...AGENT_RECIPES, ...REGISTRY_AGENTS].map(({ name }) => name),
    ]);
  });
});

describe('an agent of the registry without a recipe', () => {
  it('counts as acting unasked, and needs consent as such', () => {
    const kinds = REGISTRY_AGENTS.map(kindOfRecipe);
    assert.deepEqual(
      kinds.filter((kind) => !actsUnasked(kind)),
      [],
    );
    assert.deepEqual(
      kinds.map((kind) => agentKind.parse(kind)),
      kinds,
    );
  });
});

describe('the line that signs in to an agent', () => {
  it('names the program that an adapter starts, or the main file of an agent that was added', () => {
    const added = { name: 'opencode', command: '/state/My Agents/opencode', args: ['acp'] };
    assert.equal(signInLine({ name: 'claude-acp', command: 'node', args: ['/a.js'] }), 'claude auth login');
    assert.equal(signInLine(added), '"/state/My Agents/opencode" auth login');
    assert.equal(signInLine({ name: 'auggie', command: 'node', args: ['/a.mjs', '--acp'] }), 'node /a.mjs login');
    assert.equal(signInLine({ name: 'own', command: 'own', args: [] }), undefined);
  });
});

describe('the programs of a kind in a session', () => {
  let folder: string;

  before(async function () {
    if (process.platform === 'win32') this.skip();
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-programs-')));
    for (const name of ['codex', 'codex-acp']) await writeFile(path.join(folder, name), '', { mode: 0o755 });
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const kind = findKind(withBuiltIns([], {}), 'codex-acp');

  it('are found on PATH', async () => {
    assert.deepEqual(await programVariables(kind, { PATH: folder }), { CODEX_PATH: path.join(folder, 'codex') });
  });

  it('are those of the variables that are set', async () => {
    assert.deepEqual(await programVariables(kind, { PATH: folder, CODEX_PATH: '/another' }), {});
  });

  it('are reported where they are missing, with what to do', async () => {
    const added = { ...kind, command: 'node' };
    await assert.rejects(programVariables(added, { PATH: '' }), { code: 'AGENT_NEEDS_PROGRAM' });
    await assert.rejects(programVariables(kind, { PATH: '' }), (error: Error & { hint?: string }) => {
      return `${error.message} ${error.hint}`.includes('ic agent add codex-acp');
    });
  });
});
