/** The sessions of a folder are found and followed, whenever their hosts write for the first time. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLog } from '../../../../src/host/log';
import { dispatchId } from '../../../../src/kernel/ids';
import { ProjectKernel } from '../../../../src/services/record/kernels';
import { FolderSessions } from '../../../../src/services/attention/sessions/folderSessions';
import { portfolioLocationAt } from '../../../../src/host/files/paths';
import { permission, SessionFixture } from '../../../support/dispatch/sessions';
import { testDeps } from '../../../support/projects';
import { createDispatch } from '../../../support/records/agentRows';
import { until } from '../../../support/until';

const ID = dispatchId.parse('disp0001');

describe('sessions of a folder', () => {
  it('are followed where their host writes after their dispatch was checked', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'intercore-'));
    const database = path.join(folder, '.clavain/intercore.db');
    const kernel = new ProjectKernel(portfolioLocationAt(database), testDeps());
    await kernel.load();
    await kernel.initialize();
    await createDispatch(database, ID, { agentType: 'acp' });
    await kernel.refresh();
    const session = await SessionFixture.make(folder, ID);
    const watch = new FolderSessions({ kernel, log: silentLog, storages: () => [folder], onChanged: () => undefined });
    try {
      await watch.look();
      assert.equal(watch.sessions.size, 0);
      await session.write({ requests: [permission()] });
      const requests = () => Promise.resolve(watch.sessions.get(ID)?.requests.length ?? 0);
      assert.equal(await until(requests, (count) => count > 0), 1);
    } finally {
      watch.dispose();
      await kernel.dispose();
      await rm(folder, { recursive: true });
    }
  });
});
