/** Opens one window for a `describe`, closes it afterwards, and keeps what it showed when a test failed. */
import type { SessionOptions } from './session';
import { takeFailurePicture } from './picture';
import { Workbench } from './workbench';

const OPEN_TIMEOUT_MS = 180_000;
const SHOWN_CONSOLE_LINES = 20;
/** Marks what an extension wrote; everything else is the workbench about itself. */
const EXTENSION_HOST = '[Extension Host]';

/**
 * Call it inside `describe`; call what it returns inside a test. After a failed test a picture of the window is in
 * `.tmp/test-failures` and the last lines that extensions wrote to the console are printed.
 */
export function withWorkbench(options: SessionOptions | (() => Promise<SessionOptions>) = {}): () => Workbench {
  let workbench: Workbench | undefined;

  before('open the window', async function () {
    this.timeout(OPEN_TIMEOUT_MS);
    workbench = await Workbench.open(typeof options === 'function' ? await options() : options);
  });

  afterEach('keep what a failed test saw', async function () {
    const test = this.currentTest;
    if (workbench === undefined || test?.state !== 'failed') return;
    console.log(`      picture: ${await takeFailurePicture(workbench.page, test.fullTitle())}`);
    const lines = workbench.session.console.filter((line) => line.includes(EXTENSION_HOST));
    for (const line of lines.slice(-SHOWN_CONSOLE_LINES)) console.log(`      console: ${line}`);
    await workbench.page.keyboard.press('Escape');
  });

  after('close the window', async function () {
    await workbench?.close();
  });

  return () => {
    if (workbench === undefined) throw new Error('The window is open only while a test runs.');
    return workbench;
  };
}
