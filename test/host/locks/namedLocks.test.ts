/** Named locks follow no link, delete nothing but lock files, and lie where no other user reaches. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../src/host/clock';
import { NamedLocks, namedLockBase } from '../../../src/host/locks/namedLocks';

describe('named locks', () => {
  let root = '';
  let base = '';

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'locks-'));
    base = path.join(root, 'intercore', 'locks');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const locks = (): NamedLocks => new NamedLocks(systemClock, base);
  const owner = (pid: number) => ({ pid, host: 'h', owner: `${pid}:h`, created: 0 });

  it('are kept in the runtime folder of the user, or in one that bears the user’s id', () => {
    assert.equal(namedLockBase({ XDG_RUNTIME_DIR: '/run/user/7' }), '/run/user/7/intercore/locks');
    assert.match(namedLockBase({}), new RegExp(`/intercore-${process.getuid?.() ?? ''}[^/]*/locks$`));
    assert.notEqual(namedLockBase({ XDG_RUNTIME_DIR: 'relative' }), 'relative/intercore/locks');
  });

  it('are not cleaned through a link, neither of a name nor of a scope', async () => {
    const outside = path.join(root, 'outside');
    await mkdir(path.join(outside, 'scope'), { recursive: true });
    await writeFile(path.join(outside, 'scope', 'precious'), '');
    await writeFile(path.join(outside, 'precious'), '');
    await locks().acquire('kept', 's', owner(1), 0);
    await symlink(outside, path.join(base, 'name'));
    await symlink(path.join(outside, 'scope'), path.join(base, 'kept', 'linked'));
    assert.equal(await locks().clean(0), 1);
    assert.ok(existsSync(path.join(outside, 'scope', 'precious')));
    assert.ok(existsSync(path.join(outside, 'precious')));
    await assert.rejects(locks().acquire('name', 'new', owner(1), 0), { code: 'LOCKS_UNSAFE' });
  });

  it('stay where anything else is in their folder', async () => {
    const folder = path.join(base, 'name', 'scope');
    await locks().acquire('name', 'scope', owner(1), 0);
    await mkdir(path.join(folder, 'work'));
    await writeFile(path.join(folder, 'work', 'precious'), '');
    assert.equal(await locks().clean(0), 0);
    assert.ok(existsSync(path.join(folder, 'work', 'precious')));
  });

  it('are refused in a folder that is a link, or that other users may enter', async () => {
    await mkdir(path.join(root, 'elsewhere', 'locks'), { recursive: true, mode: 0o700 });
    await symlink(path.join(root, 'elsewhere'), path.join(root, 'intercore'));
    await assert.rejects(locks().clean(0), { code: 'LOCKS_UNSAFE', message: /it is a link/ });
    await rm(path.join(root, 'intercore'));
    await locks().acquire('n', 's', owner(1), 0);
    await chmod(base, 0o777);
    await assert.rejects(locks().clean(0), { code: 'LOCKS_UNSAFE', message: /other users may enter it/ });
    await assert.rejects(locks().acquire('n', 't', owner(1), 0), { code: 'LOCKS_UNSAFE' });
  });

  it('count the process of an owner file as gone unless its id can be that of a script', async () => {
    for (const pid of [1, 0, -1, -process.pid]) {
      await locks().acquire(`n${pid}`, 's', owner(pid), 0);
    }
    assert.equal(await locks().clean(0), 4);
    await locks().acquire('own', 's', owner(process.pid), 0);
    assert.equal(await locks().clean(0), 0);
  });

  it('are not broken where another program has taken them since their age was read', async () => {
    await locks().acquire('name', 'scope', owner(1), 0);
    const file = path.join(base, 'name', 'scope', 'owner.json');
    const fresh = { ...owner(2), created: Math.floor(Date.now() / 1000) };
    let reads = 0;
    // The age is compared right after the owner was read: at that moment the other program breaks the lock and takes it.
    const clock = {
      nowMs: () => {
        reads += 1;
        if (reads === 2) writeFileSync(file, JSON.stringify(fresh));
        return Date.now();
      },
    };
    assert.equal(await new NamedLocks(clock, base).acquire('name', 'scope', owner(3), 0), false);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), fresh);
  });
});
