/** A portfolio in the hands of `ic`: the record of a child that another user owns is not taken. */
import assert from 'node:assert/strict';
import { refuseOthersRecord } from '../../../../src/cli/host/recordOwner';
import { FolderLedger } from '../../../../src/host/files/folderLedger';
import { ledgerFolder } from '../../../../src/host/state/stateFolder';
import { PortfolioLinks } from '../../../../src/services/portfolio/snapshot/links';
import { isCode, Projects, testDeps } from '../../../support/projects';
import { RelayFixture } from '../../../support/portfolio/relayFixture';

const OTHER = 54_321;

describe('a child record that another user owns', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  async function fixture(): Promise<{ fixture: RelayFixture; admit: (database: string) => void; trust: () => void }> {
    const made = await RelayFixture.create(projects, ['api', 'web']);
    const env = { XDG_STATE_HOME: made.at('state') };
    const ownerOf = (file: string): number | undefined =>
      file.startsWith(made.at('web')) ? OTHER : process.geteuid?.();
    return {
      fixture: made,
      admit: (database) => refuseOthersRecord(database, env, ownerOf),
      trust: () => new FolderLedger(ledgerFolder(env), 'owners').add(made.at('web'), ['trusted']),
    };
  }

  it('is reported on its row and not read, while the others are', async () => {
    const { fixture: made, admit } = await fixture();
    await made.advance('api', 2);
    await made.advance('web', 2);
    const home = await made.otherHome({ admit });
    const relay = made.relay({}, home);
    await relay.cycle();
    assert.deepEqual(
      [...relay.problems].map(([id, { code }]) => [id, code]),
      [[made.childId('web'), 'RECORD_OF_OTHERS']],
    );
    assert.equal(await made.mirror('api'), 'p2 active');
    assert.equal(await made.mirror('web'), 'p0 active');
  });

  it('is not written to', async () => {
    const { fixture: made, admit } = await fixture();
    const home = await made.otherHome({ admit });
    const kernel = home.childKernel(made.at('web'));
    await kernel.load();
    await assert.rejects(
      kernel.write(() => undefined),
      isCode('RECORD_OF_OTHERS'),
    );
    await assert.rejects(kernel.initialize(), isCode('RECORD_OF_OTHERS'));
  });

  it('leaves the gate of its portfolio shut', async () => {
    const { fixture: made, admit } = await fixture();
    const links = new PortfolioLinks({ kernelDeps: testDeps({ admit }), openKernel: () => undefined });
    projects.closing(() => links.dispose());
    const { unreadable } = await links.outsideFacts(made.home.kernel, made.portfolioId, 'hard');
    assert.deepEqual(
      [...(unreadable ?? [])].map(([id]) => id),
      [made.childId('web')],
    );
  });

  it('is taken once this user has trusted its owner for the folder', async () => {
    const { fixture: made, admit, trust } = await fixture();
    trust();
    await made.advance('web', 2);
    const home = await made.otherHome({ admit });
    const relay = made.relay({}, home);
    await relay.cycle();
    assert.equal(relay.problems.size, 0);
    assert.equal(await made.mirror('web'), 'p2 active');
  });
});
