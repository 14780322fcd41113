/** `bd` as we call it: the stand-in in both dialects, and the real one where this machine has it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Beads } from '../../../src/host/beads/beads';
import { BeadsProgram } from '../../../src/host/beads/program';
import { testGit } from '../../support/git';
import { add, databaseFile, withStore } from '../../support/beads/issues';
import { bdIn, callsOf, realBd, STAND_INS, type Flavour } from '../../support/beads/programs';
import { describeLong } from '../../support/long';

const REAL = realBd();

describe('Beads', function () {
  this.timeout(120_000);
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'beads-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const folder = (): string => path.join(home, 'data', '.beads');

  async function opened(flavour: Flavour, more: Readonly<Record<string, string>> = {}): Promise<Beads> {
    const program = flavour === 'real' ? (REAL ?? '') : await bdIn(path.join(home, 'bin'), flavour, more);
    const environment = { ...process.env, HOME: home };
    const beads = new Beads({ program, folder: folder(), environment, trusted: () => true }, testGit());
    await beads.ensure('iv-1a2b3c4d');
    return beads;
  }

  for (const flavour of [...STAND_INS, 'real'] as readonly Flavour[]) {
    (flavour === '1.x' || flavour === 'real' ? describe : describeLong)(
      flavour === 'real' ? 'as it is' : `in dialect ${flavour}`,
      () => {
        before(function () {
          if (flavour !== 'real' || REAL !== undefined) return;
          process.stderr.write('      no bd here: name one in BD\n');
          this.skip();
        });

        const task = (beads: Beads, parent: string, title: string): Promise<string> =>
          beads.create({ title, body: '## Spec\nso\n', type: 'task', parent });

        /** Gives the epic `count` more tasks: a stand-in need not be started for each. */
        async function fill(beads: Beads, of: Flavour, epic: string, count: number): Promise<void> {
          const titles = Array.from({ length: count }, (_, at) => `Number ${at + 1}`);
          if (of === 'real') {
            for (const title of titles) await task(beads, epic, title);
            return;
          }
          withStore(databaseFile(folder(), of === '0.49' ? '0.49' : '1.x'), (held) => {
            for (const title of titles) add(held, { title, description: 'so', issue_type: 'task', labels: [] }, epic);
          });
        }

        it('keeps all that it writes in a folder of its own (D37)', async () => {
          const beads = await opened(flavour);
          await beads.ensure('iv-1a2b3c4d');
          const besides = (await readdir(home)).filter(
            (name) => name !== 'data' && name !== 'bin' && name !== '.cache',
          );
          assert.deepEqual(besides, []);
          assert.equal(existsSync(folder()), true);
        });

        it('finds what is closed, nested, and beyond the fiftieth; warnings are no answer (D16)', async () => {
          const beads = await opened(flavour);
          const epic = await beads.create({ title: 'Epic', body: 'why', type: 'epic', label: 'intercore-task-1' });
          const count = flavour === 'real' ? 51 : 55;
          const first = await task(beads, epic, 'First');
          const nested = await task(beads, first, 'Nested');
          await fill(beads, flavour, epic, count - 1);
          await beads.close(first, 'done');
          const found = await beads.below(epic);
          assert.equal(found.length, count + 1);
          assert.equal(found.find(({ id }) => id === first)?.status, 'closed');
          assert.ok(found.some(({ id }) => id === nested));
          assert.deepEqual(await beads.labeled('intercore-task-1'), [epic]);
          assert.deepEqual(await beads.labeled('intercore-task-2'), []);
        });

        it('adds and removes dependencies, closes, reopens, edits and deletes', async () => {
          const beads = await opened(flavour);
          const epic = await beads.create({ title: 'Epic', body: 'why', type: 'epic' });
          const [a, b] = [await task(beads, epic, '--force "$(id)"'), await task(beads, epic, 'B')];
          await beads.addDependency(b, a);
          const [shown] = await beads.show([b]);
          const blocks = (shown?.dependencies ?? []).filter((one) => one.dependency_type === 'blocks');
          assert.deepEqual(
            blocks.map(({ id }) => id),
            [a],
          );
          await beads.edit(a, '-T', 'another\n');
          const [edited] = await beads.show([a]);
          assert.deepEqual(
            { title: edited?.title, description: edited?.description.trim() },
            { title: '-T', description: 'another' },
          );
          // It waits for another, and an epic has open children.
          await beads.close(b, 'done');
          await beads.close(b, 'done again');
          await beads.close(epic, 'done');
          await beads.reopen(b);
          assert.deepEqual(
            (await beads.show([b, epic])).map(({ status }) => status),
            ['open', 'closed'],
          );
          await beads.removeDependency(b, a);
          await beads.delete([b, 'iv-1a2b3c4d-none']);
          assert.deepEqual(
            (await beads.show([b])).map(({ id }) => id),
            [],
          );
          assert.deepEqual(
            (await beads.below(epic)).map(({ id }) => id),
            [a],
          );
        });

        it('refuses a circle', async () => {
          const beads = await opened(flavour);
          const epic = await beads.create({ title: 'Epic', body: 'why', type: 'epic' });
          const [a, b] = [await task(beads, epic, 'A'), await task(beads, epic, 'B')];
          await beads.addDependency(b, a);
          await assert.rejects(beads.addDependency(a, b), { code: 'BEADS_FAILED', message: /cycle/ });
        });
      },
    );
  }

  it('asks for what each version knows', async () => {
    await opened('1.x');
    const calls = await callsOf(path.dirname(folder()));
    const init = calls.find(({ argv }) => argv[0] === 'init');
    assert.deepEqual(init?.argv, ['init', '--stealth', '--prefix', 'iv-1a2b3c4d', '--quiet', '--role', 'maintainer']);
    assert.equal(init.cwd, path.dirname(folder()));
  });

  it('takes nothing for deleted where bd was prevented without saying so by its exit code', async () => {
    const mark = path.join(home, 'broken');
    const beads = await opened('0.49', { FAKE_BD_BROKEN: mark });
    const epic = await beads.create({ title: 'Epic', body: 'why', type: 'epic' });
    await writeFile(mark, 'database disk image is malformed');
    await assert.rejects(beads.show([epic]), { code: 'BEADS_FAILED', message: /malformed/ });
  });

  it('waits for a database that another program has locked, and gives up after a time', async () => {
    const mark = path.join(home, 'broken');
    const beads = await opened('0.49', { FAKE_BD_BROKEN: mark });
    await writeFile(mark, 'database is locked');
    const made = beads.create({ title: 'Epic', body: 'why', type: 'epic' });
    await rm(mark);
    assert.match(await made, /^iv-1a2b3c4d-/);
    await writeFile(mark, 'database is locked');
    await assert.rejects(beads.create({ title: 'Epic', body: 'why', type: 'epic' }), { code: 'BEADS_FAILED' });
  });

  it('says what is missing, too old, or takes too long', async () => {
    const environment = process.env;
    const missing = new Beads(
      { program: path.join(home, 'no-bd'), folder: folder(), environment, trusted: () => true },
      testGit(),
    );
    await assert.rejects(missing.ensure('iv'), { code: 'BEADS_MISSING' });
    await assert.rejects(opened('0.49', { FAKE_BD_VERSION: '0.30.1' }), { code: 'BEADS_TOO_OLD', message: /0\.30\.1/ });
    const slow = path.join(home, 'slow');
    await writeFile(slow, '#!/bin/sh\nsleep 60\n');
    await chmod(slow, 0o755);
    const program = new BeadsProgram({
      program: slow,
      folder: folder(),
      environment,
      trusted: () => true,
      timeoutMs: 300,
    });
    await assert.rejects(program.run(home, []), { code: 'BEADS_FAILED', message: /longer than 0\.3 s/ });
  });

  it('does not wait for a process that left its group and holds its output open (D10)', async () => {
    const slow = path.join(home, 'slow');
    const pid = path.join(home, 'pid');
    await writeFile(slow, `#!/bin/sh\nsetsid sh -c 'echo $$ > ${pid}; exec sleep 60' &\nexit 0\n`);
    await chmod(slow, 0o755);
    const program = new BeadsProgram({
      program: slow,
      folder: folder(),
      environment: process.env,
      trusted: () => true,
      timeoutMs: 1000,
    });
    try {
      await assert.rejects(program.run(home, []), { code: 'BEADS_FAILED', message: /longer than 1 s/ });
    } finally {
      process.kill(Number(await readFile(pid, 'utf8')), 'SIGKILL');
    }
  });

  it('asks again for what it is shown while another program has the database locked', async () => {
    const mark = path.join(home, 'broken');
    const beads = await opened('0.49', { FAKE_BD_BROKEN: mark });
    const epic = await beads.create({ title: 'Epic', body: 'why', type: 'epic' });
    await writeFile(mark, 'database is locked');
    const shown = beads.show([epic]);
    // The first call has been answered by then.
    while ((await callsOf(path.dirname(folder()))).filter(({ argv }) => argv[0] === 'show').length === 0)
      await delay(20);
    await rm(mark);
    assert.deepEqual(
      (await shown).map(({ id }) => id),
      [epic],
    );
  });
});
