/** Two windows on one folder that answer the same request of an agent at once. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SessionCommand } from '../../src/contract/sessions';
import { storageFolder } from '../../src/host/state/stateFolder';
import { makeTmpFolder } from '../../tools/project';
import { permission, SessionFixture } from '../support/dispatch/sessions';
import { ic } from '../support/ic/ic';
import { describeLong } from '../support/long';
import { until } from '../support/until';
import { said } from './support/said';
import { titleOf, viewName } from './support/titles';
import { withWorkbench } from './support/withWorkbench';
import { Workbench } from './support/workbench';

describeLong('a request that two windows answer at once', function () {
  this.timeout(180_000);
  let scratch: string;
  let second: Workbench | undefined;
  let session: SessionFixture;
  let dispatchId: string;

  after('end the agent', () => does('dispatch', 'kill', dispatchId));
  const workbench = withWorkbench();
  after('close the other window', () => second?.close());
  after('remove the prompt', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const folder = (): string => {
    const { opened } = workbench().session;
    return opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
  };
  const windows = (): readonly [Workbench, Workbench] => [workbench(), second ?? assert.fail('two windows are open')];
  const rowIn = (window: Workbench) => window.tree(viewName('needsYou')).row('Reviewer');
  const does = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await ic(args, { cwd: folder() });
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };

  const answers = async (): Promise<SessionCommand[]> =>
    (await session.commands()).filter(({ kind }) => kind === 'answer');

  before('start an agent and open the other window', async () => {
    scratch = await makeTmpFolder('two-windows');
    await does('init');
    const script = path.join(scratch, 'reviewer.sh');
    await writeFile(script, 'exec sleep 600\n');
    dispatchId = await does('dispatch', 'spawn', '--type=shell', '--name=Reviewer', `--prompt-file=${script}`);
    session = await SessionFixture.make(storageFolder(process.env), dispatchId);
    await session.write({ requests: [permission()] });
    // The window may have searched for a session before there was one; a change of the dispatch lets it search again.
    await does('dispatch', 'tokens', dispatchId, '--in=1');
    second = await Workbench.open({ opens: { kind: 'folder', path: folder() } });
    for (const window of windows()) {
      await window.openContainer('Intercore');
      await window.widenSidebar(640);
      await rowIn(window).waitFor();
    }
  });
  it('is answered once; the other window names the answer that was first', async () => {
    const [first, other] = windows();
    await Promise.all([
      rowIn(first).inlineAction(titleOf('session.allow')),
      rowIn(other).contextMenu(titleOf('session.allow')),
    ]);
    const given = await until(answers, (all) => all.length > 0);
    assert.deepEqual(given, [{ kind: 'answer', number: 1, answer: 'allow', by: 'vscode' }]);
    const refusal = said('Request {number} of dispatch {dispatchId} was already answered by {by}: {answer}.', {
      number: 1,
      dispatchId,
      by: 'vscode',
      answer: 'allow',
    });
    const shown = (window: Workbench): Promise<number> => window.notification(refusal).count();
    const counts = await until(
      () => Promise.all(windows().map(shown)),
      (all) => all.some((count) => count > 0),
    );
    assert.deepEqual(counts.toSorted(), [0, 1]);
    await other.screenshot('answered-elsewhere');
    await session.write();
    for (const window of windows()) await rowIn(window).locator.waitFor({ state: 'detached' });
    assert.deepEqual(await answers(), given);
  });
});
