/** The doctor on machines on which something real is broken. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../../scripts/demo/repositories';
import { BUILT_IN_AGENT_KINDS } from '../../../../src/services/agents/builtInKinds';
import { KIND_REASONS } from '../../../../src/contract/results/agentKinds';
import { DOCTOR_CHECKS, countOf } from '../../../../src/contract/results/doctor';
import { backUp } from '../../../../src/host/image/backups';
import { whenGone } from '../../../../src/host/launcher/agentProcess';
import { addProject } from '../../../../src/kernel/tasks/service';
import { CHECKS } from '../../../../src/services/doctor/checks/doctor';
import { FINDINGS, type FindingWords } from '../../../../src/services/doctor/findings';
import { reportText } from '../../../../src/services/doctor/report';
import type { ProjectKernel } from '../../../../src/services/record/kernels';
import { installAgent, type AgentName } from '../../../support/agents/install';
import { Disk } from '../../../support/hostile/disk';
import { leaveLog } from '../../../support/dispatch/leftovers';
import { Projects } from '../../../support/projects';
import { addOwnWorktree } from '../../../support/tasks/ownTrees';
import { hasSqlite3 } from '../../../support/records/sqlite3';
import { findings, Machine } from '../../../support/ic/environment';

describe('the doctor', function () {
  this.timeout(120_000);
  const projects = Projects.ofSuite();
  let machine: Machine;
  beforeEach(async () => {
    machine = await Machine.in(await projects.folder());
  });

  /** A record with a project on a repository of its own. */
  async function aProject(): Promise<{ kernel: ProjectKernel; clone: string; projectId: string }> {
    const kernel = await projects.create();
    const clone = path.join(machine.root, 'parcels');
    await createRepository(clone, PARCEL_API);
    const { id } = await kernel.write((u) =>
      addProject(u, { name: 'parcels', clonePath: clone, defaultBranch: 'main' }),
    );
    return { kernel, clone, projectId: id };
  }

  it('says of everything that is not well why it matters and what to do', () => {
    for (const [code, words] of Object.entries<FindingWords>(FINDINGS)) {
      if (words.level === 'ok') continue;
      assert.ok((words.why ?? '').length > 10, code);
      assert.match(words.remedy ?? '', /^\{hint\}$|^\p{Lu}.+\.$/u, code);
    }
    assert.deepEqual(
      CHECKS.map(({ id }) => id),
      DOCTOR_CHECKS,
    );
  });

  it('finds nothing wrong where nothing is', async () => {
    const { kernel } = await aProject();
    const report = await machine.examine({ kernels: [kernel], databases: [kernel] });
    assert.deepEqual(
      report.findings.filter(({ level }) => level === 'warning' || level === 'problem'),
      [],
    );
    const codes = report.findings.map(({ code }) => code);
    for (const code of [
      'GIT_FOUND',
      'IDENTITY_KNOWN',
      'IC_ANSWERS',
      'DATABASE_SOUND',
      'CLONE_FINE',
      'WORKTREES_FINE',
    ]) {
      assert.ok(codes.includes(code), code);
    }
  });

  it('finds git missing, too old, or broken', async () => {
    const file = path.join(machine.programs, 'git');
    await rm(file);
    const [missing] = findings(await machine.examine(), 'GIT_MISSING');
    assert.deepEqual({ level: missing?.level, kind: missing?.fix?.kind }, { level: 'problem', kind: 'link' });
    await machine.install('git', 'echo git version 2.30.1');
    const [old] = findings(await machine.examine(), 'GIT_OLD');
    assert.deepEqual(old?.facts, { version: '2.30.1', path: file, least: '2.38' });
    await machine.install('git', 'echo "cannot load a library" >&2; exit 127');
    const [mute] = findings(await machine.examine(), 'GIT_MUTE');
    assert.match(mute?.saw ?? '', /cannot load a library/);
  });

  it('finds that git does not know who commits', async () => {
    const { kernel, clone } = await aProject();
    await git(clone, ['config', '--unset', 'user.name']);
    await rm(path.join(machine.home, '.gitconfig'));
    const [finding] = findings(await machine.examine({ kernels: [kernel] }), 'IDENTITY_MISSING');
    assert.equal(finding?.facts['folder'], clone);
    assert.equal(finding.fix?.kind, 'shell');
  });

  it('finds that `ic` does not answer, or that another one comes first', async () => {
    await machine.install('ic', 'echo another one');
    const shell = await machine.examine({ place: 'shell' });
    assert.equal(findings(shell, 'IC_OTHER')[0]?.facts['path'], path.join(machine.programs, 'ic'));
    const broken = await machine.examine({ icFolder: path.join(machine.root, 'nowhere') });
    assert.equal(findings(broken, 'IC_MUTE')[0]?.level, 'problem');
    await machine.install('node', 'echo v18.1.0');
    assert.equal(findings(await machine.examine(), 'NODE_OLD')[0]?.facts['version'], '18.1.0');
  });

  for (const [made, target] of [
    ['npm makes', path.join('dist', 'ic.js')],
    ['a person makes', path.join('bin', 'ic')],
  ] as const) {
    it(`takes a link to our own \`ic\`, as ${made} it, for no other`, async () => {
      const own = path.join(machine.root, 'lib', 'intercore');
      for (const file of ['bin/ic', 'dist/ic.js']) {
        await mkdir(path.dirname(path.join(own, file)), { recursive: true });
        await writeFile(path.join(own, file), '#!/bin/sh\necho ic 1.2.3\n', { mode: 0o755 });
      }
      const link = path.join(machine.programs, 'ic');
      await symlink(path.join('..', 'lib', 'intercore', target), link);
      const report = await machine.examine({ place: 'shell', icFolder: path.join(own, 'bin') });
      assert.deepEqual(findings(report, 'IC_OTHER'), []);
      assert.equal(findings(report, 'IC_ON_PATH')[0]?.facts['path'], link);
    });
  }

  it('finds the agent missing that settings choose, and a kind that does not exist', async () => {
    const report = await machine.examine({ chosenKinds: ['claude', 'clawed'] });
    assert.equal(findings(report, 'AGENT_MISSING')[0]?.facts['kind'], 'claude');
    assert.equal(findings(report, 'AGENT_ABSENT')[0]?.facts['kind'], 'codex');
    assert.equal(findings(report, 'AGENT_KIND_UNKNOWN')[0]?.level, 'problem');
  });

  it('reports the default kind of each folder with the reason', async () => {
    const reasons = { setting: 'SET', record: 'KEPT', machine: 'FOUND', noneInstalled: 'ABSENT' } as const;
    for (const reason of KIND_REASONS) {
      const [folder, choice] = [path.join(machine.home, 'shop'), { kind: 'codex', reason }];
      const report = await machine.examine({ defaultKinds: [{ folder, choice }] });
      const [finding] = findings(report, `AGENT_DEFAULT_${reasons[reason]}`);
      assert.equal(finding?.level, reason === 'noneInstalled' ? 'info' : 'ok');
      assert.match(finding.saw, /^codex is the default agent kind in ~\/shop, /);
    }
  });

  it('offers to add an adapter that is missing, in the words of the place', async () => {
    const inEditor = findings(await machine.examine({ chosenKinds: ['codex-acp'] }), 'AGENT_NOT_ADDED');
    assert.deepEqual(
      inEditor.map(({ facts, level }) => ({ kind: facts['kind'], level })),
      [
        { kind: 'claude-acp', level: 'info' },
        { kind: 'codex-acp', level: 'problem' },
      ],
    );
    assert.deepEqual(inEditor[1]?.fix, {
      kind: 'command',
      command: 'intercore.agent.addKind',
      args: { kind: 'codex-acp' },
    });
    const inShell = findings(await machine.examine({ place: 'shell' }), 'AGENT_NOT_ADDED');
    assert.deepEqual(inShell[1]?.fix, { kind: 'shell', line: 'ic agent add codex-acp' });
  });

  it('finds an adapter whose CLI is missing, and whose Node is too old', async () => {
    await machine.install('claude-agent-acp', 'exit 1');
    await machine.install('node', 'echo v20.20.2');
    const report = await machine.examine({ chosenKinds: ['claude-acp'] });
    const [cli] = findings(report, 'AGENT_CLI_MISSING');
    assert.deepEqual(cli?.facts, { kind: 'claude-acp', command: 'claude', variable: 'CLAUDE_CODE_EXECUTABLE' });
    assert.deepEqual(cli.fix, { kind: 'shell', line: 'npm install -g @anthropic-ai/claude-code' });
    const [node] = findings(report, 'AGENT_NODE_OLD');
    assert.deepEqual(node?.facts, { kind: 'claude-acp', version: '20.20.2', least: '22' });
    assert.deepEqual([cli.level, node.level], ['problem', 'problem']);
    await machine.install('claude', 'echo 2.1.0');
    await machine.install('node', 'echo v22.19.0');
    const good = await machine.examine();
    assert.deepEqual([findings(good, 'AGENT_CLI_MISSING'), findings(good, 'AGENT_NODE_OLD')], [[], []]);
  });

  for (const agent of ['claude', 'codex'] satisfies AgentName[]) {
    it(`reports the version and the sign-in of the real ${agent}`, async function () {
      const installed = await installAgent(agent);
      if (installed.kind === 'unavailable') return this.skip();
      const kinds = BUILT_IN_AGENT_KINDS.filter(({ name }) => name === agent).map((kind) => ({
        ...kind,
        command: installed.binary,
        env: { CODEX_HOME: machine.home, IS_SANDBOX: '1' },
      }));
      const [out] = findings(await machine.examine({ kinds, chosenKinds: [agent] }), 'AGENT_SIGNED_OUT');
      assert.equal(out?.level, 'problem');
      assert.match(String(out.facts['version']), /^\d+\.\d+\.\d+$/);
      const key = { claude: 'ANTHROPIC_API_KEY', codex: 'CODEX_API_KEY' }[agent];
      const environment = { ...machine.environment, [key]: 'sk-ant-0123456789abcdef' };
      const report = await machine.examine({ kinds, environment });
      assert.equal(findings(report, 'AGENT_READY').length, 1);
      assert.doesNotMatch(JSON.stringify(report), /0123456789/);
    });
  }

  it('says that root may not use claude without its questions', async function () {
    if (process.getuid?.() !== 0) return this.skip();
    await machine.install('claude', '[ "$1" = --version ] && echo 2.1.0; true');
    const report = await machine.examine();
    assert.equal(findings(report, 'AGENT_REFUSES_ROOT').length, 1);
    // What cannot be checked is reported as unknown.
    assert.equal(findings(report, 'AGENT_SIGN_IN_UNKNOWN')[0]?.level, 'info');
  });

  it('finds a damaged database and offers its backup', async () => {
    const kernel = await projects.create();
    const backup = await backUp(kernel.path, 0);
    await truncate(kernel.path, 5000);
    const damaged = await projects.open(kernel.folder);
    const [finding] = findings(await machine.examine({ databases: [damaged] }), 'DATABASE_DAMAGED');
    assert.deepEqual(finding?.fix, {
      kind: 'command',
      command: 'intercore.database.restoreBackup',
      args: { folder: kernel.folder },
    });
    await rm(backup);
    const without = await machine.examine({ databases: [await projects.open(kernel.folder)] });
    assert.equal(findings(without, 'DATABASE_DAMAGED')[0]?.fix, null);
    await rm(kernel.path);
    const absent = await machine.examine({ databases: [await projects.open(kernel.folder)] });
    assert.equal(findings(absent, 'DATABASE_ABSENT')[0]?.level, 'info');
  });

  it('says that a dead program left a log, and offers to recover the database', async function () {
    if (!hasSqlite3()) this.skip();
    const kernel = await projects.create();
    await leaveLog(kernel.path, "INSERT INTO state (key, scope_id, payload) VALUES ('theirs', 's', '1');");
    const [finding] = findings(await machine.examine({ databases: [kernel] }), 'DATABASE_LOG_LEFT');
    assert.equal(finding?.level, 'info');
    assert.deepEqual(finding.fix, {
      kind: 'command',
      command: 'intercore.database.recover',
      args: { folder: kernel.folder },
    });
    await kernel.recover();
    assert.equal(findings(await machine.examine({ databases: [kernel] }), 'DATABASE_SOUND').length, 1);
  });

  it('finds a disk that may not be written', async function () {
    const folder = await projects.folder();
    const disk = Disk.mount(path.join(folder, '.clavain'));
    if (disk === undefined) return this.skip();
    try {
      await (await projects.open(folder)).initialize();
      disk.setReadOnly(true);
      const report = await machine.examine({ databases: [await projects.open(folder)] });
      assert.deepEqual(
        findings(report, 'NOT_WRITABLE').map(({ facts }) => facts['problem']),
        ['its disk is read-only', 'its disk is read-only'],
      );
      assert.equal(findings(report, 'DATABASE_READ_ONLY').length, 1);
      assert.equal(findings(report, 'DISK_FULL')[0]?.level, 'problem');
    } finally {
      disk.unmount();
    }
  });

  it('finds a repository that is gone, has lost its branch, or is locked', async () => {
    const { kernel, clone } = await aProject();
    const codes = async (): Promise<string[]> =>
      (await machine.examine({ kernels: [kernel] })).findings
        .filter(({ check }) => check === 'clones')
        .map((f) => f.code);
    const lock = path.join(clone, '.git/index.lock');
    await writeFile(lock, '');
    assert.deepEqual(await codes(), ['CLONE_FINE'], 'a fresh lock means a running git');
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(lock, longAgo, longAgo);
    assert.deepEqual(await codes(), ['CLONE_LOCKED']);
    await rm(lock);
    await git(clone, ['checkout', '--quiet', '--detach']);
    assert.deepEqual(await codes(), ['CLONE_DETACHED']);
    await git(clone, ['branch', '--move', 'main', 'trunk']);
    assert.deepEqual(await codes(), ['CLONE_NO_BRANCH']);
    await rename(clone, `${clone}-elsewhere`);
    assert.deepEqual(await codes(), ['CLONE_GONE']);
  });

  it('finds a worktree that no subtask knows, wherever the storage was then', async () => {
    const { kernel, clone, projectId } = await aProject();
    const orphan = path.join(machine.root, 'elsewhere', 'worktrees', projectId, 'x1-left-behind');
    await addOwnWorktree(clone, 'x1-left-behind', orphan);
    const mine = path.join(machine.root, 'of-the-person');
    await git(clone, ['worktree', 'add', '--quiet', '-b', 'mine', mine]);
    const report = await machine.examine({ kernels: [kernel] });
    assert.deepEqual(
      findings(report, 'WORKTREE_UNUSED').map(({ facts }) => facts['path']),
      [orphan],
    );
    assert.ok(existsSync(orphan), 'looking changes nothing');
  });

  it('starts nothing where nothing may be started', async () => {
    const trace = path.join(machine.root, 'started');
    await mkdir(trace);
    for (const name of ['git', 'node', 'claude', 'codex', 'bd']) await machine.install(name, `: > "${trace}/${name}"`);
    const { kernel } = await aProject();
    const report = await machine.examine({ trusted: false, kernels: [kernel], databases: [kernel] });
    assert.deepEqual(await readdir(trace), []);
    assert.equal(findings(report, 'UNTRUSTED').length, 1);
    assert.ok(findings(report, 'NOT_LOOKED').length > 4);
    assert.equal(findings(report, 'DATABASE_SOUND').length, 1);
  });

  it('ends what it has started when it is stopped', async () => {
    const pidFile = path.join(machine.root, 'pid');
    await machine.install('bd', `echo $$ > "${pidFile}"; exec sleep 300`);
    const stop = new AbortController();
    const stopped = machine.examine({}, { signal: stop.signal });
    const whenStarted = async (): Promise<void> => {
      while (!existsSync(pidFile)) await new Promise((resolve) => setImmediate(resolve));
    };
    await whenStarted();
    stop.abort(new Error('enough'));
    await assert.rejects(stopped, /enough/);
    const pid = Number(await readFile(pidFile, 'utf8'));
    await whenGone({ pid, startToken: null }, 20, AbortSignal.timeout(10_000));
  });

  it('writes a report without secrets and without the name of the home', async () => {
    const token = `ghp_${'a'.repeat(30)}`;
    await machine.install('bd', `echo "no: https://ada:secret@example.com ${token}" >&2; exit 1`);
    const kernel = await projects.open(path.join(machine.home, 'parcels'));
    const report = await machine.examine({ databases: [kernel] });
    const text = reportText(report);
    assert.ok(!text.includes(token) && !text.includes('ada:secret') && !text.includes(machine.home), text);
    assert.match(text, /There is no record in ~\/parcels yet/);
    assert.match(text, new RegExp(`Problems: ${countOf(report, 'problem')}\\.`));
    assert.match(text, /What to do: /);
  });
});
