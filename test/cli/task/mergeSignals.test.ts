/** A merge that is asked to stop, with all it started: it is whole or undone, and the leader that follows leaves nothing of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../scripts/demo/repositories';
import { ic, IC_SCRIPT } from '../../support/ic/ic';
import { endOf, leaderEnvironment, startLeader } from '../../support/tasks/killedLeaders';
import { GOOD_WORKER, VillageStage } from '../../support/tasks/taskFixture';

/** A new file is filtered once beside the tree and once in it. */
const CASES = [
  { signal: 'SIGTERM', file: 1 },
  { signal: 'SIGINT', file: 2 },
  { signal: 'SIGHUP', file: 2 },
] as const;
const PLANNER = CASES.map(({ signal }) => `ic subtask create --title="${signal}"`).join('\n');

describe('a merge that is asked to stop', function () {
  this.timeout(240_000);
  let village: VillageStage;
  const at = (name: string): string => path.join(village.stage.root, name);

  beforeEach(async () => {
    village = await VillageStage.open();
    await village.write('.gitattributes', '*.txt filter=stopping\n');
    await village.git('add', '.gitattributes');
    await village.git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-qm', 'Filter');
    // Ends the whole group of the merge, as a terminal does, at the file whose number is in the name of a mark.
    const filter = `#!/bin/sh
      if [ -e ${at('signal')} ]; then
        n=$(($(cat ${at('count')} 2>/dev/null || echo 0) + 1)); echo $n > ${at('count')}
        [ -e ${at('stop')}-$n ] && kill -$(cat ${at('signal')}) -- -$(cat ${at('pid')}) && sleep 1
      fi
      cat\n`;
    await writeFile(at('filter.sh'), filter);
    await chmod(at('filter.sh'), 0o755);
    const config = ['config', '--file', path.join(village.stage.home, '.gitconfig')];
    await git(village.stage.home, [...config, 'filter.stopping.smudge', at('filter.sh')]);
    await git(village.stage.home, [...config, 'filter.stopping.clean', 'cat']);
  });
  afterEach(() => village.close());

  it('is whole or undone, and is completed when it is asked for again', async () => {
    const { project } = village.stage;
    const env = leaderEnvironment(village);
    const run = (...args: string[]) => ic(args, { cwd: project, env, input: 'Tell people.' });
    const lead = async (): Promise<void> => {
      await endOf(startLeader(village, '--once', '--allow-tasks'));
      await village.kernel.refresh();
    };
    await village.agents(PLANNER, GOOD_WORKER);
    await run('task', 'create', '--title=Late parcels', '--body-file=-', '--auto-start');
    await lead();
    for (const { signal, file } of CASES) {
      const [subtask] = village.kernel.read((r) =>
        r.db.rows('SELECT id, status FROM subtasks WHERE title = ?', [signal]),
      );
      const id = String(subtask?.['id']);
      assert.equal(subtask?.['status'], 'COMPLETED');
      const before = await village.git('rev-parse', 'main');
      await Promise.all([writeFile(at('signal'), signal.slice('SIG'.length)), writeFile(at(`stop-${file}`), '')]);
      const script = `echo $$ > ${at('pid')}; exec "$@"`;
      const words = ['-c', script, 'sh', process.execPath, IC_SCRIPT, 'subtask', 'merge', id];
      await endOf(spawn('sh', words, { cwd: project, env, stdio: 'ignore', detached: true }));
      assert.ok(existsSync(at('count')), `${signal} never came`);
      await Promise.all(['signal', 'count', `stop-${file}`].map((name) => rm(at(name), { force: true })));
      await lead();
      const isMerged = (await village.git('rev-parse', 'main')) !== before;
      assert.equal(existsSync(path.join(project, `${id}.txt`)), isMerged, signal);
      assert.equal(await village.git('status', '--porcelain', '--untracked-files=no'), '');
      assert.deepEqual(
        ['index.lock', 'intercore-merge'].filter((name) => existsSync(path.join(project, '.git', name))),
        [],
      );
      if (village.subtask(id).status !== 'MERGED') assert.equal((await run('subtask', 'merge', id)).code, 0);
      await village.kernel.refresh();
      assert.equal(village.subtask(id).status, 'MERGED');
      assert.equal(await village.git('show', `main:${id}.txt`), 'work');
    }
  });
});
