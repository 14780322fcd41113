/** A merge and its processes receive a signal: the merge is complete or undone, and the next leader cleans up. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../../scripts/demo/repositories';
import { ic, IC_SCRIPT } from '../../../support/ic/ic';
import { endOf, leaderEnvironment, startLeader } from '../../../support/tasks/killedLeaders';
import { GOOD_WORKER, TaskFixture } from '../../../support/tasks/taskFixture';

/** A new file is filtered twice: once next to the tree and once in it. */
const CASES = [
  { signal: 'SIGTERM', file: 1 },
  { signal: 'SIGINT', file: 2 },
  { signal: 'SIGHUP', file: 2 },
] as const;
const PLANNER = CASES.map(({ signal }) => `ic subtask create --title="${signal}"`).join('\n');

describe('a merge that receives a signal', function () {
  this.timeout(240_000);
  let fixture: TaskFixture;
  const at = (name: string): string => path.join(fixture.stage.root, name);

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    await fixture.write('.gitattributes', '*.txt filter=stopping\n');
    await fixture.git('add', '.gitattributes');
    await fixture.git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-qm', 'Filter');
    // Signals the whole process group of the merge, as a terminal does, at the file whose number is in the name of a
    // mark.
    const filter = `#!/bin/sh
      if [ -e ${at('signal')} ]; then
        n=$(($(cat ${at('count')} 2>/dev/null || echo 0) + 1)); echo $n > ${at('count')}
        [ -e ${at('stop')}-$n ] && kill -$(cat ${at('signal')}) -- -$(cat ${at('pid')}) && sleep 1
      fi
      cat\n`;
    await writeFile(at('filter.sh'), filter);
    await chmod(at('filter.sh'), 0o755);
    const config = ['config', '--file', path.join(fixture.stage.home, '.gitconfig')];
    await git(fixture.stage.home, [...config, 'filter.stopping.smudge', at('filter.sh')]);
    await git(fixture.stage.home, [...config, 'filter.stopping.clean', 'cat']);
  });
  afterEach(() => fixture.close());

  it('is complete or undone, and is completed by the next call', async () => {
    const { project } = fixture.stage;
    const env = leaderEnvironment(fixture);
    const run = (...args: string[]) => ic(args, { cwd: project, env, input: 'Tell people.' });
    const lead = async (): Promise<void> => {
      await endOf(startLeader(fixture, '--once', '--allow-tasks'));
      await fixture.kernel.refresh();
    };
    await fixture.agents(PLANNER, GOOD_WORKER);
    await run('task', 'create', '--title=Late parcels', '--body-file=-', '--auto-start');
    await lead();
    for (const { signal, file } of CASES) {
      const [subtask] = fixture.kernel.read((r) =>
        r.db.rows('SELECT id, status FROM subtasks WHERE title = ?', [signal]),
      );
      const id = String(subtask?.['id']);
      assert.equal(subtask?.['status'], 'COMPLETED');
      const before = await fixture.git('rev-parse', 'main');
      await Promise.all([writeFile(at('signal'), signal.slice('SIG'.length)), writeFile(at(`stop-${file}`), '')]);
      const script = `echo $$ > ${at('pid')}; exec "$@"`;
      const words = ['-c', script, 'sh', process.execPath, IC_SCRIPT, 'subtask', 'merge', id];
      await endOf(spawn('sh', words, { cwd: project, env, stdio: 'ignore', detached: true }));
      assert.ok(existsSync(at('count')), `${signal} never came`);
      await Promise.all(['signal', 'count', `stop-${file}`].map((name) => rm(at(name), { force: true })));
      await lead();
      const isMerged = (await fixture.git('rev-parse', 'main')) !== before;
      assert.equal(existsSync(path.join(project, `${id}.txt`)), isMerged, signal);
      assert.equal(await fixture.git('status', '--porcelain', '--untracked-files=no'), '');
      assert.deepEqual(
        ['index.lock', 'intercore-merge'].filter((name) => existsSync(path.join(project, '.git', name))),
        [],
      );
      if (fixture.subtask(id).status !== 'MERGED') assert.equal((await run('subtask', 'merge', id)).code, 0);
      await fixture.kernel.refresh();
      assert.equal(fixture.subtask(id).status, 'MERGED');
      assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
    }
  });
});
