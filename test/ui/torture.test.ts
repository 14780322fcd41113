/**
 * Several `ic` processes, a follower of events and the window itself, which writes through the palette and for another
 * extension, on one record at once. Nothing that was acknowledged may be lost, and the view shows the end of it.
 */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { Follower } from '../support/dispatch/follower';
import { ic } from '../support/ic/ic';
import { describeLong } from '../support/long';
import { sqlite3 } from '../support/records/sqlite3';
import { prepareFixture } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { stageExtension } from '../../tools/stagedExtension';
import { writeCompanion } from './support/companion';
import { createRun } from './support/forms';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, viewName } from './support/titles';
import { said } from './support/said';

const WRITERS = 8;
const LANES = 3;
const ADVANCES = 3;
const REACHED = 'planned';
const BY_HAND = 'Made by hand';
const LOOKS = 5;
const LOOSE_LIMIT_MS = 5000;

const companionLedger = z.object({ ledger: z.array(z.string()), failures: z.array(z.string()) });

/** Every row that a write left, in the words of the ledgers. */
const STORED = `
  SELECT 'run ' || id || ' ' || goal FROM runs
  UNION ALL SELECT 'event ' || run_id || ' ' || to_phase FROM phase_events
  UNION ALL SELECT 'artifact ' || id || ' ' || path FROM run_artifacts
  UNION ALL SELECT 'agent ' || id || ' ' || run_id FROM run_agents
  UNION ALL SELECT 'state ' || scope_id || ' ' || payload FROM state WHERE key = 'torture'`;

/** In every run, processes write at once without a window (`durability`, `kernelsTogether`, `tortureForeign`). */
describeLong('several ic processes, a follower and an open window, all at once', function () {
  this.timeout(300_000);
  let parent: string;
  let folder: string;
  let companion: string;

  const workbench = withWorkbench(async () => {
    parent = await makeTmpFolder('torture');
    const opens = await prepareFixture('folder', parent);
    if (opens.kind !== 'folder') throw new Error('this test opens a folder');
    folder = opens.path;
    companion = await writeCompanion(path.join(parent, 'companion'), LANES, ADVANCES);
    const extensions = [await stageExtension(path.join(parent, 'extension')), companion];
    return { opens, extensions, settings: { 'intercore.gates.tier': 'none' } };
  });

  after('remove the folder', () => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const runs = () => workbench().tree(viewName('runs'));
  const call = async (args: readonly string[], input = ''): Promise<string> => {
    const result = await ic(['--timeout=120s', ...args], { cwd: folder, input });
    assert.equal(result.code, 0, `ic ${args.join(' ')}: ${result.stderr}`);
    return result.stdout.trim();
  };

  /** One writer: a process for each write. It notes the acknowledged writes. */
  async function writer(n: number, ledger: string[]): Promise<void> {
    const run = await call(['run', 'create', `--goal=writer ${n}`]);
    ledger.push(`run ${run} writer ${n}`);
    for (let i = 0; i < ADVANCES; i += 1) {
      const moved = await call(['run', 'advance', run]);
      ledger.push(`event ${run} ${moved.split(' → ')[1] ?? ''}`);
      const file = `src/writer-${n}-${i}.js`;
      ledger.push(`artifact ${await call(['run', 'artifact', 'add', run, `--path=${file}`, '--phase=any'])} ${file}`);
    }
    ledger.push(`agent ${await call(['run', 'agent', 'add', run])} ${run}`);
    await call(['state', 'set', 'torture', `writer-${n}`], `{"n":${n}}`);
    ledger.push(`state writer-${n} {"n":${n}}`);
  }

  /** What a person does meanwhile. */
  async function byHand(): Promise<void> {
    const input = workbench().quickInput;
    await createRun(workbench(), BY_HAND);
    await runs().row(BY_HAND).waitFor();
    // Rows move all the time now, and a press of the mouse would meet another.
    await workbench().runCommand(inPalette('run.advance'));
    await input.waitFor(said('Select a run'));
    await input.pick(BY_HAND);
    await runs().row(BY_HAND).locator.filter({ hasText: 'brainstorm-reviewed' }).waitFor();
  }

  it('keep every acknowledged write, emit every event once and in order, and show how it ended', async () => {
    await call(['init']);
    await workbench().openContainer('Intercore');
    await runs().welcome.getByText('There are no runs yet').waitFor();
    const follower = new Follower(folder, '--consumer=torture');
    const ledger: string[] = [];
    const started = performance.now();
    await workbench().runCommand('Companion: Write');
    await Promise.all([
      ...Array.from({ length: WRITERS }, (_, n) => writer(n, ledger)),
      byHand(),
      workbench().notification('The companion has written.').first().waitFor({ timeout: 120_000 }),
    ]);
    console.log(`      ${WRITERS} processes and the window wrote for ${Math.round(performance.now() - started)} ms`);
    const noted = companionLedger.parse(JSON.parse(await readFile(path.join(companion, 'ledger.json'), 'utf8')));
    assert.deepEqual(noted.failures, []);

    const database = path.join(folder, '.clavain/intercore.db');
    const rows = async (sql: string): Promise<string[]> => (await sqlite3(database, sql)).split('\n');
    assert.deepEqual(await rows('PRAGMA integrity_check'), ['ok']);
    const hand = (await rows(`SELECT id FROM runs WHERE goal = '${BY_HAND}'`))[0] ?? '';
    const expected = [...ledger, ...noted.ledger, `run ${hand} ${BY_HAND}`, `event ${hand} brainstorm-reviewed`];
    assert.deepEqual((await rows(STORED)).sort(), expected.sort());

    const stored = await rows('SELECT id, run_id, to_phase FROM phase_events ORDER BY id');
    await follower.until(stored.length);
    const seen = await follower.stop();
    assert.deepEqual(
      seen.map(({ id, run_id, to_state }) => `${id}|${run_id}|${to_state}`),
      stored,
    );

    for (const [who, count] of [
      ['writer', WRITERS],
      ['window', LANES],
    ] as const) {
      for (let n = 0; n < count; n += 1) {
        await runs().row(`${who} ${n}`).locator.filter({ hasText: REACHED }).waitFor();
      }
    }
    assert.equal((await runs().labels()).length, WRITERS + LANES + 1);
    await workbench().screenshot('torture');
  });

  it('leave a window that shows what ic changes at once', async () => {
    const delays: number[] = [];
    for (let n = 0; n < LOOKS; n += 1) {
      await call(['run', 'create', `--goal=Late ${n}`]);
      const acknowledged = performance.now();
      await runs().row(`Late ${n}`).waitFor();
      delays.push(Math.round(performance.now() - acknowledged));
    }
    console.log(`      a change by ic shows in the view after ${delays.join(', ')} ms`);
    assert.ok(Math.min(...delays) < LOOSE_LIMIT_MS, delays.join(', '));
  });
});
