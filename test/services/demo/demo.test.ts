/** The demo as it is made, worked in and removed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { git } from '../../../scripts/demo/repositories';
import { SETTINGS } from '../../../src/contract/settings/settings';
import { createRun } from '../../../src/kernel/run/record/runs';
import { listProjects } from '../../../src/kernel/tasks/service';
import { isDemo, makeDemo, removeDemo } from '../../../src/services/demo/demo';
import { agentKind } from '../../../src/contract/agentKinds';
import { FolderLedger } from '../../../src/host/files/folderLedger';
import { FolderRegistry } from '../../../src/host/trusted/folderRegistry';
import { AgentConsents } from '../../../src/services/consent/agentConsent';
import { isCode, Projects } from '../../support/projects';
import { inProject, inTmp } from '../../../tools/project';

const consents = new AgentConsents(new FolderLedger(inTmp('demo-consents'), 'agents'));
const registry = new FolderRegistry(inTmp('demo-places', 'places.json'));
const parts = { registry, consents, scripts: inProject('media/demo'), environment: process.env };
const workspaceFile = z.object({
  folders: z.array(z.object({ path: z.string() })),
  settings: z.record(z.string(), z.unknown()),
});

describe('the demo', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();
  const place = async (): Promise<string> => path.join(await projects.folder(), 'demo');

  it('allows its own agent in its folders', async () => {
    const folder = await place();
    const { settings } = workspaceFile.parse(JSON.parse(await readFile(await makeDemo(folder, parts), 'utf8')));
    const [kind] = z.array(agentKind).parse(settings['intercore.agents.kinds']);
    assert.ok(kind !== undefined && consents.isAllowed(path.join(folder, 'parcel-web'), kind));
    assert.ok(!consents.isAllowed(path.join(folder, 'parcel-web'), { ...kind, args: ['other.mjs'] }));
    assert.ok(!consents.isAllowed(folder, kind));
  });

  it('has an agent that ends well without a task, and changes nothing', async () => {
    const folder = await projects.folder();
    const child = spawn(process.execPath, [inProject('media/demo/agent.mjs')], {
      cwd: folder,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [said, problem] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    assert.equal(child.exitCode, 0, problem);
    assert.match(said, /a script\..* I change nothing/);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is a workspace of two clean repositories that are projects, with settings that are valid', async () => {
    const folder = await place();
    const { folders, settings } = workspaceFile.parse(
      JSON.parse(await readFile(await makeDemo(folder, parts), 'utf8')),
    );
    for (const [name, value] of Object.entries(settings)) {
      const spec = Object.entries(SETTINGS).find(([known]) => known === name)?.[1];
      assert.ok(spec?.schema.safeParse(value).success, name);
    }
    assert.equal(folders.length, 2);
    for (const each of folders) {
      const clone = path.join(folder, each.path);
      assert.equal(await git(clone, ['status', '--porcelain']), '');
      const kernel = await projects.open(clone);
      assert.deepEqual(
        kernel.read((r) => listProjects(r).map(({ clonePath }) => clonePath)),
        [clone],
      );
    }
  });

  it('is kept, with what was done in it, when it is made again', async () => {
    const folder = await place();
    await makeDemo(folder, parts);
    const kernel = await projects.open(path.join(folder, 'parcel-api'));
    const run = await kernel.write((u) => createRun(u, { projectDir: kernel.folder, goal: 'Mine' }));
    await makeDemo(folder, parts);
    const again = await projects.open(kernel.folder);
    assert.ok(again.read((r) => r.db.rows('SELECT id FROM runs', [])).some(({ id }) => id === run.id));
  });

  it('takes no folder that holds anything, and removes none that is not its own', async () => {
    const folder = await place();
    await mkdir(path.join(folder, 'parcel-api'), { recursive: true });
    await writeFile(path.join(folder, 'parcel-api', 'mine.txt'), 'mine');
    await assert.rejects(makeDemo(folder, parts), isCode('FOLDER_TAKEN'));
    await assert.rejects(removeDemo(folder, registry), isCode('NOT_FOUND'));
    await writeFile(path.join(folder, '.intercore-demo.json'), '{"madeBy":"another","entries":["parcel-api"]}');
    await assert.rejects(removeDemo(folder, registry), isCode('NOT_FOUND'));
    // A marker that came with the folder.
    await writeFile(path.join(folder, '.intercore-demo.json'), '{"madeBy":"intercore","entries":["parcel-api"]}');
    await assert.rejects(makeDemo(folder, parts), isCode('FOLDER_TAKEN'));
    await assert.rejects(removeDemo(folder, registry), isCode('NOT_FOUND'));
    assert.equal(await readFile(path.join(folder, 'parcel-api', 'mine.txt'), 'utf8'), 'mine');
  });

  it('removes what it made and leaves what a person put beside it', async () => {
    const folder = await place();
    await makeDemo(folder, parts);
    await writeFile(path.join(folder, 'mine.txt'), 'mine');
    const marker = path.join(folder, '.intercore-demo.json');
    const text = await readFile(marker, 'utf8');
    // Whatever the marker says, nothing but our own is ours.
    await writeFile(marker, text.replace('"parcel-api"', '"parcel-api", "mine.txt", "..", ""'));
    assert.equal(await isDemo(folder, registry), false, 'a marker that names other places is none of ours');
    await writeFile(marker, text.replace('"parcel-api"', '"parcel-api", "mine.txt"'));
    await removeDemo(folder, registry);
    assert.deepEqual(await readdir(folder), ['mine.txt']);
  });

  it('goes whole, folder and all, and is made again', async () => {
    const folder = await place();
    await makeDemo(folder, parts);
    await removeDemo(folder, registry);
    assert.equal(existsSync(folder), false);
    await makeDemo(folder, parts);
    assert.equal(await isDemo(folder, registry), true);
  });

  it('is left when it cannot be made, with nothing of it', async () => {
    const folder = await place();
    const { PATH } = process.env;
    process.env['PATH'] = await projects.folder();
    try {
      await assert.rejects(makeDemo(folder, parts), isCode('GIT_MISSING'));
    } finally {
      process.env['PATH'] = PATH;
    }
    assert.equal(existsSync(folder), false);
  });
});
